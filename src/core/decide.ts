import { toDuration } from './duration.ts'
import type { Outcome, Track } from './events.ts'
import { hasAudience, NOBODY, type Audience, type Stage } from './plan.ts'
import { isFinished, type ReleaseState } from './state.ts'

/** What to do now. Only the loop carries it out. */
export type Decision =
  | { readonly do: 'deploy'; readonly track: Track }
  | { readonly do: 'inspect'; readonly weight: number }
  | { readonly do: 'shift'; readonly weight: number; readonly audience: Audience }
  | { readonly do: 'analyse'; readonly stage: Stage; readonly from: number; readonly shiftedAt: number }
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'pass'; readonly stage: Stage; readonly reason: string }
  | { readonly do: 'pause'; readonly reason: string }
  | { readonly do: 'revert'; readonly reason: string }
  | { readonly do: 'retire'; readonly track: Track }
  | { readonly do: 'finish'; readonly outcome: Outcome; readonly reason: string }
  | { readonly do: 'stop' }

type In<Phase extends ReleaseState['phase']> = Extract<ReleaseState, { phase: Phase }>

/** Pods are asked this often while the release waits for them. */
const INSPECT_MS = 2_000

function bake(state: In<'baking'>, now: number): Decision {
  const stage = state.plan.stages[state.stage]
  if (stage === undefined) return { do: 'revert', reason: `the plan has no stage ${state.stage}` }
  if (state.fails > state.plan.limits.fails) return { do: 'revert', reason: `stage ${stage.name}: ${state.reason}` }
  const elapsed = now - state.enteredAt
  const analysed = state.analysedAt > 0
  if (analysed && state.verdict === 'pass' && elapsed >= stage.minMs) {
    return stage.approval || state.pauseWanted
      ? {
          do: 'pause',
          reason: stage.approval ? `stage ${stage.name} passed and asks for approval` : 'a pause was asked for',
        }
      : { do: 'pass', stage, reason: state.reason }
  }
  if (elapsed >= stage.maxMs && analysed && state.analysedAt >= state.enteredAt + stage.maxMs) {
    const why = `stage ${stage.name}: no decision after ${toDuration(stage.maxMs)}: ${state.reason}`
    const policy = state.plan.policies.onInconclusive
    // Going on without having seen anything would be a pass without data.
    if (policy === 'continue' && state.verdict === 'undecided') return { do: 'pass', stage, reason: why }
    return policy === 'pause' ? { do: 'pause', reason: why } : { do: 'revert', reason: why }
  }
  // Gates look only at what came after the weight was live, hence the first look is an interval later.
  const from = state.enteredAt + (stage.gates.length > 0 ? state.plan.settleMs : 0)
  const first = Math.max(from + (stage.gates.length > 0 ? state.plan.intervalMs : 0), 0)
  let due = analysed ? state.analysedAt + state.plan.intervalMs : first
  // The last look of a stage is at the borders that matter, not one interval after them.
  for (const border of [stage.minMs, stage.maxMs]) {
    const at = state.enteredAt + border
    if (state.analysedAt < at && at < due) due = Math.max(at, Math.min(first, due))
  }
  return due > now ? { do: 'wait', until: due } : { do: 'analyse', stage, from, shiftedAt: state.enteredAt }
}

function shift(state: In<'shifting'>, now: number): Decision {
  const stage = state.plan.stages[state.stage]
  if (stage === undefined) return { do: 'revert', reason: `the plan has no stage ${state.stage}` }
  const { weight, match, mirror } = stage.route
  const audience = { match, mirror }
  const isMore = weight > state.weight || hasAudience(audience)
  if (!isMore || state.capable) return { do: 'shift', weight, audience }
  if (now - state.since >= stage.maxMs) {
    return { do: 'revert', reason: `stage ${stage.name}: the candidate cannot carry ${weight} %: ${state.waitingFor}` }
  }
  const due = state.inspectedAt === 0 ? now : state.inspectedAt + INSPECT_MS
  return due > now ? { do: 'wait', until: due } : { do: 'inspect', weight }
}

function promote(state: In<'promoting'>): Decision {
  const { plan } = state
  if (plan.ending === 'replace') {
    if (!state.stableReplaced) return { do: 'deploy', track: 'stable' }
    if (!state.routed) return { do: 'shift', weight: 0, audience: NOBODY }
    if (!state.retired) return { do: 'retire', track: 'candidate' }
    return { do: 'finish', outcome: 'promoted', reason: state.reason }
  }
  if (!state.routed) return { do: 'shift', weight: 100, audience: NOBODY }
  if (plan.retire === 'remove' && plan.policies.keepOldMs === null && !state.retired)
    return { do: 'retire', track: 'stable' }
  return { do: 'finish', outcome: 'promoted', reason: state.reason }
}

/** What to do in this state at this time (milliseconds since the epoch). Pure. */
export function decide(state: ReleaseState, now: number): Decision {
  if (state.notBefore > now) return { do: 'wait', until: state.notBefore }
  switch (state.phase) {
    case 'deploying':
      // A colour that still gets requests (99/1) is emptied before anything is deployed to it.
      if (state.weight !== state.plan.base) return { do: 'shift', weight: state.plan.base, audience: NOBODY }
      return { do: 'deploy', track: 'candidate' }
    case 'readying': {
      if (now - state.since >= state.plan.readyMs && state.inspectedAt > 0) {
        return {
          do: 'revert',
          reason: `the candidate was not ready after ${toDuration(state.plan.readyMs)}: ${state.waitingFor}`,
        }
      }
      const due = state.inspectedAt === 0 ? now : state.inspectedAt + INSPECT_MS
      return due > now ? { do: 'wait', until: due } : { do: 'inspect', weight: 0 }
    }
    case 'shifting':
      return shift(state, now)
    case 'baking':
      return bake(state, now)
    case 'promoting':
      return promote(state)
    case 'reverting':
      // Never trusting memory: a run may have died between the write and the save.
      if (!state.routed) return { do: 'shift', weight: state.plan.base, audience: NOBODY }
      if (state.plan.retire === 'remove' && !state.retired) return { do: 'retire', track: 'candidate' }
      return { do: 'finish', outcome: 'reverted', reason: state.reason }
    case 'paused':
    case 'promoted':
    case 'reverted':
    case 'stuck':
      return { do: 'stop' }
    default:
      return state satisfies never
  }
}

/** Why a person's command cannot be obeyed in this state; undefined when it can. */
export function refusal(
  command: 'promote' | 'pause' | 'abort',
  state: ReleaseState,
  to: number | null = null,
): string | undefined {
  if (command === 'abort') {
    if (state.phase === 'promoted') return 'the release is already promoted: use rollback'
    if (state.phase === 'promoting' && state.plan.ending === 'replace' && state.stableReplaced) {
      return 'stable already runs the new version: going back to it would change nothing'
    }
    return undefined
  }
  if (isFinished(state)) return `the release has ended: ${state.phase}`
  if (state.phase === 'reverting') return 'the release is being reverted'
  if (state.phase === 'promoting') return 'the release is already being promoted'
  if (command === 'promote' && to !== null) {
    const weights = state.plan.stages.map((stage) => stage.route.weight)
    if (!weights.includes(to)) return `there is no stage of ${to} % (there are: ${weights.join(', ')})`
    if (to <= state.weight && state.phase !== 'shifting') return `the candidate already has ${state.weight} %`
    if (state.phase === 'deploying' || state.phase === 'readying') return 'the candidate is not ready yet'
  }
  return undefined
}
