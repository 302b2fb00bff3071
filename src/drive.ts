import { isDeepStrictEqual } from 'node:util'
import { decide } from './core/decide.ts'
import { beginsAnew, type Outcome, type Release, type ReleaseEvent } from './core/events.ts'
import { describeShares } from './core/shares.ts'
import { isFinished, replay, type ReleaseState } from './core/state.ts'
import { ReleaseError, toReleaseError } from './errors.ts'
import { decodeSaved, type Saved } from './core/saved.ts'
import { Ledger, type Draft } from './ledger.ts'
import { Steps, type Course } from './steps.ts'

/** How a run ended; the release may go on in another run when it is `paused` or `interrupted`. */
export interface Report {
  readonly outcome: Outcome | 'paused' | 'interrupted'
  readonly reason: string
  readonly release: Release
  readonly state: ReleaseState
  readonly journal: readonly ReleaseEvent[]
}

/** How the run ends when there is nothing left to do. */
function endOf(state: ReleaseState): Report['outcome'] {
  if (state.phase === 'promoted' || state.phase === 'reverted' || state.phase === 'stuck') return state.phase
  if (state.phase === 'paused') return 'paused'
  throw new ReleaseError('INTERNAL', `stopped in phase ${state.phase}`)
}

/** Why the release is where it is; empty in phases without a reason. */
function reasonOf(state: ReleaseState): string {
  return 'reason' in state ? state.reason : ''
}

/** Why the run is going on in spite of its orders. */
type Turn = 'go-on' | 'interrupted'

/** A kubeconfig is read again after a refusal, so that renewed credentials are found; after this long there are none. */
const REFUSED_MS = 60_000
const REFUSALS: ReadonlySet<string> = new Set(['CLUSTER_FORBIDDEN', 'CLUSTER_UNAUTHORIZED'])

const NEVER_AGAIN = new Set([
  'CLUSTER_FORBIDDEN',
  'CLUSTER_REJECTED',
  'ROUTE_NOT_FOUND',
  'DEPLOY_FAILED',
  'UNSUPPORTED_PLAN',
])

/**
 * Drives a release until it ends, pauses or is interrupted: decide → perform → evolve → save → tell.
 *
 * Events gather until a write saves them together with the weights they belong to, in one patch; listeners hear of
 * them after that, never before.
 * @throws ReleaseError STATE_CONFLICT when another driver took over and did not bring traffic back
 */
export async function drive(
  saved: Saved,
  first: readonly Draft[],
  journal: readonly ReleaseEvent[],
  course: Course,
): Promise<Report> {
  const { clock, traffic } = course
  const { release } = saved
  const ledger = new Ledger(saved, journal, course)
  let cancelled = false

  /** The person or the runner wants an end, and the loop has not heeded it yet. */
  const isCancelled = (): boolean => course.cancel.aborted && !cancelled

  /** After a cancel was heeded, what brings traffic back must not be cut short by the same signal. */
  const cut = (): AbortSignal => (cancelled ? AbortSignal.any([]) : course.cancel)

  const steps = new Steps(ledger, course, { isWanted: isCancelled, signal: cut })

  /** What a cancelled run does: turn back at once, or leave everything as it is for the next one. */
  const heed = (): Turn => {
    if (!isCancelled()) return 'go-on'
    cancelled = true
    const movesNothing =
      isFinished(ledger.state) || ledger.state.phase === 'reverting' || ledger.state.phase === 'promoting'
    if (movesNothing) return 'go-on'
    if (ledger.state.plan.policies.onCancel === 'hold') return 'interrupted'
    ledger.happen({ type: 'abort-requested', by: course.fence.holder, reason: 'the run was cancelled' })
    return 'go-on'
  }

  const report = (outcome: Report['outcome'], reason: string): Report => ({
    outcome,
    reason,
    release,
    state: ledger.state,
    journal: ledger.journal,
  })

  /** Another driver raised the fence: when it brought traffic back, this run ends as reverted with it. */
  const yieldTo = async (lost: ReleaseError): Promise<Report> => {
    const live = await traffic.read()
    const theirs = decodeSaved(live.notes.state)
    if (
      theirs?.release.id === release.id &&
      // Our own note that we are going back is no sign that anybody did.
      theirs.holder !== course.fence.holder &&
      (theirs.state.phase === 'reverting' || theirs.state.phase === 'reverted')
    ) {
      ledger.state = theirs.state
      const event: ReleaseEvent = {
        type: 'release-finished',
        at: clock.now(),
        outcome: 'reverted',
        reason: theirs.state.reason,
      }
      ledger.tell([event])
      return report('reverted', theirs.state.reason)
    }
    throw lost
  }

  try {
    if (!beginsAnew(first[0]) && !isDeepStrictEqual(replay(journal), saved.state)) {
      ledger.happen({ type: 'gap-found', state: saved.state })
    }
    for (const draft of first) ledger.happen(draft)
    // A way back waits for nothing: its first write carries the weights too.
    const isWayBack = ledger.state.phase === 'reverting' || first[0]?.type === 'rollback-started'
    if (!isWayBack) await ledger.save()
    let unsavedTries = 0
    let unsavedSince: number | null = null
    for (;;) {
      if (heed() === 'interrupted') {
        await ledger.trySave()
        return report('interrupted', 'the run was cancelled; the next release of the same version goes on')
      }
      // The way back goes on without the lock: the fence on the route keeps this run out as soon as another one writes.
      const isGoingBack = ledger.state.phase === 'reverting'
      if (course.lock.lost.aborted && !isGoingBack) {
        throw new ReleaseError('STATE_CONFLICT', 'another run took over the lock')
      }
      const decision = decide(ledger.state, clock.now())
      if (decision.do === 'stop' || decision.do === 'wait') {
        const isSaved = await ledger.trySave()
        if (decision.do === 'stop' && isSaved) return report(endOf(ledger.state), reasonOf(ledger.state))
        unsavedTries = isSaved ? 0 : unsavedTries + 1
        unsavedSince = isSaved ? null : (unsavedSince ?? clock.now())
        const lastedMs = clock.now() - (unsavedSince ?? clock.now())
        const isRefused = REFUSALS.has(ledger.problem?.code ?? '') && lastedMs >= REFUSED_MS
        if (isRefused || unsavedTries > ledger.state.plan.limits.reverts) {
          const why = course.mask(ledger.problem?.message ?? '')
          const shares = describeShares(steps.expectedShares())
          return report(
            'stuck',
            `the release cannot be written any more: ${why}; last written: ${shares}; when the API server and the credentials answer again, run abort, or release ${release.version} to go on`,
          )
        }
        const until = decision.do === 'wait' ? decision.until : clock.now() + 2000
        await clock.sleepUntil(until, isGoingBack ? cut() : AbortSignal.any([cut(), course.lock.lost]))
        continue
      }
      try {
        await steps.perform(decision)
        // Transitions ride with the next write; observations are told as they come.
        const last = ledger.latest?.type
        const rides = last === 'stage-passed' || last === 'revert-started' || last === 'candidate-inspected'
        if (last === 'analysis-completed') ledger.observe()
        else if (last === 'traffic-shifted') await ledger.announce()
        else if (!rides) await ledger.save()
      } catch (thrown) {
        const error = toReleaseError(thrown)
        if (error.code === 'STATE_CONFLICT') throw error
        if (isCancelled()) continue
        ledger.happen({
          type: 'step-failed',
          step: decision.do,
          code: error.code,
          message: error.message,
          final: NEVER_AGAIN.has(error.code) || error.code === 'INTERNAL',
        })
      }
    }
  } catch (thrown) {
    const error = toReleaseError(thrown)
    if (error.code === 'STATE_CONFLICT') return await yieldTo(error)
    throw error
  } finally {
    await ledger.close()
  }
}
