import { MOST_PASS_DISPERSION, type Block, type Limit } from './evidence.ts'
import { ServedShare } from './served.ts'
import { MOST_PASS_DELTA, NOTHING, shareOf, Trial, type Counted, type Metric } from './trial.ts'

/** How the judge decides; all shares 0 to 1, all times in milliseconds. */
export interface Rules {
  /** Chance of a false revert in the whole release when the candidate is exactly at the limit. */
  readonly alpha: number
  /** Chance of a false pass of a stage when the candidate is exactly at the limit of the pass. */
  readonly beta: number
  /** After a change of the weight the candidate may be slow and wrong for a moment. */
  readonly warmUpMs: number
  /** How long a stage may last: the money for faults that begin late is spread over it. */
  readonly maxStageMs: number
  /** Length of a block: the interval of the scrapes. */
  readonly blockMs: number
  /** Stages of the release that have a baseline, those below 100 %. */
  readonly stages: number
}

/** What one interval of a stage brought. */
export interface Interval {
  /** Index of the stage, its weight and the next one in percent; the next of the last stage is 100. */
  readonly stage: number
  readonly weight: number
  readonly nextWeight: number
  /** Age of the stage at the end of the interval, and the most it may reach. */
  readonly stageMs: number
  readonly maxMs: number
  /** In the order of the metrics; the first one is errors. */
  readonly counted: readonly Counted[]
}

export type Ruling = 'advance' | 'hold' | 'revert' | 'inconclusive'

/** Numbers behind a ruling, of one metric. */
export interface MetricEvidence {
  readonly metric: string
  /** Counts of the stage so far. */
  readonly counts: Block
  /** Odds against "the candidate is within the limit", of the whole release. */
  readonly revert: number
  /** Odds against "the next weight costs more than its harm", of this stage. */
  readonly pass: number
  readonly limit: Limit
  /** Points above `rho × stable` that the pass rules out. */
  readonly passDelta: number
  readonly dispersion: number
}

/** What is missing for a pass: the expected block of a healthy candidate, and the evidence there is. */
export interface Waiting {
  readonly block: Block
  readonly share: number
  readonly limit: Limit
  readonly phi: number
  readonly worth: number
}

/** Evidence of all metrics together, beside what decides; odds, from 0, neutral at 1. */
export interface Odds {
  /** Against "the candidate is within its limits", of the whole release. */
  readonly against: number
  /** The candidate is taken back when `against` reaches this. */
  readonly revertAt: number
  /** That the next weight harms no more than it may: of the metric that has the least, in this stage. */
  readonly goingOn: number
  /** The stage passes when `goingOn` reaches this. */
  readonly passAt: number
}

/** A decision with the sentence that carries it. */
export interface Judgement {
  readonly odds: Odds
  readonly ruling: Ruling
  /** The metric that still waits for evidence, as one block of it is expected; null when none does. */
  readonly waiting: Waiting | null
  readonly reason: string
  readonly evidence: readonly MetricEvidence[]
}

/**
 * Money: what is put on the first and later stages, on their warm-up and on faults that begin late. What is kept for
 * the last stage is there however long the others were held, also while nobody drove.
 */
const MONEY = { firstWarm: 0.05, first: 0.5, laterWarm: 0.03, later: 0.22, trickle: 0.15, last: 0.05 } as const
/** Bad requests a minute that a small service may spend on a stage: below it no statistics would ever let it go on. */
const HARM_PER_MINUTE = 20
const MIN_REQUESTS = 30
/** Stable is ill when its share is above three times what it was, or two points above. */
const ILL = { factor: 3, points: 0.02, requests: 50, forMs: 240_000 } as const
/** The candidate must serve its share. */
const SERVED = { blocks: 5, expected: 120, revert: 0.2, hold: 0.6 } as const
const SMOOTHING = 0.1

/** The next weight of a plan; 100 after the last one. */
export const nextWeightOf = (weights: readonly number[], weight: number): number =>
  Math.min(100, ...weights.filter((one) => one > weight))

/** Rules of a release when its settings say nothing; the tests of `docs/gate.md` measure these. */
export const DEFAULT_RULES = { alpha: 0.02, beta: 0.05, warmUpMs: 20_000 } as const

/** The part of the money that is staked when the first stage begins to count. */
export const MONEY_FIRST: number = MONEY.first

/**
 * What a pass must rule out: points above `rho × stable`. The larger the next weight, the less the candidate may be
 * worse, so that what it may cost stays the same.
 *
 * @param perSecond requests a second of the whole service
 */
export function passDeltaOf({ harm, mostHarm }: Metric, nextWeight: number, perSecond: number): number {
  const spent = perSecond > 0 ? HARM_PER_MINUTE / (60 * perSecond) : mostHarm
  const allowed = Math.min(mostHarm, Math.max(harm, spent))
  return Math.min(MOST_PASS_DELTA, allowed / (nextWeight / 100))
}

/** A share as people read it. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`
const points = (share: number): string => `${Number((share * 100).toPrecision(2))} points`

/**
 * Judges a release interval by interval: revert, go on, wait, or give up undecided. Pure: the same intervals give the
 * same judgement, so a run that is started again recomputes it from the metrics.
 */
export class EvidenceJudge {
  private readonly rules: Rules
  private readonly trials: readonly Trial[]
  private stage = -1
  private begun = 0
  /** Whether the stage's money is on the table: for its warm-up, and for what comes after. */
  private isWarmFunded = false
  private isFunded = false
  private requestsAfterWarmUp = 0
  private served = new ServedShare()
  private shareBefore = 0
  private illMs = 0
  private perSecond = 0
  private base = 0
  /** What has been put on faults that begin late. */
  private trickled = 0
  private interval: Interval | null = null

  constructor(rules: Rules, metrics: readonly Metric[]) {
    this.rules = rules
    this.trials = metrics.map((metric) => new Trial(metric))
  }

  /** What stable did before the release: its shares, its bursts, its traffic. */
  learn(counted: readonly Counted[]): void {
    counted.forEach((one, index) => this.trials[index]?.learn(one, false))
    this.smooth(counted[0]?.block ?? NOTHING)
    this.base = this.trials[0]?.share ?? 0
  }

  private smooth({ nC, nS }: Block): void {
    const now = (nC + nS) / (this.rules.blockMs / 1000)
    this.perSecond = this.perSecond === 0 ? now : this.perSecond * (1 - SMOOTHING) + now * SMOOTHING
  }

  private enter(stage: number): void {
    if (this.served.requests > 0) this.shareBefore = this.served.share
    this.stage = stage
    this.isWarmFunded = false
    this.isFunded = false
    this.requestsAfterWarmUp = 0
    this.served = new ServedShare()
    this.illMs = 0
    for (const trial of this.trials) trial.enter()
    this.begun += 1
  }

  private get isFirst(): boolean {
    return this.begun === 1
  }

  /** How much of each later stage's money there is. */
  private split(money: number): number {
    return money / Math.max(1, this.rules.stages - 1)
  }

  observe(interval: Interval): void {
    if (interval.stage !== this.stage) this.enter(interval.stage)
    this.interval = interval
    const first = interval.counted[0]?.block ?? NOTHING
    const isIll = this.isIll(first)
    this.illMs = isIll ? this.illMs + this.rules.blockMs : 0
    const isWarmUp = interval.stageMs <= this.rules.warmUpMs + this.rules.blockMs
    if (isWarmUp) this.warmUp(interval)
    else this.bake(interval)
    if (!isWarmUp) this.requestsAfterWarmUp += first.nC
    this.count(interval, first)
    interval.counted.forEach((one, index) => {
      const trial = this.trials[index]
      if (trial === undefined) return
      trial.count(one.block)
      trial.learn(one, isIll)
    })
    this.smooth(first)
  }

  private warmUp({ counted }: Interval): void {
    const money = this.isFirst ? MONEY.firstWarm : this.split(MONEY.laterWarm)
    counted.forEach(({ block }, index) => {
      const trial = this.trials[index]
      if (!this.isWarmFunded) trial?.putWarm(money)
      trial?.playWarm(block)
    })
    this.isWarmFunded = true
  }

  private bake({ counted, weight, nextWeight }: Interval): void {
    const { blockMs, maxStageMs, stages, beta } = this.rules
    const isFirstBlock = !this.isFunded
    const money = this.isFirst ? MONEY.first : this.split(MONEY.later)
    const planned = MONEY.trickle / Math.max(1, (stages * maxStageMs) / blockMs)
    const trickle = Math.min(planned, MONEY.trickle - this.trickled)
    this.trickled += trickle
    counted.forEach(({ block }, index) => {
      const trial = this.trials[index]
      if (trial === undefined) return
      // Nothing comes after the last stage: all that is left is for it.
      if (isFirstBlock && weight >= 100) trial.putAll()
      else trial.put((isFirstBlock ? money : 0) + trickle)
      const passDelta = passDeltaOf(trial.metric, nextWeight, this.perSecond)
      if (weight >= 100) trial.playAlone(block, passDelta, beta)
      else if (block.nS > 0) trial.play(block, passDelta, beta)
    })
    this.isFunded = true
  }

  private isIll({ nS, xS }: Block): boolean {
    return nS >= ILL.requests && shareOf(xS, nS) > Math.max(ILL.factor * this.base, this.base + ILL.points)
  }

  private count({ stageMs, weight }: Interval, { nC, nS }: Block): void {
    if (stageMs - this.rules.blockMs < this.rules.warmUpMs) return
    const expected = weight >= 100 ? this.perSecond * (this.rules.blockMs / 1000) : (nS * weight) / (100 - weight)
    this.served.add(expected, nC, nS)
  }

  private get value(): number {
    return this.trials.reduce((sum, trial) => sum + trial.metric.part * trial.worth, 0)
  }

  get evidence(): readonly MetricEvidence[] {
    return this.trials.map((trial) => ({
      metric: trial.metric.name,
      counts: trial.counts,
      revert: trial.worth,
      pass: trial.passWorth,
      limit: trial.metric.limit,
      passDelta: trial.passDelta,
      dispersion: trial.dispersion.value,
    }))
  }

  /** The judgement after the last interval. */
  get judgement(): Judgement {
    const [ruling, reason] = this.rule()
    const { alpha, beta } = this.rules
    const odds = {
      against: this.value,
      revertAt: 1 / alpha,
      goingOn: Math.min(...this.trials.map((trial) => trial.passWorth)),
      passAt: 1 / beta,
    }
    return { ruling, reason, odds, waiting: this.waiting, evidence: this.evidence }
  }

  private rule(): readonly [Ruling, string] {
    const { alpha, beta } = this.rules
    const { interval } = this
    if (interval === null) return ['hold', 'nothing was measured yet']
    const { weight } = interval
    if (this.value >= 1 / alpha) return ['revert', this.whyRevert()]
    const { share, requests, blocks } = this.served
    const follows = this.shareBefore === 0 || share < this.shareBefore / 2
    const served = `written ${weight} %, served ${percent(share)} of ${Math.round(requests)} requests lately`
    if (blocks >= SERVED.blocks && follows && this.served.isBelow(SERVED.revert, SERVED.expected)) {
      return ['revert', `the candidate is not serving: ${served}`]
    }
    if (this.illMs >= ILL.forMs) {
      return ['inconclusive', `stable itself is worse than before the release (${this.whyIll()}); nobody is blamed`]
    }
    const waits = this.whyWait(served)
    if (waits === null) return ['advance', this.whyAdvance()]
    if (this.isOver) return ['advance', `the candidate has all requests, and nothing speaks against it: ${waits}`]
    return this.value >= 1 / beta ? ['hold', `${waits}; ${this.whyRevert()}`] : ['hold', waits]
  }

  /**
   * At 100 % no higher weight is asked for, and there is no stable beside the candidate: what slows the whole cluster
   * down would keep it from passing for ever. When the watch is over, it is enough that nothing speaks against it.
   */
  private get isOver(): boolean {
    const { interval } = this
    if (interval === null || interval.weight < 100) return false
    const { beta, blockMs } = this.rules
    const isSeen = this.requestsAfterWarmUp >= MIN_REQUESTS && !this.served.isBelow(SERVED.hold, SERVED.expected / 3)
    return isSeen && interval.stageMs + 2 * blockMs > interval.maxMs && this.value < 1 / beta
  }

  /** What is missing for going on; null for nothing. */
  private whyWait(served: string): string | null {
    const { beta, warmUpMs, blockMs } = this.rules
    const stageMs = this.interval?.stageMs ?? 0
    const requests = this.trials[0]?.counts.nC ?? 0
    if (stageMs <= warmUpMs + blockMs) return 'warming up'
    if (requests === 0 && (this.trials[0]?.counts.nS ?? 0) === 0) return 'no requests at all'
    if (this.served.blocks > 1 && this.served.isBelow(SERVED.hold, SERVED.expected / 3)) return served
    if (this.illMs > 0) return `stable itself is worse than before the release (${this.whyIll()})`
    if (this.requestsAfterWarmUp < MIN_REQUESTS) {
      return `only ${Math.round(this.requestsAfterWarmUp)} requests of the candidate, ${MIN_REQUESTS} are needed`
    }
    const { open } = this
    if (open !== undefined) return `${this.say(open)}; more than ${this.limitOf(open)} is not ruled out yet`
    return this.value >= 1 / beta ? 'there is evidence against the candidate' : null
  }

  private get open(): Trial | undefined {
    return this.trials.find((trial) => !trial.hasPassed || trial.passWorth < 1)
  }

  private get waiting(): Waiting | null {
    const { open, interval } = this
    if (open === undefined || interval === null) return null
    const all = (this.perSecond * this.rules.blockMs) / 1000
    const nC = (all * interval.weight) / 100
    return {
      block: { nC, xC: 0, nS: all - nC, xS: 0 },
      share: open.stable.value,
      limit: { rho: open.metric.limit.rho, delta: open.passDelta },
      phi: Math.min(open.dispersion.value, MOST_PASS_DISPERSION),
      worth: open.passWorth,
    }
  }

  private get worst(): Trial | undefined {
    return [...this.trials].sort((one, other) => other.metric.part * other.worth - one.metric.part * one.worth)[0]
  }

  private say({ metric, counts }: Trial): string {
    const { nC, xC, nS, xS } = counts
    const stable = nS > 0 ? `, stable ${percent(shareOf(xS, nS))} of ${Math.round(nS)}` : ''
    return `${metric.name}: candidate ${percent(shareOf(xC, nC))} of ${Math.round(nC)} requests${stable}`
  }

  /** A limit in words: beside stable, without a stable, or of its own. */
  private inWords({ metric }: Trial, delta: number): string {
    const { rho } = metric.limit
    if (rho === 0) return percent(delta)
    const isBeside = (this.interval?.weight ?? 0) < 100
    if (isBeside) return `${rho} × stable + ${points(delta)}`
    return metric.aloneShare > 0
      ? `three times what stable had, or ${percent(metric.aloneShare)}`
      : 'three times what stable had'
  }

  private limitOf(trial: Trial): string {
    const { metric, passDelta } = trial
    return this.inWords(trial, metric.limit.rho === 0 ? metric.limit.delta + passDelta : passDelta)
  }

  private whyRevert(): string {
    const { worst } = this
    if (worst === undefined) return ''
    const limit = this.inWords(worst, worst.metric.limit.delta)
    return `${this.say(worst)} in this stage; the limit is ${limit}; evidence ${Number(this.value.toPrecision(3))} to 1`
  }

  private whyAdvance(): string {
    return this.trials.map((trial) => `${this.say(trial)}; more than ${this.limitOf(trial)} is ruled out`).join('; ')
  }

  private whyIll(): string {
    const now = this.interval?.counted[0]?.block ?? NOTHING
    return `errors ${percent(shareOf(now.xS, now.nS))}, before ${percent(this.base)}`
  }
}
