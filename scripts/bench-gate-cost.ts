// What one look of the evidence gate costs with 50 pods of each colour and 20 minutes of history.
import { NOBODY } from '../src/core/plan.ts'
import { chance } from '../src/platform/chance.ts'
import { UNKNOWN_ORIGIN } from '../src/core/events.ts'
import { canary, evidence, istioCounters } from '../src/index.ts'
import type { Platform } from '../src/index.ts'
import { systemClock } from '../src/platform/clock.ts'
import { systemShell } from '../src/platform/shell.ts'

const PODS = 50
const SCRAPE_S = 15
const LOOKS = 60
const BOUNDS = ['5', '10', '25', '50', '100', '250', '500', '1000', '+Inf']

/** Counters that grow evenly: the value of a series at a time. */
const valueAt = (perScrape: number, at: number, from: number): number =>
  Math.max(0, Math.floor(((at - from) / SCRAPE_S) * perScrape))

function series(query: string, at: number, from: number): object[] {
  const lengthS = Number(/\[(\d+)s\]$/.exec(query)?.[1] ?? 0)
  const first = Math.max(from, Math.ceil((at - lengthS) / SCRAPE_S) * SCRAPE_S)
  const times: number[] = []
  for (let t = first; t <= at; t += SCRAPE_S) times.push(t)
  const isDuration = query.includes('_bucket')
  const kinds = isDuration
    ? BOUNDS.filter((le) =>
        new RegExp(`^(?:${/le=~"([^"]+)"/.exec(query)?.[1]?.replaceAll('\\\\', '\\') ?? '.*'})$`).test(le),
      ).map((le, index) => ({ labels: { le }, perScrape: 20 + index }))
    : [
        { labels: { response_code: '200' }, perScrape: 60 },
        { labels: { response_code: '500' }, perScrape: 1 },
      ]
  return ['shop-blue', 'shop-green'].flatMap((workload) =>
    Array.from({ length: PODS }, (_, pod) => pod).flatMap((pod) =>
      kinds.map(({ labels, perScrape }) => ({
        metric: {
          destination_workload: workload,
          pod: `${workload}-${pod}`,
          instance: `10.0.0.${pod}:15020`,
          ...labels,
        },
        values: times.map((t) => [t, String(valueAt(perScrape, t, from))]),
      })),
    ),
  )
}

/** Milliseconds of CPU of one look, without the network; the median of many. */
export async function lookCost(): Promise<{ readonly firstMs: number; readonly lookMs: number }> {
  const begun = 1_800_000_000
  const from = begun - 20 * 60
  let now = begun * 1000
  let answered = 0
  const answer = (input: string): Response => {
    const params = new URL(input).searchParams
    const query = params.get('query') ?? ''
    const time = params.get('time') ?? '0'
    const result = query.startsWith('sum')
      ? BOUNDS.map((le, index) => ({ metric: { le }, value: [Number(time), String((index + 1) * 1000)] }))
      : series(query, Number(time), from)
    const text = JSON.stringify({
      status: 'success',
      data: { resultType: query.startsWith('sum') ? 'vector' : 'matrix', result },
    })
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  }
  const platform: Platform = {
    cluster: undefined as never,
    ...chance,
    // Making the answer is not the gate's work: it is taken out of the measurement.
    fetch: (input) => {
      const before = process.cpuUsage()
      const made = answer(input as string)
      const { user, system } = process.cpuUsage(before)
      answered += (user + system) / 1000
      return Promise.resolve(made)
    },
    shell: systemShell,
    clock: { ...systemClock(), now: () => now },
    say: () => undefined,
    mask: (text) => text,
    env: {},
  }
  const source = istioCounters({
    service: 'shop',
    namespace: 'demo',
    workloads: { blue: 'shop-blue', green: 'shop-green' },
    reporter: 'destination',
  })
  const gate = evidence({ url: 'http://prometheus', source })(platform)
  const release = {
    ...{ id: 'x', service: 'shop', version: '2', previousVersion: '1', stable: 'blue', candidate: 'green' },
    ...{ by: '', origin: UNKNOWN_ORIGIN, previousOrigin: UNKNOWN_ORIGIN, members: [] },
  }
  const costs: number[] = []
  for (let look = 1; look <= LOOKS; look += 1) {
    now = (begun + look * SCRAPE_S + 3) * 1000
    const at = begun * 1000
    const window = {
      from: at,
      to: now,
      shiftedAt: at,
      weight: 50,
      audience: NOBODY,
      release,
      course: [{ at, weight: 50 }],
      plan: canary({ stages: [50, 100] }),
    }
    answered = 0
    const before = process.cpuUsage()
    const { verdict, reason } = await gate.measure(window, new AbortController().signal)
    const { user, system } = process.cpuUsage(before)
    if (verdict === 'error') throw new Error(reason)
    costs.push((user + system) / 1000 - answered)
  }
  const later = costs.slice(1)
  return {
    firstMs: costs[0] ?? Number.NaN,
    lookMs: [...later].sort((a, b) => a - b)[Math.floor(later.length / 2)] ?? Number.NaN,
  }
}
