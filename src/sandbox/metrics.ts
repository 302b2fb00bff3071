import http from 'node:http'
import { listenOnLoopback } from './listen.ts'
import { evaluate, isRange, QueryError, samplesOf, type Series } from './promql.ts'

type Labels = Readonly<Record<string, string>>

/** Counters of what really flowed, scraped on an interval, asked through the Prometheus HTTP API. */
export class SandboxMetrics {
  /** What a test or demo can do to the server: `answer` replaces every answer. */
  readonly faults: { answer: ((query: string) => { status: number; body: string }) | null } = { answer: null }
  queries = 0
  private readonly counters = new Map<string, { readonly name: string; readonly labels: Labels; value: number }>()
  private readonly history = new Map<
    string,
    { readonly name: string; readonly labels: Labels; points: [number, number][] }
  >()
  private readonly now: () => number
  private readonly server: http.Server

  constructor(now: () => number) {
    this.now = now
    this.server = http.createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://sandbox')
      const query = url.searchParams.get('query') ?? ''
      const at = Number(url.searchParams.get('time') ?? this.now() / 1000) * 1000
      this.queries += 1
      const { status, body } = this.faults.answer?.(query) ?? this.answer(url.pathname, query, at)
      response.writeHead(status, { 'content-type': 'application/json', date: new Date(this.now()).toUTCString() })
      response.end(body)
    })
  }

  async listen(): Promise<string> {
    return (await listenOnLoopback(this.server)).url
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  add(name: string, labels: Labels, amount: number): void {
    const key = name + JSON.stringify(labels)
    const counter = this.counters.get(key)
    if (counter === undefined) this.counters.set(key, { name, labels, value: amount })
    else counter.value += amount
  }

  /** Writes down every counter as it is now. */
  scrape(): void {
    const at = this.now()
    for (const [key, { name, labels, value }] of this.counters) {
      const series = this.history.get(key) ?? { name, labels, points: [] }
      series.points.push([at, value])
      this.history.set(key, series)
    }
  }

  private answer(path: string, query: string, at: number): { status: number; body: string } {
    if (path !== '/api/v1/query') return { status: 404, body: '{"status":"error","error":"not found"}' }
    try {
      const series: Series[] = [...this.history.values()]
      if (isRange(query)) {
        const result = samplesOf(query, at, series).map(({ labels, points }) => ({
          metric: labels,
          values: points.map(([time, value]) => [time / 1000, show(value)]),
        }))
        return { status: 200, body: JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }) }
      }
      const result = evaluate(query, at, series)
      const time = at / 1000
      const data =
        typeof result === 'number'
          ? { resultType: 'scalar', result: [time, show(result)] }
          : {
              resultType: 'vector',
              result: result.map(({ labels, value }) => ({ metric: labels, value: [time, show(value)] })),
            }
      return { status: 200, body: JSON.stringify({ status: 'success', data }) }
    } catch (thrown) {
      if (!(thrown instanceof QueryError)) throw thrown
      return { status: 400, body: JSON.stringify({ status: 'error', errorType: 'bad_data', error: thrown.message }) }
    }
  }
}

function show(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
