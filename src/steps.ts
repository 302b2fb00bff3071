import type { Decision } from './core/decide.ts'
import type { Release, ReleaseEvent } from './core/events.ts'
import { hasAudience } from './core/plan.ts'
import { decodeRequest, overtakenBy } from './core/saved.ts'
import { toShares, type Colour, type Shares } from './core/shares.ts'
import { isFinished } from './core/state.ts'
import { worst, type Measurement } from './core/verdict.ts'
import { overtaken, ReleaseError, toReleaseError } from './errors.ts'
import type { Draft, Ledger } from './ledger.ts'
import type {
  Clock,
  Deployer,
  Fence,
  Gate,
  HeldLock,
  Journal,
  Listener,
  LiveRoute,
  Shift,
  TrafficProvider,
  Workloads,
} from './ports.ts'

/** Everything one drive needs; made by the facade in `release.ts`. */
export interface Course {
  readonly traffic: TrafficProvider
  readonly gates: Readonly<Record<string, Gate>>
  readonly deployer: Deployer
  readonly workloads: Workloads
  readonly journal: Journal
  readonly listeners: readonly Listener[]
  readonly clock: Clock
  readonly say: (line: string) => void
  readonly mask: (text: string) => string
  readonly lock: HeldLock
  readonly fence: Fence
  /** Aborted when the person or the runner wants an end. */
  readonly cancel: AbortSignal
}

/** Whoever finds a higher fence than its own has been replaced, whatever its lock says. */
function refuseIfOvertaken(live: LiveRoute, fence: Fence): void {
  const by = overtakenBy(live.notes.fence, fence)
  if (by !== undefined) throw overtaken(live.object, by)
}

/** The way up as the journal tells it; the last step is known for sure, a run may have died before it was written down. */
function courseOf(journal: readonly ReleaseEvent[], base: number, last: Shift): readonly Shift[] {
  const shifts = journal.flatMap((event) => (event.type === 'traffic-shifted' ? [event] : []))
  const earlier = shifts.filter(({ weight, audience, at }) => (weight > base || hasAudience(audience)) && at < last.at)
  return [...earlier.map(({ at, weight }) => ({ at, weight })), last]
}

/** What the route itself says about a stage. */
function ofRoute(verdict: 'error' | 'undecided', reason: string): Measurement {
  return { gate: 'route', verdict, reason, value: null, limit: null, baseline: null, query: '' }
}

/** How often something that takes its time is looked at again. */
const LOOK_MS = 2_000

/** What the loop needs of a person's or a runner's wish to end. */
export interface Cancel {
  /** Somebody wants an end, and the loop has not heeded it yet. */
  isWanted(): boolean
  /** Aborted by such a wish; not any more once it was heeded, for what brings traffic back must not be cut short. */
  signal(): AbortSignal
}

/** Carries decisions out: the only place where a release touches the world. */
export class Steps {
  private readonly ledger: Ledger
  private readonly course: Course
  private readonly cancel: Cancel

  constructor(ledger: Ledger, course: Course, cancel: Cancel) {
    this.ledger = ledger
    this.course = course
    this.cancel = cancel
  }

  private get release(): Release {
    return this.ledger.release
  }

  expectedShares(): Shares {
    return this.sharesAt(this.ledger.state.weight)
  }

  private sharesAt(weight: number): Shares {
    return toShares(this.release.stable, this.release.candidate, weight)
  }

  /** The live route, with what another run asked for on it. */
  private async look(): Promise<LiveRoute> {
    const { course, ledger } = this
    const live = await course.traffic.read()
    refuseIfOvertaken(live, course.fence)
    if (live.notes.request !== null && live.notes.request !== ledger.request) {
      ledger.request = live.notes.request
      const request = decodeRequest(live.notes.request)
      if (request?.release === this.release.id) {
        if (request.command === 'pause') ledger.happen({ type: 'pause-requested', by: request.by })
        else ledger.happen({ type: 'promotion-requested', by: request.by, to: request.to })
      }
    }
    return live
  }

  /** Whether the route is not as we wrote it last, which no write of ours explains. */
  private isDrifted(live: LiveRoute): boolean {
    const isOurs = live.has(this.expectedShares()) && live.serves(this.ledger.state.audience, this.release.candidate)
    return live.unfinished === '' && !isOurs
  }

  /** A way back that died between its writes left less than is saved, and must not be undone. */
  private isGoingBack({ unfinished, shares }: LiveRoute): boolean {
    return unfinished !== '' && (shares?.[this.release.candidate] ?? 0) < this.ledger.state.weight
  }

  /** Somebody else moved the weights: told, and by policy put right or left to a person. */
  private async drifted(found: Shares | null): Promise<void> {
    const { ledger } = this
    ledger.happen({ type: 'drift-found', expected: this.expectedShares(), found })
    if (isFinished(ledger.state)) return
    const { candidate } = this.release
    const isRaise = (found?.[candidate] ?? 0) < ledger.state.weight
    // Whoever took the weight away may have done so because the candidate is down.
    if (isRaise && ((await this.readyPods())[candidate] ?? 0) === 0) {
      const reason = `somebody took the weight away from ${candidate}, which has no ready pods`
      ledger.happen({ type: 'revert-started', reason })
      return
    }
    await ledger.write(this.expectedShares(), null)
  }

  private async readyPods(): Promise<Readonly<Record<string, number>>> {
    const { traffic, workloads } = this.course
    const { stable, candidate } = this.release
    return workloads.readyPods({
      [stable]: await traffic.backend(stable),
      [candidate]: await traffic.backend(candidate),
    })
  }

  /** Goes on with a write that could not be done at once; answers what is still missing. */
  private async goOn(live: LiveRoute): Promise<string> {
    if (live.unfinished === '') return ''
    const shares = this.expectedShares()
    return (await this.ledger.write(shares, [shares])).unfinished
  }

  private async analyse(decision: Extract<Decision, { do: 'analyse' }>): Promise<void> {
    const { course, ledger } = this
    const before = ledger.state
    const live = await this.look().catch((thrown: unknown) => {
      const error = toReleaseError(thrown)
      if (error.code === 'STATE_CONFLICT') throw error
      return error
    })
    if (ledger.state !== before) return
    const own: Measurement[] = []
    // A route that cannot be read is no pass, but a candidate that is worse is worse all the same.
    if (live instanceof ReleaseError) own.push(ofRoute('error', live.message))
    else if (this.isDrifted(live)) return this.drifted(live.shares)
    else if (this.isGoingBack(live)) {
      ledger.happen({ type: 'revert-started', reason: 'a run before this one had begun to take the weight back' })
      return
    } else {
      const missing = await this.goOn(live)
      if (missing !== '') own.push(ofRoute('undecided', missing))
    }
    const to = course.clock.now()
    const measured = await Promise.all(
      decision.stage.gates.map(async (name): Promise<Measurement> => {
        const gate = course.gates[name]
        if (gate === undefined) throw new ReleaseError('UNSUPPORTED_PLAN', `there is no gate "${name}"`)
        const { from, shiftedAt } = decision
        const { weight, audience, plan } = ledger.state
        const asked = {
          from,
          to,
          shiftedAt,
          release: this.release,
          weight,
          audience,
          course: courseOf(ledger.journal, plan.base, { at: shiftedAt, weight }),
          plan,
        }
        return { gate: name, ...(await gate.measure(asked, this.cancel.signal())) }
      }),
    )
    if (this.cancel.isWanted()) return
    const measurements = [...own, ...measured]
    ledger.happen({
      type: 'analysis-completed',
      stage: decision.stage.name,
      verdict: worst(measurements.map((one) => one.verdict)),
      measurements,
    })
  }

  private async inspect(weight: number): Promise<void> {
    const { course, ledger } = this
    const { stable, candidate } = this.release
    const backend = await course.traffic.backend(candidate)
    if (ledger.state.phase === 'readying') {
      const status = await course.workloads.inspect(candidate, backend)
      const summary = status.ready ? `${status.readyPods}/${status.wantedPods} pods ready` : status.problem
      ledger.happen({ type: 'candidate-inspected', ready: status.ready, summary })
      return
    }
    if (backend.isScaledByRoute) {
      ledger.happen({ type: 'candidate-inspected', ready: true, summary: 'its pods come with its weight' })
      return
    }
    const pods = await this.readyPods()
    const have = pods[candidate] ?? 0
    const wanted = Math.max(1, Math.ceil(((pods[stable] ?? 0) * weight) / 100))
    const enough = have >= wanted || (have > 0 && ledger.state.plan.policies.capacity === 'warn')
    if (have < wanted && enough) {
      course.say(`${candidate} has ${have} ready pods, ${weight} % of the traffic needs ${wanted}`)
    }
    ledger.happen({ type: 'candidate-inspected', ready: enough, summary: `${have} ready pods, ${wanted} needed` })
  }

  /** Waits for what has no event of its own; answers what is still missing when its time is over, or an end is wanted. */
  private async until(lengthMs: number, look: () => Promise<string>): Promise<string> {
    const { clock, lock } = this.course
    const end = clock.now() + lengthMs
    for (;;) {
      const missing = await look()
      if (missing === '' || this.cancel.isWanted() || lock.lost.aborted || clock.now() >= end) return missing
      await clock.sleepUntil(clock.now() + LOOK_MS, AbortSignal.any([this.cancel.signal(), lock.lost]))
    }
  }

  /** Writes until all of the split is live; answers what is missing. Pods that come and go take their time. */
  private async settle(target: Shares, expected: readonly Shares[] | null): Promise<string> {
    const { ledger } = this
    const { plan, phase } = ledger.state
    const lengthMs = phase === 'shifting' ? (plan.stages[ledger.state.stage]?.maxMs ?? 0) : plan.readyMs
    return this.until(lengthMs, async () => {
      const { unfinished } = await ledger.write(target, expected)
      // What led here is saved now, and need not wait for the pods to be told.
      await ledger.announce()
      return unfinished
    })
  }

  private async shift(decision: Extract<Decision, { do: 'shift' }>): Promise<void> {
    const { course, ledger } = this
    const { phase } = ledger.state
    const target = this.sharesAt(decision.weight)
    // Going back is unconditional: whoever wrote what, stable must serve.
    const expected = phase === 'reverting' ? null : [this.expectedShares(), target]
    const shifted: Draft = {
      type: 'traffic-shifted',
      weight: decision.weight,
      audience: decision.audience,
      tookMs: 0,
    }
    try {
      const isSlow = phase !== 'reverting' && (await course.traffic.backend(this.release.stable)).isScaledByRoute
      const missing = isSlow ? await this.settle(target, expected) : ''
      if (this.cancel.isWanted()) return
      if (missing !== '' && phase === 'shifting') {
        ledger.happen({ type: 'revert-started', reason: `the split is not reached: ${missing}` })
        return
      }
      if (missing !== '') throw new ReleaseError('DEPLOY_FAILED', `the split is not reached: ${missing}`)
      await ledger.writeWith(shifted, target, expected)
    } catch (thrown) {
      const error = toReleaseError(thrown)
      if (error.code !== 'ROUTE_DRIFTED') throw error
      await this.drifted((await course.traffic.read()).shares)
    }
  }

  private async deploy(decision: Extract<Decision, { do: 'deploy' }>): Promise<void> {
    const { course, ledger, release } = this
    const since = course.clock.now()
    const isStable = decision.track === 'stable'
    const colour = isStable ? release.stable : release.candidate
    // A run that goes on for another one finds the route as others left it: what serves is never deployed to.
    const live = await this.look()
    if (this.isDrifted(live)) return this.drifted(live.shares)
    await course.deployer.deploy({ track: decision.track, colour, version: release.version }, this.cancel.signal())
    if (this.cancel.isWanted()) return
    if (!isStable) {
      ledger.happen({ type: 'candidate-deployed', tookMs: course.clock.now() - since })
      return
    }
    const missing = await this.until(ledger.state.plan.readyMs, async () => {
      const { ready, problem } = await course.workloads.inspect(colour, await course.traffic.backend(colour))
      return ready ? '' : problem
    })
    if (this.cancel.isWanted()) return
    if (missing !== '') throw new ReleaseError('DEPLOY_FAILED', missing)
    ledger.happen({ type: 'stable-replaced' })
  }

  /** A deployer that knows nothing of a workload takes nothing away, and says nothing of it. */
  private async noteLeftover(colour: Colour): Promise<void> {
    const { say, traffic, workloads } = this.course
    try {
      const { exists } = await workloads.inspect(colour, await traffic.backend(colour))
      if (exists) say(`warning: the deployer was told to take ${colour} away, and its Deployment is still there`)
    } catch (thrown) {
      say(`whether ${colour} is gone could not be seen: ${toReleaseError(thrown).message}`)
    }
  }

  async perform(decision: Exclude<Decision, { do: 'wait' | 'stop' }>): Promise<void> {
    const { course, ledger, release } = this
    switch (decision.do) {
      case 'deploy':
        return this.deploy(decision)
      case 'inspect':
        return this.inspect(decision.weight)
      case 'shift':
        return this.shift(decision)
      case 'analyse':
        return this.analyse(decision)
      case 'pass':
        ledger.happen({ type: 'stage-passed', stage: decision.stage.name, reason: decision.reason })
        return
      case 'pause':
        ledger.happen({ type: 'release-paused', reason: decision.reason })
        return
      case 'revert':
        ledger.happen({ type: 'revert-started', reason: decision.reason })
        return
      case 'retire': {
        const colour = decision.track === 'stable' ? release.stable : release.candidate
        const live = await this.look()
        // What somebody gave requests in the meantime is not taken away; a way back takes them back first.
        if (this.isDrifted(live)) {
          if (ledger.state.phase !== 'reverting') return this.drifted(live.shares)
          await ledger.write(this.expectedShares(), null)
        }
        const retired = { track: decision.track, colour, version: release.version }
        await course.deployer.retire(retired, this.cancel.signal())
        await this.noteLeftover(colour)
        ledger.happen({ type: 'track-retired', track: decision.track })
        return
      }
      case 'finish':
        ledger.happen({ type: 'release-finished', outcome: decision.outcome, reason: decision.reason })
        return
      default:
        return decision satisfies never
    }
  }
}
