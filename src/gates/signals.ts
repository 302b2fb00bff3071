import type { Colour } from '../core/shares.ts'
import { against, type Counts, type Measurement, type Tolerance } from '../core/verdict.ts'
import type { Connect, Gate, GateWindow, Platform } from '../ports.ts'
import { prometheusApi, unanswered, type PrometheusApi, type PrometheusOptions, type Sample } from './prometheus-api.ts'

/** Where Istio counts the requests of a service. */
export interface SignalSource {
  readonly service: string
  readonly namespace: string
  /** Deployment of each colour, the label `destination_workload`. */
  readonly workloads: Readonly<Record<Colour, string>>
  /** Who counts: the callers' proxies (`source`, sees requests that reached no pod) or the pods' own (`destination`). */
  readonly reporter?: 'source' | 'destination'
}

/** How much worse than stable the candidate may be. Shares are 0 to 1. */
export interface SignalOptions extends PrometheusOptions, Partial<Tolerance> {
  readonly source: SignalSource
  /** Fewer requests of the candidate than this are no data. */
  readonly minRequests?: number
}

/** Latency is judged by the share of requests slower than stable's quantile. */
export interface LatencyOptions extends SignalOptions {
  readonly quantile?: number
}

type Answer = Omit<Measurement, 'gate'>

const DEFAULT_TOLERANCE = 1.5
const DEFAULT_MIN_REQUESTS = 50

function selectorOf({ source }: SignalOptions): string {
  // A waypoint is the caller's side in ambient mode; never sum it with the pods' own counts.
  const reporter = source.reporter === 'destination' ? 'destination' : 'source|waypoint'
  return `reporter=~"${reporter}",destination_service_name="${source.service}",destination_service_namespace="${source.namespace}"`
}

const secondsOf = (window: GateWindow): string => `${Math.max(1, Math.round((window.to - window.from) / 1000))}s`

/** Once the candidate has everything, stable is judged by what it served in this time before. */
const HISTORY_MS = 10 * 60_000
/** Another time of day is another load: against the past twice the tolerance is fair. */
const HISTORY_FACTOR = 2

/** What stable served just before the weight was written. */
function before(window: GateWindow): GateWindow {
  return { ...window, from: window.shiftedAt - HISTORY_MS, to: window.shiftedAt }
}

/** Requests of one colour: all of them and those answered with a server error. */
interface Tally extends Counts {
  readonly workload: string
}

function tally(samples: readonly Sample[]): ReadonlyMap<string, Tally> {
  const found = new Map<string, Tally>()
  for (const { labels, value } of samples) {
    if (!Number.isFinite(value)) continue
    const workload = labels['destination_workload'] ?? 'unknown'
    const before = found.get(workload) ?? { workload, bad: 0, total: 0 }
    const bad = (labels['response_code'] ?? '').startsWith('5') ? value : 0
    found.set(workload, { workload, bad: before.bad + bad, total: before.total + value })
  }
  return found
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`
const shareOf = (counts: Counts): number => (counts.total > 0 ? counts.bad / counts.total : 0)
const NONE: Counts = { bad: 0, total: 0 }

/** How a signal is judged at a weight, see `against`. */
interface Strictness {
  readonly allowance: number
  readonly harm: number
  readonly weight: number
}

/** Excess errors of this share of all requests are let through on the way up; slow requests hurt less than errors. */
const HARM = 0.001
const HARM_SLOW = 0.01

/** What stable served: in the same window, or before the switch when it serves nothing any more. */
interface Baseline {
  readonly counts: Counts
  readonly isPast: boolean
}

class Signal {
  protected readonly options: SignalOptions
  protected readonly api: PrometheusApi

  constructor(options: SignalOptions, platform: Platform) {
    this.options = options
    this.api = prometheusApi(options)(platform)
  }

  protected workload(colour: Colour): string {
    return this.options.source.workloads[colour] ?? colour
  }

  protected requestsQuery(window: GateWindow): string {
    return `sum by (destination_workload, response_code) (increase(istio_requests_total{${selectorOf(this.options)}}[${secondsOf(window)}]))`
  }

  protected get minRequests(): number {
    return this.options.minRequests ?? DEFAULT_MIN_REQUESTS
  }

  protected compare(
    candidate: Counts,
    { counts: stable, isPast }: Baseline,
    { allowance, harm, weight }: Strictness,
    what: string,
    query: string,
  ): Answer {
    const { minRequests } = this
    const factor = isPast ? HISTORY_FACTOR : 1
    const tolerated = {
      tolerance: (this.options.tolerance ?? DEFAULT_TOLERANCE) * factor,
      allowance: this.options.allowance ?? allowance,
      minRequests,
      weight,
      harm,
    }
    const { verdict, limit } = against(candidate, stable, tolerated)
    const counts = `candidate ${percent(shareOf(candidate))} of ${Math.round(candidate.total)} requests${what}, stable ${percent(shareOf(stable))} of ${Math.round(stable.total)}${isPast ? ' before' : ''}`
    const isAbove = verdict === 'pass' && shareOf(candidate) > limit
    const harmless = isAbove ? `; more is harmless at ${weight} %` : ''
    const needs = verdict === 'no-data' ? `; ${minRequests} requests of the candidate are needed` : ''
    return {
      verdict,
      reason: `${counts}; the limit is ${percent(limit)}${harmless}${needs}`,
      value: shareOf(candidate),
      limit,
      baseline: shareOf(stable),
      query,
    }
  }
}

class ErrorsGate extends Signal implements Gate {
  private async stableErrors(
    counts: ReadonlyMap<string, Counts>,
    window: GateWindow,
    signal: AbortSignal,
  ): Promise<Baseline> {
    const name = this.workload(window.release.stable)
    const now = counts.get(name) ?? NONE
    if (now.total >= this.minRequests || window.weight < 100) return { counts: now, isPast: false }
    const past = before(window)
    const history = tally(await this.api.ask(this.requestsQuery(past), past.to, signal))
    return { counts: history.get(name) ?? NONE, isPast: true }
  }

  async measure(window: GateWindow, signal: AbortSignal): Promise<Answer> {
    const query = this.requestsQuery(window)
    try {
      const counts = tally(await this.api.ask(query, window.to, signal))
      const stable = await this.stableErrors(counts, window, signal)
      const own = counts.get(this.workload(window.release.candidate)) ?? NONE
      // Requests that found no pod carry no workload. Stable had its pods all along, so they are the candidate's.
      const lost = window.weight > 0 ? (counts.get('unknown')?.bad ?? 0) : 0
      const candidate = { bad: own.bad + lost, total: own.total + lost }
      const what = lost > 0 ? ` (${Math.round(lost)} of them reached no pod)` : ''
      return this.compare(candidate, stable, { allowance: 0.001, harm: HARM, weight: window.weight }, what, query)
    } catch (thrown) {
      return unanswered(thrown, query)
    }
  }
}

class LatencyGate extends Signal implements Gate {
  private readonly quantile: number

  constructor(options: LatencyOptions, platform: Platform) {
    super(options, platform)
    this.quantile = options.quantile ?? 0.99
  }

  async measure(window: GateWindow, signal: AbortSignal): Promise<Answer> {
    const query = this.bucketsQuery(window)
    const strictness = { allowance: 1 - this.quantile, harm: HARM_SLOW, weight: window.weight }
    const names = window.release
    try {
      const samples = await this.api.ask(query, window.to, signal)
      const candidate = this.buckets(samples, this.workload(names.candidate))
      let stable = this.buckets(samples, this.workload(names.stable))
      const isPast = window.weight >= 100 && (stable.get(Number.POSITIVE_INFINITY) ?? 0) < this.minRequests
      if (isPast) {
        const past = before(window)
        const history = await this.api.ask(this.bucketsQuery(past), past.to, signal)
        stable = this.buckets(history, this.workload(names.stable))
      }
      const all = stable.get(Number.POSITIVE_INFINITY) ?? 0
      // A boundary of the histogram itself: between boundaries a quantile is only guessed.
      const boundary = [...stable].sort(([a], [b]) => a - b).find(([, count]) => count >= all * this.quantile)?.[0]
      if (all === 0 || boundary === undefined) {
        return this.compare(NONE, { counts: NONE, isPast }, strictness, '', query)
      }
      const slower = (buckets: ReadonlyMap<number, number>): Counts => {
        const total = buckets.get(Number.POSITIVE_INFINITY) ?? 0
        return { bad: Math.max(0, total - (buckets.get(boundary) ?? 0)), total }
      }
      const what = ` slower than ${boundary} ms`
      return this.compare(slower(candidate), { counts: slower(stable), isPast }, strictness, what, query)
    } catch (thrown) {
      return unanswered(thrown, query)
    }
  }

  private bucketsQuery(window: GateWindow): string {
    return `sum by (destination_workload, le) (increase(istio_request_duration_milliseconds_bucket{${selectorOf(this.options)}}[${secondsOf(window)}]))`
  }

  private buckets(samples: readonly Sample[], workload: string): ReadonlyMap<number, number> {
    const found = new Map<number, number>()
    for (const { labels, value } of samples) {
      if (labels['destination_workload'] !== workload || !Number.isFinite(value)) continue
      const le = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le'])
      found.set(le, value)
    }
    return found
  }
}

/** Other routes, such as one by header, send requests to the colours too: then the share must have moved this far. */
const MOVED = 0.5
const JUST_BEFORE_MS = 60_000

/** Requests of both colours, and the candidate's part of them. */
interface Served {
  readonly total: number
  readonly share: number
}

class TrafficGate extends Signal implements Gate {
  private async served(window: GateWindow, query: string, signal: AbortSignal): Promise<Served> {
    const counts = tally(await this.api.ask(query, window.to, signal))
    const of = (colour: Colour): number => counts.get(this.workload(colour))?.total ?? 0
    const candidate = of(window.release.candidate) + (counts.get('unknown')?.total ?? 0)
    const total = candidate + of(window.release.stable)
    return { total, share: total > 0 ? candidate / total : 0 }
  }

  async measure(window: GateWindow, signal: AbortSignal): Promise<Answer> {
    const query = this.requestsQuery(window)
    try {
      const { total, share } = await this.served(window, query, signal)
      const answer = { value: null, limit: null, baseline: null, query }
      if (total === 0) return { ...answer, verdict: 'no-data', reason: 'no requests at all' }
      const written = window.weight / 100
      // Three standard deviations of chance, and a tenth for windows that do not start on a scrape.
      const slack = 3 * Math.sqrt((written * (1 - written)) / total) + 0.1 * written + 0.002
      const said = `written ${window.weight} %, served ${percent(share)} of ${Math.round(total)} requests`
      const found = { ...answer, value: share, limit: written }
      if (Math.abs(share - written) <= slack) return { ...found, verdict: 'pass', reason: said }
      const past = { ...window, from: window.shiftedAt - JUST_BEFORE_MS, to: window.shiftedAt }
      const before = await this.served(past, this.requestsQuery(past), signal)
      const hasMoved = share > before.share && share >= before.share + MOVED * (written - before.share)
      const reason = `${said}, ${percent(before.share)} before`
      return { ...found, verdict: hasMoved ? 'pass' : 'undecided', baseline: before.share, reason }
    } catch (thrown) {
      return unanswered(thrown, query)
    }
  }
}

/** Server errors of the candidate against stable, those that reached no pod included. */
export function errors(options: SignalOptions): Connect<Gate> {
  return (platform) => new ErrorsGate(options, platform)
}

/** Slow requests of the candidate against stable. */
export function latency(options: LatencyOptions): Connect<Gate> {
  return (platform) => new LatencyGate(options, platform)
}

/** Whether the weight that was written is the share that is served. */
export function traffic(options: SignalOptions): Connect<Gate> {
  return (platform) => new TrafficGate(options, platform)
}
