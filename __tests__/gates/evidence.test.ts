import { NOBODY } from '../../src/core/plan.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chance } from '../../src/platform/chance.ts'
import { UNKNOWN_ORIGIN } from '../../src/core/events.ts'
import { canary } from '../../src/core/strategies.ts'
import { istioCounters } from '../../src/gates/counters.ts'
import { evidence } from '../../src/gates/evidence.ts'
import { masker } from '../../src/platform/platform.ts'
import { systemShell } from '../../src/platform/shell.ts'
import type { Gate, GateWindow, Platform, Shift } from '../../src/ports.ts'
import { SandboxMetrics } from '../../src/sandbox/metrics.ts'
import { Random } from '../../scripts/gate-bench/random.ts'

const SCRAPE_MS = 15_000
const BUCKETS = ['5', '10', '25', '50', '100', '+Inf']
const plan = canary({ stages: [5, 25, 50, 100] })
const source = istioCounters({
  service: 'shop',
  namespace: 'demo',
  workloads: { blue: 'shop-blue', green: 'shop-green' },
})
const release = {
  id: 'one',
  service: 'shop',
  version: '1.1',
  previousVersion: '1.0',
  stable: 'blue',
  candidate: 'green',
  by: '',
  origin: UNKNOWN_ORIGIN,
  previousOrigin: UNKNOWN_ORIGIN,
  members: [],
}

interface Behaviour {
  readonly errors: number
  readonly slow: number
}

const FINE: Behaviour = { errors: 0.005, slow: 0.03 }

let now = 0
let metrics: SandboxMetrics
let url = ''
let random: Random
let begunAt = 0

beforeEach(async () => {
  now = Date.parse('2026-01-02T00:00:00Z')
  random = new Random(5)
  metrics = new SandboxMetrics(() => now)
  url = await metrics.listen()
  // Twenty minutes of stable alone.
  for (let k = 0; k < 80; k += 1) flow(0, FINE, FINE)
  begunAt = now
})
afterEach(() => {
  metrics.close()
})

function requests(workload: string, n: number, { errors, slow }: Behaviour): void {
  const labels = {
    reporter: 'source',
    destination_service_name: 'shop',
    destination_service_namespace: 'demo',
    destination_workload: workload,
    instance: 'gateway-1',
  }
  const bad = random.binomial(n, errors)
  metrics.add('istio_requests_total', { ...labels, response_code: '200' }, n - bad)
  // As in life: the series of a status is born with the first such answer.
  if (bad > 0) metrics.add('istio_requests_total', { ...labels, response_code: '500' }, bad)
  const late = random.binomial(n, slow)
  for (const le of BUCKETS) {
    const below = Number(le) >= 100 || le === '+Inf' ? n : Number(le) >= 25 ? n - late : Math.round((n - late) / 2)
    metrics.add('istio_request_duration_milliseconds_bucket', { ...labels, le }, below)
  }
}

/** One scrape of traffic at 200 requests a second. */
function flow(weight: number, candidate: Behaviour, stable: Behaviour = FINE): void {
  const all = 200 * (SCRAPE_MS / 1000)
  const nC = random.binomial(all, weight / 100)
  if (nC < all) requests('shop-blue', all - nC, stable)
  if (nC > 0) requests('shop-green', nC, candidate)
  now += SCRAPE_MS
  metrics.scrape()
}

const platform = (): Platform => ({
  cluster: undefined as never,
  ...chance,
  fetch: globalThis.fetch,
  shell: systemShell,
  clock: { now: () => now, sleepUntil: () => Promise.resolve() },
  say: () => undefined,
  mask: masker([]),
  env: {},
})

const connect = (): Gate => evidence({ url, source })(platform())

async function look(gate: Gate, course: readonly Shift[]) {
  const { at = now, weight = 0 } = course.at(-1) ?? {}
  const window: GateWindow = { from: at, to: now, shiftedAt: at, weight, audience: NOBODY, release, course, plan }
  return gate.measure(window, new AbortController().signal)
}

/** Flows and looks until there is an answer that is not "undecided". */
async function until(weight: number, candidate: Behaviour, atMost = 80) {
  const gate = connect()
  const course = [{ at: begunAt, weight }]
  for (let k = 1; k <= atMost; k += 1) {
    flow(weight, candidate)
    now += 3000
    const found = await look(gate, course)
    now -= 3000
    if (found.verdict !== 'undecided') return { ...found, scrapes: k, gate, course }
  }
  throw new Error('no decision')
}

describe('evidence', () => {
  it('lets a healthy candidate pass, and says what is ruled out', async () => {
    const found = await until(25, FINE)
    expect(found.verdict).toBe('pass')
    expect(found.reason).toMatch(
      /errors: candidate .* % of \d+ requests, stable .* % of \d+; more than 1.5 × stable \+ .* points is ruled out/,
    )
    expect(found.evidence).toHaveLength(2)
  })

  it('finds errors, with counts, limit and odds in the sentence', async () => {
    const found = await until(25, { ...FINE, errors: 0.05 })
    expect(found.verdict).toBe('fail')
    expect(found.scrapes).toBeLessThan(10)
    expect(found.reason).toMatch(
      /errors: candidate .* % of \d+ requests, stable .* % of \d+ in this stage; the limit is 1.5 × stable \+ 0.1 points; evidence \d+ to 1/,
    )
  })

  it('finds slow requests at a boundary of the histogram', async () => {
    const found = await until(25, { ...FINE, slow: 0.3 })
    expect(found).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^slower than 25 ms: candidate/) as string,
    })
  })

  it('takes requests that reached no pod for the candidate’s', async () => {
    const gate = connect()
    const course = [{ at: begunAt, weight: 25 }]
    let found = await look(gate, course)
    for (let k = 0; k < 12 && found.verdict !== 'fail'; k += 1) {
      requests('shop-blue', 2250, FINE)
      requests('unknown', 750, { errors: 1, slow: 0 })
      now += SCRAPE_MS
      metrics.scrape()
      found = await look(gate, course)
    }
    expect(found).toMatchObject({
      verdict: 'fail',
      reason: expect.stringMatching(/^errors: candidate 100 %/) as string,
    })
  })

  it('reverts a candidate that serves nothing although the weight says so', async () => {
    const gate = connect()
    const course = [{ at: begunAt, weight: 25 }]
    let found = await look(gate, course)
    for (let k = 0; k < 20 && found.verdict !== 'fail'; k += 1) {
      requests('shop-blue', 2250, FINE)
      now += SCRAPE_MS
      metrics.scrape()
      found = await look(gate, course)
    }
    expect(found.reason).toMatch(/the candidate is not serving: written 25 %, served 0 % of \d+ requests/)
  })

  it('waits while the mesh still serves the weight before', async () => {
    const gate = connect()
    for (let k = 0; k < 8; k += 1) flow(5, FINE)
    const course = [
      { at: begunAt, weight: 5 },
      { at: now, weight: 50 },
    ]
    for (let k = 0; k < 20; k += 1) flow(5, FINE)
    expect(await look(gate, course)).toMatchObject({
      verdict: 'undecided',
      reason: expect.stringMatching(/written 50 %, served [45].* % of/) as string,
    })
  })

  it('forgives a mesh that followed late', async () => {
    const gate = connect()
    for (let k = 0; k < 8; k += 1) flow(5, FINE)
    const course = [
      { at: begunAt, weight: 5 },
      { at: now, weight: 50 },
    ]
    for (let k = 0; k < 20; k += 1) flow(5, FINE)
    expect((await look(gate, course)).verdict).toBe('undecided')
    for (let k = 0; k < 14; k += 1) flow(50, FINE)
    now += 3000
    expect((await look(gate, course)).verdict).toBe('pass')
  })

  it('is the same after a restart of the run: everything is read again', async () => {
    const before = await until(25, FINE)
    for (let k = 0; k < 4; k += 1) flow(25, { ...FINE, errors: 0.01 })
    now += 3000
    const [kept, fresh] = [await look(before.gate, before.course), await look(connect(), before.course)]
    expect(fresh.evidence).toEqual(kept.evidence)
    expect(fresh.reason).toBe(kept.reason)
  })

  it('has no data without requests, and passes at weight 0', async () => {
    const gate = connect()
    const course = [{ at: begunAt, weight: 25 }]
    for (let k = 0; k < 8; k += 1) {
      now += SCRAPE_MS
      metrics.scrape()
    }
    expect(await look(gate, course)).toMatchObject({ verdict: 'no-data', reason: 'no requests at all' })
    expect(await look(gate, [])).toMatchObject({ verdict: 'pass' })
  })

  it('is an error while Prometheus does not answer, and goes on afterwards', async () => {
    const gate = connect()
    const course = [{ at: begunAt, weight: 25 }]
    flow(25, FINE)
    metrics.faults.answer = () => ({ status: 400, body: '{"status":"error","error":"no"}' })
    expect((await look(gate, course)).verdict).toBe('error')
    metrics.faults.answer = null
    for (let k = 0; k < 10; k += 1) flow(25, FINE)
    now += 3000
    expect((await look(gate, course)).verdict).toBe('pass')
  })

  it.each([
    ['http_requests_total', 'http_requests_total{deployment="shop-blue"}'],
    ['http_requests_total{}', 'http_requests_total{deployment="shop-blue"}'],
    ['http_requests_total{app="shop",}', 'http_requests_total{app="shop",deployment="shop-blue"}'],
  ])('narrows the selector %s of one’s own to a colour', async (requests, narrowed) => {
    const asked: string[] = []
    metrics.faults.answer = (query) => {
      asked.push(query)
      return { status: 200, body: '{"status":"success","data":{"resultType":"vector","result":[]}}' }
    }
    const labels = { statusLabel: 'status', colourLabel: 'deployment', lostValue: null, unit: 's' } as const
    const own = { ...labels, requests, durations: null, values: source.values }
    await evidence({ url, source: own })(platform()).forecast?.(plan, 'blue', new AbortController().signal)
    expect(asked).toContain(`sum(increase(${narrowed}[1200s]))`)
  })

  it('tells what the stages can find at today’s traffic', async () => {
    const lines = (await connect().forecast?.(plan, 'blue', new AbortController().signal)) ?? []
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(
      /^5 %: 600 requests a minute, about .* if healthy; finds 1.[67] % errors in .*, 4.[0-4] % errors in .*/,
    )
  })
})
