import type { MetricEvidence, Odds } from './evidence-judge.ts'

/** One answer of a gate. Only `pass` lets a stage go on; `no-data` and `error` never count as a pass. */
export type Verdict = 'pass' | 'fail' | 'undecided' | 'no-data' | 'error'

/** One gate asked once: value, bound and the sentence a person reads. */
export interface Measurement {
  readonly gate: string
  readonly verdict: Verdict
  readonly reason: string
  /** The candidate's value; null when there is none. */
  readonly value: number | null
  /** The bound it was held against; null when there is none. */
  readonly limit: number | null
  /** The stable colour's value in the same window; null when it was not asked. */
  readonly baseline: number | null
  /** The exact question, to ask again. */
  readonly query: string
  /** The numbers behind a verdict by evidence, one for each metric. */
  readonly evidence?: readonly MetricEvidence[]
  /** What the metrics come to together. */
  readonly odds?: Odds
}

const BY_WEIGHT: readonly Verdict[] = ['pass', 'undecided', 'no-data', 'error', 'fail']

/** The verdict of a stage is the worst of its gates; without gates there is nothing against going on. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (BY_WEIGHT.indexOf(b) > BY_WEIGHT.indexOf(a) ? b : a), 'pass')
}

/** Bounds on a value, both inclusive; null where there is none. */
export interface Bound {
  readonly min: number | null
  readonly max: number | null
}

/** Whether a value keeps its bounds. A value that is not a finite number is no data. */
export function judge(value: number, bound: Bound): Verdict {
  if (!Number.isFinite(value)) return 'no-data'
  if (bound.max !== null && value > bound.max) return 'fail'
  if (bound.min !== null && value < bound.min) return 'fail'
  return 'pass'
}

/** What a comparison with stable tolerates: `limit = stable × tolerance + allowance`. */
export interface Tolerance {
  readonly tolerance: number
  readonly allowance: number
}

/** The largest value the candidate may have: `limitOf(0.02, { tolerance: 1.5, allowance: 0.001 }) → 0.031`. */
export function limitOf(baseline: number, tolerated: Tolerance): number {
  return baseline * tolerated.tolerance + tolerated.allowance
}
