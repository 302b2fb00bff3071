import type { Tolerance } from './verdict.ts'
import type { Metric } from './trial.ts'

export const ERRORS: Tolerance = { tolerance: 1.5, allowance: 0.001 }

const MOST_HARM = 10

/** Server errors of the candidate against stable. */
export function errorsMetric({ tolerance, allowance }: Tolerance, part: number, harm: number): Metric {
  const limit = { rho: tolerance, delta: allowance }
  return { name: 'errors', part, limit, harm, mostHarm: harm * MOST_HARM, aloneShare: 0 }
}

/** An objective of its own: at most this share of errors, whatever stable does. */
function objectiveMetric(most: number, part: number, harm: number): Metric {
  const limit = { rho: 0, delta: most }
  return { name: 'errors against the objective', part, limit, harm, mostHarm: harm * MOST_HARM, aloneShare: 0 }
}

/** A depth of the histogram at which slow requests are counted. */
interface Depth {
  /** Stable's share of requests above the boundary that is looked for. */
  readonly share: number
  readonly delta: number
  readonly harm: number
}

/** In the body and in the tail: a few very slow requests are found in the tail sooner. */
const DEPTHS: readonly Depth[] = [
  { share: 0.04, delta: 0.01, harm: 0.005 },
  { share: 0.001, delta: 0.002, harm: 0.002 },
]

/** A boundary of the histogram that was picked, by its place among the bounds. */
export interface Boundary {
  readonly index: number
  readonly bound: number
  readonly depth: Depth
}

/**
 * Picks the boundaries of the histogram by what stable did before the release: between boundaries a quantile is only
 * guessed, the share above one is counted.
 *
 * @param bounds upper bounds, rising, without infinity
 * @param below how many of stable's requests were at or below each bound
 * @param total all of stable's requests
 * @param quantile of stable above which a request is slow, in place of the first depth; 0.5 to 0.9999
 */
export function pickBoundaries(
  bounds: readonly number[],
  below: readonly number[],
  total: number,
  quantile?: number,
): readonly Boundary[] {
  const picked: Boundary[] = []
  const [body, ...tail] = DEPTHS
  const depths = quantile === undefined || body === undefined ? DEPTHS : [{ ...body, share: 1 - quantile }, ...tail]
  for (const depth of depths) {
    // Half a request, so that a boundary above which nothing was seen can be picked too.
    const far = bounds.map((_, index) => {
      const share = Math.max(total - (below[index] ?? 0), 0.5) / Math.max(total, 1)
      return Math.abs(Math.log(share) - Math.log(depth.share))
    })
    const index = far.indexOf(Math.min(...far))
    const bound = bounds[index]
    if (bound !== undefined && !picked.some((one) => one.index === index)) picked.push({ index, bound, depth })
  }
  return picked
}

/**
 * With all requests and no stable beside it, a candidate is as slow as the whole cluster is: only what a cluster's own
 * bad minutes do not reach speaks against it. An overload does.
 */
const ALONE_SLOW = 0.25

/** Slow requests at each boundary; `unit` is that of the bounds, `looseness` multiplies the harm that is let through. */
function latencyMetrics(
  boundaries: readonly Boundary[],
  { tolerance = ERRORS.tolerance, allowance }: Partial<Tolerance>,
  part: number,
  unit: string,
  looseness: number,
): readonly Metric[] {
  return boundaries.map(({ bound, depth }) => ({
    name: `slower than ${bound} ${unit}`,
    part: part / boundaries.length,
    limit: { rho: tolerance, delta: allowance ?? depth.delta },
    harm: depth.harm * looseness,
    mostHarm: depth.harm * looseness * MOST_HARM,
    aloneShare: ALONE_SLOW,
  }))
}

/** Errors come first; latency has the other half of the one alpha. */
export const ERRORS_PART = 0.5
export const DEFAULT_HARM = 0.001

/** What is asked of a candidate: tolerances, harm, and the boundaries of the histogram that were picked. */
export interface GoldenOptions {
  readonly errors?: Partial<Tolerance> & { readonly max?: number }
  readonly latency?: Partial<Tolerance>
  /** Share of all requests that the next weight may cost, 0 to 1. */
  readonly harm?: number
  readonly boundaries: readonly Boundary[]
  /** Unit of the boundaries. */
  readonly unit: string
}

/** The metrics of a release under one alpha: errors, an objective if there is one, and each boundary of latency. */
export function goldenMetrics(options: GoldenOptions): readonly Metric[] {
  const { errors, latency = {}, harm = DEFAULT_HARM, boundaries, unit } = options
  const part = boundaries.length > 0 ? ERRORS_PART : 1
  const objective = errors?.max === undefined ? [] : [objectiveMetric(errors.max, part / 2, harm)]
  const first = errorsMetric({ ...ERRORS, ...errors }, part / (1 + objective.length), harm)
  return [first, ...objective, ...latencyMetrics(boundaries, latency, 1 - part, unit, harm / DEFAULT_HARM)]
}
