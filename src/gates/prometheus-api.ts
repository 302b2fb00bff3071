import { toDuration } from '../core/duration.ts'
import { ReleaseError, toReleaseError } from '../errors.ts'
import type { Connect, Platform } from '../ports.ts'

/** Where the metrics are asked, and as whom. */
export interface PrometheusOptions {
  /** Base address, for example `https://prometheus.example`; not needed with `service`. */
  readonly url?: string
  /** `namespace/name:port` of a Service, asked through the API server's proxy with the cluster's own credentials. */
  readonly service?: string
  readonly bearerToken?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** One value of an instant query. `value` is NaN or infinite as Prometheus sent it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One series with its samples: times in milliseconds, oldest first. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly (readonly [number, number])[]
}

/** The HTTP API of Prometheus: an answer or one clear error. */
export interface PrometheusApi {
  /** @throws ReleaseError METRICS_UNAVAILABLE (could not ask) or METRICS_REJECTED (asking again cannot help) */
  ask(query: string, at: number, signal: AbortSignal): Promise<readonly Sample[]>
  /** The raw samples of a selector with a range, as they were scraped. @throws as `ask` */
  askRange(query: string, at: number, signal: AbortSignal): Promise<readonly RangeSeries[]>
  readonly address: string
}

const RETRY_MS = [200, 800]
const MOST_SKEW_MS = 30_000
const MOST_BYTES = 8_000_000

/** JSON has no infinity: Prometheus writes `"NaN"`, `"+Inf"` and `"-Inf"`, of which JavaScript knows only the first. */
export function toValue(text: unknown): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN
}

interface Raw {
  readonly status: number
  readonly text: string
  readonly date: string | null
}

function unavailable(message: string, cause?: unknown): ReleaseError {
  return new ReleaseError('METRICS_UNAVAILABLE', message, { cause })
}

function rejected(message: string): ReleaseError {
  return new ReleaseError('METRICS_REJECTED', message)
}

interface ApiAnswer {
  readonly status?: string
  readonly error?: string
  readonly errorType?: string
  readonly warnings?: readonly string[]
  readonly data?: { readonly resultType?: string; readonly result?: unknown }
}

function parseAnswer(text: string, address: string): ApiAnswer {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    const what = /^\s*</.test(text) ? 'HTML (a login page?)' : 'something that is not JSON'
    throw rejected(`${address} answered with ${what}; is this the address of a Prometheus?`)
  }
  if (typeof answer !== 'object' || answer === null) throw rejected(`${address} did not answer as Prometheus does`)
  return answer
}

/** One series of an answer, of which nothing is known yet. */
interface RawSeries {
  readonly metric?: Readonly<Record<string, string>> | null
  readonly value?: unknown
  readonly values?: unknown
}

function listOf(result: unknown): readonly RawSeries[] {
  if (!Array.isArray(result)) throw rejected('the answer has no list of series')
  return result.map((one: unknown) => (typeof one === 'object' && one !== null ? one : {}))
}

/** A time and a value; a pair that is none gives no number. */
const pairOf = (pair: unknown): readonly [unknown, unknown] => (Array.isArray(pair) ? [pair[0], pair[1]] : [null, null])

function toSamples({ data }: ApiAnswer): readonly Sample[] {
  switch (data?.resultType) {
    case 'scalar':
      return [{ labels: {}, value: toValue(pairOf(data.result)[1]) }]
    case 'vector':
      return listOf(data.result).map(({ metric, value }) => ({
        labels: metric ?? {},
        value: toValue(pairOf(value)[1]),
      }))
    default:
      throw rejected(`the query gives a ${data?.resultType ?? 'nothing'}, an instant vector or scalar is wanted`)
  }
}

function toSeries({ data }: ApiAnswer): readonly RangeSeries[] {
  const type = data?.resultType ?? 'nothing'
  if (type !== 'matrix') throw rejected(`the query gives a ${type}, samples of a range are wanted`)
  return listOf(data?.result).map(({ metric, values }) => ({
    labels: metric ?? {},
    points: (Array.isArray(values) ? values : []).flatMap((pair: unknown) => {
      const [at, value] = pairOf(pair)
      return typeof at === 'number' ? [[Math.round(at * 1000), toValue(value)] as const] : []
    }),
  }))
}

/** Connects to a Prometheus (or anything with its HTTP API). */
export function prometheusApi(options: PrometheusOptions): Connect<PrometheusApi> {
  return (platform) => {
    const address =
      options.service === undefined ? (options.url ?? '').replace(/\/+$/, '') : `Service ${options.service}`
    const get =
      options.service === undefined ? overHttp(options, address, platform) : overProxy(options.service, platform)

    const checkClock = (date: string | null): void => {
      const theirs = Date.parse(date ?? '')
      if (Number.isNaN(theirs)) return
      const skew = Math.abs(theirs - platform.clock.now())
      if (skew > MOST_SKEW_MS) {
        throw rejected(
          `the clock of ${address} differs by ${toDuration(skew)} from ours: its windows are not our windows`,
        )
      }
    }

    const answerTo = async (query: string, at: number, signal: AbortSignal): Promise<ApiAnswer> => {
      const path = `/api/v1/query?${new URLSearchParams({ query, time: (at / 1000).toFixed(3) }).toString()}`
      for (let attempt = 0; ; attempt += 1) {
        const waitMs = RETRY_MS[attempt]
        try {
          const raw = await get(path, signal)
          if (raw.status === 429 || raw.status >= 500) {
            throw unavailable(`${address} answered ${raw.status}: ${raw.text.slice(0, 120)}`)
          }
          if (raw.status === 401 || raw.status === 403) {
            throw rejected(`${address} refused the credentials (${raw.status})`)
          }
          const answer = parseAnswer(raw.text, address)
          if (raw.status >= 300 || answer.status !== 'success') {
            throw rejected(`${address} refused the query: ${answer.error ?? `status ${raw.status}`}`)
          }
          checkClock(raw.date)
          for (const warning of answer.warnings ?? []) platform.say(`Prometheus warns: ${warning}`)
          return answer
        } catch (thrown) {
          const error = toReleaseError(thrown)
          const again = error.code === 'METRICS_UNAVAILABLE' && waitMs !== undefined && !signal.aborted
          if (!again) throw error
          const jittered = waitMs * (0.5 + platform.random())
          await platform.clock.sleepUntil(platform.clock.now() + jittered, signal)
        }
      }
    }

    return {
      address,
      ask: async (query, at, signal) => toSamples(await answerTo(query, at, signal)),
      askRange: async (query, at, signal) => toSeries(await answerTo(query, at, signal)),
    }
  }
}

type Get = (path: string, signal: AbortSignal) => Promise<Raw>

function overHttp(options: PrometheusOptions, address: string, platform: Platform): Get {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (options.bearerToken !== undefined) headers['authorization'] = `Bearer ${options.bearerToken}`
  const timeoutMs = options.timeoutMs ?? 10_000
  return async (path, signal) => {
    try {
      const answer = await platform.fetch(address + path, {
        headers,
        signal: AbortSignal.any([signal, platform.timeout(timeoutMs)]),
        // A redirect to a login page would carry the token away from the address the user named.
        redirect: 'error',
      })
      const text = await answer.text()
      if (text.length > MOST_BYTES) throw rejected(`${address} answered ${text.length} bytes: the query gives too much`)
      return {
        status: answer.status,
        text,
        date: answer.headers.get('date'),
      }
    } catch (thrown) {
      if (thrown instanceof ReleaseError) throw thrown
      const error = thrown as Error
      const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
      const why = error.name === 'TimeoutError' ? `no answer within ${toDuration(timeoutMs)}` : error.message + cause
      throw unavailable(`${address} cannot be asked: ${why}`, thrown)
    }
  }
}

function overProxy(service: string, platform: Platform): Get {
  const [, namespace = '', name = ''] = /^([^/]+)\/(.+)$/.exec(service) ?? []
  return async (path, signal) => {
    const proxied = `/api/v1/namespaces/${namespace}/services/${name}/proxy${path}`
    try {
      const answer = await platform.cluster.request<unknown>({ method: 'GET', path: proxied, signal })
      return { status: 200, text: JSON.stringify(answer), date: null }
    } catch (thrown) {
      const error = toReleaseError(thrown)
      if (error.code === 'CLUSTER_UNREACHABLE') throw unavailable(error.message, thrown)
      throw rejected(error.message)
    }
  }
}

/** What a gate says when it could not ask: an `error`, which never passes and never blames the candidate. */
export function unanswered(thrown: unknown, query: string) {
  const error = toReleaseError(thrown)
  return { verdict: 'error' as const, reason: error.message, value: null, limit: null, baseline: null, query }
}
