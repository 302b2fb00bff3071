import type { ProtocolSample, ProtocolStart, ProtocolTick } from '../../src/core/judge-protocol.ts'
import { Random } from './random.ts'

/** When and at which weight a version behaves how; times in seconds since the rollout began. */
export interface Moment {
  readonly t: number
  /** Seconds since the weight was last changed. */
  readonly stageT: number
  readonly weight: number
  /** Seconds at which a late fault begins in this run. */
  readonly late: number
}

/** One version's behaviour at a moment. */
export interface Version {
  readonly errors: number
  /** Factor on every latency. */
  readonly slower?: number
  /** Share of requests that take two seconds longer. */
  readonly stuck?: number
  /** No pod answers and none is scraped. */
  readonly gone?: boolean
}

/** A kind of rollout; what is not said is 200 requests a second, 0.5 % errors and ten pods. */
export interface Scenario {
  readonly name: string
  readonly isHealthy: boolean
  readonly rps?: number | ((t: number) => number)
  readonly pods?: number
  readonly stable?: (moment: Moment) => Version
  readonly candidate: (moment: Moment) => Version
  /** Mean number of errors that come together. */
  readonly burst?: number
  /** Chance of a pod to restart in a minute. */
  readonly restarts?: number
  /** Share of scrapes that are missed. */
  readonly missed?: number
  readonly bounds?: readonly number[]
  /** Median latency in seconds. */
  readonly latency?: number
}

export type Answer = 'hold' | 'advance' | 'revert' | 'inconclusive'

/** A rule that decides after each scrape. */
export interface Rule {
  tick(tick: ProtocolTick): Answer
}

export interface Outcome {
  readonly end: 'promoted' | 'reverted' | 'inconclusive'
  readonly minutes: number
  /** From the begin of the fault; 0 for a healthy candidate. */
  readonly detectMinutes: number
  /** The fault had begun when the rollout ended; always so but for faults that come late. */
  readonly hadBegun: boolean
  /** Bad requests of the candidate that stable would not have had, an hour after a promotion included. */
  readonly badRequests: number
}

export const STAGES = [1, 5, 20, 50, 100]
export const SCRAPE_S = 15
const STEP_S = 5
const HISTORY_S = 20 * 60
const LONGEST_S = 3 * 3600
const AFTER_S = 3600
const SPREAD = 0.7
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Share of a lognormal latency at or below a bound. */
function below(bound: number, median: number): number {
  const z = Math.log(bound / median) / SPREAD
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2))
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp((-z * z) / 2)
  return z >= 0 ? 1 - tail / 2 : tail / 2
}

class Pod {
  readonly side: 'candidate' | 'stable'
  readonly name: string
  readonly offset: number
  private requests = 0
  private errors = 0
  private buckets: number[]
  private seen: ProtocolSample | null = null

  constructor(side: 'candidate' | 'stable', name: string, offset: number, size: number) {
    this.side = side
    this.name = name
    this.offset = offset
    this.buckets = new Array<number>(size).fill(0)
  }

  serve(n: number, bad: number, shares: readonly number[], random: Random): void {
    this.requests += n
    this.errors += bad
    let left = n
    let under = 0
    shares.forEach((share, index) => {
      const inside = random.binomial(left, (share - under) / Math.max(1e-12, 1 - under))
      left -= inside
      under = share
      for (let k = index; k < this.buckets.length; k += 1) this.buckets[k] = (this.buckets[k] ?? 0) + inside
    })
  }

  restart(): void {
    this.requests = 0
    this.errors = 0
    this.buckets = this.buckets.map(() => 0)
  }

  scrape(t: number): void {
    const { side, name, requests, errors, buckets } = this
    this.seen = { colour: side, series: name, t, requests, errors, buckets: [...buckets] }
  }

  get sample(): ProtocolSample[] {
    return this.seen === null ? [] : [this.seen]
  }
}

class World {
  readonly random: Random
  readonly late: number
  private readonly scenario: Scenario
  private readonly bounds: readonly number[]
  private readonly pods: Pod[]
  excess = 0

  constructor(scenario: Scenario, seed: number) {
    this.scenario = scenario
    this.random = new Random(seed)
    this.late = 120 + 600 * this.random.next()
    this.bounds = scenario.bounds ?? BOUNDS
    const names = Array.from({ length: scenario.pods ?? 10 }, (_, index) => index)
    const offset = (): number => STEP_S * Math.floor(this.random.next() * (SCRAPE_S / STEP_S))
    this.pods = [
      ...names.map((index) => new Pod('stable', `s-${index}`, offset(), this.bounds.length)),
      ...names.map((index) => new Pod('candidate', `c-${index}`, offset(), this.bounds.length)),
    ]
  }

  rateAt(t: number): number {
    const { rps = 200 } = this.scenario
    return typeof rps === 'number' ? rps : rps(t)
  }

  version(side: 'candidate' | 'stable', moment: Moment): Version {
    const { candidate, stable } = this.scenario
    return side === 'candidate' ? candidate(moment) : (stable?.(moment) ?? { errors: 0.005 })
  }

  step(moment: Moment): void {
    const { burst = 1, latency = 0.06, restarts = 0, missed = 0 } = this.scenario
    const { random } = this
    const size = this.pods.length / 2
    for (const side of ['stable', 'candidate'] as const) {
      if (side === 'candidate' && moment.t < -60) continue
      const version = this.version(side, moment)
      const share = side === 'candidate' ? moment.weight / 100 : 1 - moment.weight / 100
      const mean = (this.rateAt(moment.t) * share * STEP_S) / size
      const stuck = version.stuck ?? 0
      const shares = this.bounds.map((bound) => {
        const fast = below(bound, latency * (version.slower ?? 1))
        return (1 - stuck) * fast + (bound >= 2.5 ? stuck * below(bound - 2, latency) : 0)
      })
      for (const pod of this.pods) {
        if (pod.side !== side) continue
        const n = random.poisson(mean)
        if (version.gone !== true) {
          pod.serve(n, this.bad(n, version.errors, burst), shares, random)
          if (random.next() < (restarts * STEP_S) / 60) pod.restart()
          const isDue = (((moment.t + pod.offset) % SCRAPE_S) + SCRAPE_S) % SCRAPE_S === 0
          if (isDue && random.next() >= missed) pod.scrape(moment.t)
        }
        if (side === 'candidate') this.excess += this.harm(n, version, moment)
      }
    }
  }

  private bad(n: number, share: number, burst: number): number {
    if (burst <= 1) return this.random.binomial(n, share)
    let bad = 0
    for (let k = this.random.poisson((n * share) / burst); k > 0; k -= 1) {
      // Geometric sizes with the given mean.
      bad += 1 + Math.floor(Math.log(1 - this.random.next()) / Math.log(1 - 1 / burst))
    }
    return Math.min(n, bad)
  }

  /** Requests that are bad because of the candidate: errors above stable's, lost ones, and slow ones. */
  harm(n: number, version: Version, moment: Moment): number {
    const { errors } = this.version('stable', moment)
    const slow = (version.stuck ?? 0) + (version.slower === undefined ? 0 : 0.1 * (version.slower - 1))
    return n * (version.gone === true ? 1 : Math.max(0, version.errors - errors) + slow)
  }

  samples(): ProtocolSample[] {
    return this.pods.flatMap((pod) => pod.sample)
  }
}

/** Runs one rollout under a rule. */
export function simulate(scenario: Scenario, seed: number, ruleOf: (start: ProtocolStart) => Rule): Outcome {
  const world = new World(scenario, seed)
  const history: { t: number; samples: ProtocolSample[] }[] = []
  const at = (t: number, weight: number, stageT: number): Moment => ({ t, stageT, weight, late: world.late })
  for (let t = -HISTORY_S; t <= 0; t += STEP_S) {
    world.step(at(t, 0, 0))
    if (t % SCRAPE_S === 0) history.push({ t, samples: world.samples() })
  }
  const bucketBounds = scenario.bounds ?? BOUNDS
  const run = `${scenario.name} ${seed}`
  const rule = ruleOf({ type: 'start', run, stages: STAGES, scrapeSeconds: SCRAPE_S, bucketBounds, history })
  let stage = 0
  let since = 0
  let faultAt = -1
  for (let t = SCRAPE_S; t <= LONGEST_S; t += SCRAPE_S) {
    const weight = STAGES[stage] ?? 100
    for (let s = t - SCRAPE_S + STEP_S; s <= t; s += STEP_S) world.step(at(s, weight, s - since))
    const now = at(t, weight, t - since)
    const isFaulty = !scenario.isHealthy && world.harm(1, world.version('candidate', now), now) > 0
    if (isFaulty && faultAt < 0) faultAt = t - SCRAPE_S
    const end = (kind: Outcome['end'], bad: number): Outcome => ({
      end: kind,
      minutes: t / 60,
      detectMinutes: faultAt < 0 ? 0 : (t - faultAt) / 60,
      hadBegun: faultAt >= 0,
      badRequests: bad,
    })
    const nextWeight = STAGES[stage + 1] ?? 100
    const samples = world.samples()
    const answer = rule.tick({ type: 'tick', run, t, stage, weight, nextWeight, stageT: t - since, samples })
    if (answer === 'revert') return end('reverted', world.excess)
    if (answer === 'inconclusive') return end('inconclusive', world.excess)
    if (answer === 'advance') {
      stage += 1
      since = t
      if ((STAGES[stage] ?? 100) >= 100) {
        const later = at(Math.max(t, world.late) + 60, 100, 600)
        const after = world.harm(world.rateAt(t) * AFTER_S, world.version('candidate', later), later)
        return end('promoted', world.excess + after)
      }
    }
  }
  return { end: 'inconclusive', minutes: LONGEST_S / 60, detectMinutes: 0, hadBegun: true, badRequests: world.excess }
}
