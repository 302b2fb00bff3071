import { allowedBeside, bet, PASS_CAP, PASS_RATIOS, RATIOS, REVERT_CAP, type Limit } from './evidence.ts'
import { MONEY_FIRST, nextWeightOf, passDeltaOf, percent, type Rules } from './evidence-judge.ts'
import type { Metric } from './trial.ts'

/** One block as it is expected. */
export interface Expected {
  /** Requests of candidate and stable in a block. */
  readonly nC: number
  readonly nS: number
  /** Stable's bad share, and the candidate's; 0 to 1. */
  readonly share: number
  readonly fault: number
  readonly limit: Limit
  /** Size of the bursts. */
  readonly phi: number
}

/** How the money for a revert is staked. */
export interface Stakes {
  readonly alpha: number
  /** The metric's part. */
  readonly part: number
  readonly money: number
  /** How many bets share the money. */
  readonly ratios: number
}

/** Standard deviations by which 9 of 10 releases are done; 0 is the median. */
const POWER = 1.2816

/** Drift and variance of the logarithm of one bet's evidence in one block. */
function walk({ nC, nS, share, fault, limit, phi }: Expected, g: number, cap: number) {
  const { rho, delta } = limit
  const r = nS > 0 ? 1 - rho * (nC / nS) * (g - 1) : 1
  const log = g > 0 ? Math.log(g) : 0
  // A bet on "no bad request at all" is lost with the first one.
  if (g <= 0 && nC * fault > 0.1) return { drift: Number.NEGATIVE_INFINITY, variance: 0 }
  const drift = (nC * fault * log + nS * share * Math.log(r) - nC * delta * (g - 1)) / phi
  const variance = (nC * fault * log * log + nS * share * Math.log(r) ** 2) / phi
  return drift > Math.log(cap) ? { drift: Math.log(cap), variance: 0 } : { drift, variance }
}

/** Blocks until a random walk with this drift and variance has come up to a bound. */
function blocksUntil(bound: number, { drift, variance }: ReturnType<typeof walk>, cap: number, power: number): number {
  if (!(drift > 0)) return Number.POSITIVE_INFINITY
  const root = power * Math.sqrt(variance)
  const blocks = ((root + Math.sqrt(root * root + 4 * drift * bound)) / (2 * drift)) ** 2
  return Math.max(Math.ceil(blocks), Math.ceil(bound / Math.log(cap)))
}

/**
 * Blocks until a fault of this size is reverted; infinite for one within the limit.
 *
 * @param power standard deviations: 1.28 for 9 of 10 releases, 0 for the median
 */
export function revertBlocks(expected: Expected, { alpha, part, money, ratios }: Stakes, power = POWER): number {
  const { limit, share, fault, nC, nS } = expected
  const allowed = allowedBeside(share, limit)
  if (fault <= allowed) return Number.POSITIVE_INFINITY
  const bound = Math.log(1 / alpha) + Math.log(1 / part) + Math.log(1 / money) + Math.log(ratios / 2)
  const g = bet(fault / allowed, limit, share, nS > 0 ? nC / nS : 0)
  return blocksUntil(bound, walk(expected, g, REVERT_CAP), REVERT_CAP, power)
}

/**
 * Blocks until a healthy candidate has passed; `limit.delta` is what the pass rules out.
 *
 * @param worth evidence there is already, 1 at the begin of a stage
 */
export function passBlocks(expected: Expected, beta: number, worth = 1, power = POWER): number {
  const { limit, share, nC, nS } = expected
  const bound = Math.max(0, Math.log(1 / beta) + Math.log(PASS_RATIOS.length / 3) - Math.log(Math.max(worth, 1e-3)))
  const all = PASS_RATIOS.map((ratio) => {
    const g = bet(ratio, limit, share, nS > 0 ? nC / nS : 0)
    return blocksUntil(bound, walk(expected, g, PASS_CAP), PASS_CAP, power)
  })
  return Math.min(...all)
}

/** Today's traffic of a service, and how stable does. */
export interface Traffic {
  /** Requests a second of both colours. */
  readonly perSecond: number
  /** Stable's bad share, 0 to 1. */
  readonly share: number
  readonly phi: number
}

/** What a stage can do at today's traffic; times in milliseconds, infinite for never. */
export interface StageForecast {
  readonly weight: number
  /** Until a healthy candidate has passed, in 9 of 10 releases. */
  readonly passMs: number
  /** Sizes of a fault as a share of requests, and the time until 9 of 10 such candidates are reverted. */
  readonly faults: readonly { readonly share: number; readonly revertMs: number }[]
}

/** Faults that are asked about, in multiples of the limit. */
const FAULTS: readonly number[] = [2, 5, 20]

/** The forecast of each stage below 100 %, for one metric. */
export function forecastStages(
  weights: readonly number[],
  { perSecond, share, phi }: Traffic,
  metric: Metric,
  rules: Rules,
): readonly StageForecast[] {
  const { alpha, beta, blockMs, warmUpMs } = rules
  const warmMs = (Math.floor(warmUpMs / blockMs) + 1) * blockMs
  return weights
    .filter((weight) => weight > 0 && weight < 100)
    .map((weight) => {
      const perBlock = (perSecond * blockMs) / 1000
      const nC = (perBlock * weight) / 100
      const nextWeight = nextWeightOf(weights, weight)
      const common = { nC, nS: perBlock - nC, share, phi }
      const ahead = { rho: metric.limit.rho, delta: passDeltaOf(metric, nextWeight, perSecond) }
      const pass = passBlocks({ ...common, fault: share, limit: ahead }, beta)
      const allowed = allowedBeside(share, metric.limit)
      const faults = FAULTS.map((times) => Math.min(1, times * allowed)).map((fault) => {
        const stakes = { alpha, part: metric.part, money: MONEY_FIRST, ratios: RATIOS.length }
        const blocks = revertBlocks({ ...common, fault, limit: metric.limit }, stakes)
        return { share: fault, revertMs: warmMs + blocks * blockMs }
      })
      return { weight, passMs: warmMs + pass * blockMs, faults }
    })
}

const DAY_MS = 24 * 3_600_000
/** More than this for a healthy candidate, and the stage is there for nothing. */
const POINTLESS_MS = 20 * 60_000

/** A stage as one line for people, with advice when it is pointless. */
export function describeForecast(
  { weight, passMs, faults }: StageForecast,
  { perSecond }: Traffic,
  show: (lengthMs: number) => string,
): string {
  const perMinute = perSecond * 60 * (weight / 100)
  const time = (lengthMs: number): string => (lengthMs > DAY_MS ? 'more than a day' : show(lengthMs))
  const found = faults.map(({ share, revertMs }) => `${percent(share)} errors in ${time(revertMs)}`).join(', ')
  const seen = `${Number(perMinute.toPrecision(2))} requests a minute`
  const advice =
    passMs > POINTLESS_MS
      ? `; at ${Number(perSecond.toPrecision(2))} requests a second this stage is pointless: begin with a larger weight`
      : ''
  return `${weight} %: ${seen}, about ${time(passMs)} if healthy; finds ${found}${advice}`
}
