import type { Audience, Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'

/** How a release ended; `stuck` needs a person. */
export type Outcome = 'promoted' | 'reverted' | 'stuck'

/** What every phase has. */
export interface Common {
  readonly plan: Plan
  /** The candidate's weight as last written by us. */
  readonly weight: number
  /** Who reaches the candidate beside its weight, as last written by us. */
  readonly audience: Audience
  /** Steps that failed in a row. */
  readonly failures: number
  /** Nothing is tried again before this time. */
  readonly notBefore: number
  /** Somebody asked for a pause at the end of the stage. */
  readonly pauseWanted: boolean
}

/** Where a release stands: one phase with just the fields that phase has. Plain JSON, so that saved equals replayed. */
export type ReleaseState = Common &
  (
    | { readonly phase: 'deploying' }
    | { readonly phase: 'readying'; readonly since: number; readonly inspectedAt: number; readonly waitingFor: string }
    | {
        readonly phase: 'shifting'
        readonly stage: number
        readonly since: number
        readonly inspectedAt: number
        readonly capable: boolean
        readonly waitingFor: string
      }
    | {
        readonly phase: 'baking'
        readonly stage: number
        readonly enteredAt: number
        readonly analysedAt: number
        readonly fails: number
        readonly verdict: Verdict
        readonly reason: string
      }
    | { readonly phase: 'paused'; readonly stage: number; readonly at: number; readonly reason: string }
    | {
        readonly phase: 'promoting'
        readonly stableReplaced: boolean
        readonly routed: boolean
        readonly retired: boolean
        readonly reason: string
      }
    | { readonly phase: 'reverting'; readonly routed: boolean; readonly retired: boolean; readonly reason: string }
    | { readonly phase: Outcome; readonly at: number; readonly reason: string }
  )
