import type { Audience, Plan } from './plan.ts'
import type { Colour, Shares } from './shares.ts'
import type { Outcome, ReleaseState } from './release-state.ts'
import type { Measurement, Verdict } from './verdict.ts'

export type { Outcome } from './release-state.ts'

/** The two sides of a release: what serves now, and what is being tried. */
export type Track = 'stable' | 'candidate'

/** Where a version came from, as far as the run that released it could tell; empty where it could not. */
export interface Origin {
  /** Page of the repository, for example `https://github.com/owner/repo`. */
  readonly repository: string
  readonly commit: string
  /** Branch or tag, for example `refs/tags/v1.2.3`. */
  readonly ref: string
  /** Who started the run that released it. */
  readonly actor: string
  /** Page of that run. */
  readonly run: string
}

/** The origin of what nobody ever wrote down. */
export const UNKNOWN_ORIGIN: Origin = { repository: '', commit: '', ref: '', actor: '', run: '' }

/** Who and what one release is about; does not change while it runs. */
export interface Release {
  readonly id: string
  readonly service: string
  readonly version: string
  /** The version stable runs; null when nobody ever said. */
  readonly previousVersion: string | null
  readonly stable: Colour
  readonly candidate: Colour
  /** Who asked for it, for example `owner/repo#123/1 (octocat)`. */
  readonly by: string
  /** Where the version came from. */
  readonly origin: Origin
  /** Where the version that stable runs came from. */
  readonly previousOrigin: Origin
  /** The services that are released in lock step; empty for one service alone. */
  readonly members: readonly Member[]
}

/** One of several services that are released as one. */
export interface Member {
  readonly service: string
  readonly version: string
  /** Its own colour for each colour of the release: roles may be the other way round. */
  readonly colours: Readonly<Record<Colour, Colour>>
}

/** Everything that can happen to a release; the journal is the list of these. `at` is milliseconds since the epoch. */
export type ReleaseEvent = { readonly at: number } & (
  | { readonly type: 'release-started'; readonly release: Release; readonly plan: Plan; readonly weight: number }
  | {
      readonly type: 'rollback-started'
      readonly release: Release
      readonly plan: Plan
      readonly weight: number
      readonly reason: string
    }
  /** A run ended between a write and its journal: what is saved with the weights is the truth to go on from. */
  | { readonly type: 'gap-found'; readonly state: ReleaseState }
  | { readonly type: 'release-resumed'; readonly by: string }
  | { readonly type: 'candidate-deployed'; readonly tookMs: number }
  | { readonly type: 'candidate-inspected'; readonly ready: boolean; readonly summary: string }
  | {
      readonly type: 'traffic-shifted'
      readonly weight: number
      readonly audience: Audience
      readonly tookMs: number
    }
  | {
      readonly type: 'analysis-completed'
      readonly stage: string
      readonly verdict: Verdict
      readonly measurements: readonly Measurement[]
    }
  | { readonly type: 'stage-passed'; readonly stage: string; readonly reason: string }
  | { readonly type: 'drift-found'; readonly expected: Shares; readonly found: Shares | null }
  | { readonly type: 'pause-requested'; readonly by: string }
  | { readonly type: 'release-paused'; readonly reason: string }
  | { readonly type: 'promotion-requested'; readonly by: string; readonly to: number | null }
  | { readonly type: 'abort-requested'; readonly by: string; readonly reason: string }
  | { readonly type: 'revert-started'; readonly reason: string }
  | { readonly type: 'stable-replaced' }
  | { readonly type: 'track-retired'; readonly track: Track }
  | {
      readonly type: 'step-failed'
      readonly step: string
      readonly code: string
      readonly message: string
      /** Trying again cannot help. */
      readonly final: boolean
    }
  | { readonly type: 'release-finished'; readonly outcome: Outcome; readonly reason: string }
)

/** What a journal begins with: everything after it follows from it. */
export type Beginning = Extract<ReleaseEvent, { type: 'release-started' | 'rollback-started' | 'gap-found' }>

export function isBeginning(event: ReleaseEvent): event is Beginning {
  return event.type === 'release-started' || event.type === 'rollback-started' || event.type === 'gap-found'
}

/** Whether it begins a release or a rollback, and nothing that was written down before belongs to it. */
export function beginsAnew(event: { readonly type: ReleaseEvent['type'] } | undefined): boolean {
  return event?.type === 'release-started' || event?.type === 'rollback-started'
}
