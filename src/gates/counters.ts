import type { Scrape, Side } from '../core/counters.ts'
import type { Release } from '../core/events.ts'
import type { Colour } from '../core/shares.ts'
import type { RangeSeries } from './prometheus-api.ts'

/** Where the requests of a service are counted, and how to read the counters. */
export interface CounterSource {
  /** Selector of the counters of requests of both colours, without a range. */
  readonly requests: string
  /** Selector of the buckets of the duration of both colours; null when there is no histogram. */
  readonly durations: string | null
  /** Unit of the bounds of the buckets. */
  readonly unit: 'ms' | 's'
  /** Label with the answer's status; what begins with 5 is an error. */
  readonly statusLabel: string
  /** Label that tells the colours apart, and its value for each of them. */
  readonly colourLabel: string
  readonly values: Readonly<Record<Colour, string>>
  /** Value of the label for requests that reached no pod. They are the candidate's: stable had its pods all along. */
  readonly lostValue: string | null
}

/** Istio's standard metrics of a service. */
export interface IstioCountersOptions {
  readonly service: string
  /** The Services of the colours, where each has one of its own. */
  readonly services?: readonly string[]
  readonly namespace: string
  /** Deployment of each colour, the label `destination_workload`. */
  readonly workloads: Readonly<Record<Colour, string>>
  /** Who counts: the callers' proxies (`source`, sees requests that reached no pod) or the pods' own (`destination`). */
  readonly reporter?: 'source' | 'destination'
}

/** Counters that Istio's proxies keep. */
export function istioCounters(options: IstioCountersOptions): CounterSource {
  const { service, namespace, workloads, reporter, services = [service] } = options
  // A waypoint is the caller's side in ambient mode; never sum it with the pods' own counts.
  const who = reporter === 'destination' ? 'destination' : 'source|waypoint'
  const labels = `{reporter=~"${who}",destination_service_name=~"${services.join('|')}",destination_service_namespace="${namespace}"`
  return {
    requests: `istio_requests_total${labels}}`,
    durations: `istio_request_duration_milliseconds_bucket${labels}}`,
    unit: 'ms',
    statusLabel: 'response_code',
    colourLabel: 'destination_workload',
    values: workloads,
    lostValue: 'unknown',
  }
}

/** Counters that ingress-nginx keeps: the canary's requests are the main Ingress's but for the label `canary`. */
export interface NginxCountersOptions {
  readonly namespace: string
  /** Name of the main Ingress. */
  readonly ingress: string
  /** The Service of each track; the first one is the main track, the second one the canary. */
  readonly services: Readonly<Record<Colour, string>>
  /** Port of the canary's Service in the Ingress; default 80. */
  readonly port?: number
}

/** Counters of the ingress-nginx controller, also where Prometheus renames their `namespace` to `exported_namespace`. */
export function nginxCounters({ namespace, ingress, services, port = 80 }: NginxCountersOptions): CounterSource {
  const [main = '', canary = ''] = Object.keys(services)
  const alternative = `${namespace}-${services[canary] ?? ''}-${port}`
  const labels = `{ingress="${ingress}",exported_namespace=~"${namespace}|",canary=~"|${alternative}"}`
  return {
    requests: `nginx_ingress_controller_requests${labels}`,
    durations: `nginx_ingress_controller_request_duration_seconds_bucket${labels}`,
    unit: 's',
    statusLabel: 'status',
    colourLabel: 'canary',
    values: { [main]: '', [canary]: alternative },
    lostValue: null,
  }
}

/** Which side a series belongs to; null for neither. */
function sideOf(labels: Readonly<Record<string, string>>, source: CounterSource, release: Release): Side | null {
  const value = labels[source.colourLabel] ?? ''
  if (value === source.values[release.candidate] || value === source.lostValue) return 'candidate'
  return value === source.values[release.stable] ? 'stable' : null
}

/** The process that counts: its counters begin at zero together, and are scraped together. */
const ownerOf = (labels: Readonly<Record<string, string>>, colour: string): string =>
  [labels['job'], labels['namespace'], labels['pod'], labels['instance'], colour].map((one) => one ?? '').join(' ')

/** Sums the series of one owner at each time: a status that is seen for the first time then begins at zero. */
function toScrapes(
  series: readonly RangeSeries[],
  source: CounterSource,
  release: Release,
  placesOf: (labels: Readonly<Record<string, string>>) => readonly number[],
  size: number,
): Scrape[] {
  const found = new Map<string, { readonly side: Side; readonly at: Map<number, number[]> }>()
  for (const { labels, points } of series) {
    const side = sideOf(labels, source, release)
    const places = placesOf(labels)
    if (side === null || places.length === 0) continue
    const pod = ownerOf(labels, labels[source.colourLabel] ?? '')
    const owner = found.get(pod) ?? { side, at: new Map<number, number[]>() }
    found.set(pod, owner)
    for (const [at, value] of points) {
      if (!Number.isFinite(value)) continue
      const counts = owner.at.get(at) ?? new Array<number>(size).fill(0)
      for (const place of places) counts[place] = (counts[place] ?? 0) + value
      owner.at.set(at, counts)
    }
  }
  return [...found].flatMap(([pod, { side, at }]) =>
    [...at].sort(([one], [other]) => one - other).map(([time, counts]) => ({ side, pod, at: time, counts })),
  )
}

/** Requests and errors of each process that counts. */
export function requestScrapes(series: readonly RangeSeries[], source: CounterSource, release: Release): Scrape[] {
  const isLost = (labels: Readonly<Record<string, string>>) => labels[source.colourLabel] === source.lostValue
  const places = (labels: Readonly<Record<string, string>>): readonly number[] => {
    if ((labels[source.statusLabel] ?? '').startsWith('5')) return [0, 1]
    return isLost(labels) ? [] : [0]
  }
  return toScrapes(series, source, release, places, 2)
}

/** The bound of a bucket as Prometheus writes it: `250`, `0.25`, `250.0`. */
export const boundOf = (labels: Readonly<Record<string, string>>): number =>
  labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le'])

/** Requests, and those above each of the bounds, of each process that counts. */
export function durationScrapes(
  series: readonly RangeSeries[],
  source: CounterSource,
  release: Release,
  bounds: readonly number[],
): Scrape[] {
  const places = (labels: Readonly<Record<string, string>>): readonly number[] => {
    const bound = boundOf(labels)
    if (labels[source.colourLabel] === source.lostValue) return []
    return bound === Number.POSITIVE_INFINITY ? [0] : bounds.flatMap((one, index) => (one === bound ? [index + 1] : []))
  }
  return toScrapes(series, source, release, places, 1 + bounds.length).map((scrape) => {
    const [total = 0, ...below] = scrape.counts
    return { ...scrape, counts: [total, ...below.map((count) => Math.max(0, total - count))] }
  })
}
