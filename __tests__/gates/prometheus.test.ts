import { NOBODY } from '../../src/core/plan.ts'
import http from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chance } from '../../src/platform/chance.ts'
import { UNKNOWN_ORIGIN } from '../../src/core/events.ts'
import { canary } from '../../src/core/strategies.ts'
import { prometheus, type QueryOptions } from '../../src/gates/query.ts'
import { command } from '../../src/gates/command.ts'
import type { PrometheusOptions } from '../../src/gates/prometheus-api.ts'
import { systemShell } from '../../src/platform/shell.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { GateWindow, Platform } from '../../src/ports.ts'

type Answer = (
  query: string,
  request: http.IncomingMessage,
) => { status?: number; body: string; headers?: Record<string, string> }

let server: http.Server
let url = ''
let answer: Answer
const asked: string[] = []

beforeEach(async () => {
  asked.length = 0
  server = http.createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://x').searchParams.get('query') ?? ''
    asked.push(query)
    const { status = 200, body, headers = {} } = answer(query, request)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const platform = (): Platform => ({
  cluster: undefined as never,
  ...chance,
  fetch: globalThis.fetch,
  shell: systemShell,
  clock: systemClock(),
  say: () => undefined,
  mask: (text) => text.replaceAll('s3cret', '***'),
  env: { PATH: process.env['PATH'], INPUT_TOKEN: 's3cret' },
})

const window = (weight = 25): GateWindow => ({
  from: Date.now() - 60_000,
  to: Date.now(),
  shiftedAt: Date.now() - 70_000,
  weight,
  audience: NOBODY,
  course: [{ at: Date.now() - 70_000, weight }],
  plan: canary({ stages: [weight, 100] }),
  release: {
    id: 'x',
    service: 'shop',
    version: '1.1',
    previousVersion: '1.0',
    stable: 'blue',
    candidate: 'green',
    by: '',
    origin: UNKNOWN_ORIGIN,
    previousOrigin: UNKNOWN_ORIGIN,
    members: [],
  },
})

const vector = (...series: [Record<string, string>, string][]): string =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [0, value] })) },
  })

const measure = (options: QueryOptions & PrometheusOptions) =>
  prometheus({ url, timeoutMs: 300, ...options })(platform()).measure(window(), new AbortController().signal)

describe('an odd answer is never a pass', () => {
  it.each<[string, ReturnType<Answer>, string, string]>([
    ['an empty vector', { body: vector() }, 'no-data', 'found nothing'],
    ['NaN', { body: vector([{}, 'NaN']) }, 'no-data', 'NaN'],
    ['+Inf', { body: vector([{}, '+Inf']) }, 'no-data', 'Infinity'],
    ['two series', { body: vector([{ a: '1' }, '0'], [{ a: '2' }, '0']) }, 'error', '2 series'],
    ['a matrix', { body: '{"status":"success","data":{"resultType":"matrix","result":[]}}' }, 'error', 'matrix'],
    ['an error in a 200', { body: '{"status":"error","error":"timed out"}' }, 'error', 'timed out'],
    ['a bad query', { status: 400, body: '{"status":"error","error":"parse error"}' }, 'error', 'parse error'],
    ['wrong credentials', { status: 401, body: 'no' }, 'error', 'refused the credentials (401)'],
    ['HTML', { body: '<html>please log in</html>' }, 'error', 'login page'],
    ['half a JSON', { body: '{"status":"succ' }, 'error', 'not JSON'],
    ['JSON of another program', { body: '[]' }, 'error', ''],
    ['a server error', { status: 503, body: 'busy' }, 'error', '503'],
    [
      'a redirect',
      { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/login' } },
      'error',
      'cannot be asked',
    ],
    [
      'a clock an hour off',
      { body: vector([{}, '0']), headers: { date: 'Mon, 01 Jan 2024 00:00:00 GMT' } },
      'error',
      'clock',
    ],
    ['an empty text for a value', { body: vector([{}, '']) }, 'no-data', 'NaN'],
  ])('%s', async (_name, given, verdict, reason) => {
    answer = () => given
    const found = await measure({ query: 'x', max: 1 })
    expect(found.verdict).toBe(verdict)
    expect(found.reason).toContain(reason)
  })

  it('a server that is not there', async () => {
    server.close()
    server.closeAllConnections()
    expect(await measure({ query: 'x', max: 1 })).toMatchObject({ verdict: 'error' })
  })

  it('a server that hangs', async () => {
    server.removeAllListeners('request')
    const found = await measure({ query: 'x', max: 1 })
    expect(found).toMatchObject({
      verdict: 'error',
      reason: expect.stringContaining('no answer within 300ms') as string,
    })
  })
})

describe('a query', () => {
  it('is tried again after 503 and 429', async () => {
    const codes = [503, 429]
    answer = () => ({ status: codes.shift() ?? 200, body: vector([{}, '0.5']) })
    expect(await measure({ query: 'x', max: 1 })).toMatchObject({ verdict: 'pass', value: 0.5, reason: '0.5 ≤ 1' })
    expect(asked).toHaveLength(3)
  })

  it('carries token and headers', async () => {
    const seen: unknown[] = []
    answer = (_query, request) => {
      seen.push(request.headers.authorization, request.headers['x-scope-orgid'])
      return { body: vector([{}, '0']) }
    }
    await measure({ query: 'x', max: 1, bearerToken: 't0ken', headers: { 'X-Scope-OrgID': 'a' } })
    expect(seen).toEqual(['Bearer t0ken', 'a'])
  })

  it('compares the candidate with stable, names filled in', async () => {
    answer = (query) => ({ body: vector([{}, query.includes('green') ? '0.4' : '0.2']) })
    const query = 'r{c="{colour}",v="{version}"}[{window}]'
    expect(await measure({ query, tolerance: 1.5 })).toMatchObject({
      verdict: 'fail',
      baseline: 0.2,
      reason: '0.4 > 0.3 (stable 0.2)',
    })
    expect(asked).toEqual(['r{c="green",v="1.1"}[60s]', 'r{c="blue",v="1.0"}[60s]'])
    expect(await measure({ query, tolerance: 1.5, allowance: 0.2 })).toMatchObject({ verdict: 'pass' })
  })

  it('refuses several series of stable as it does of the candidate', async () => {
    const two: [Record<string, string>, string][] = [
      [{ a: '1' }, '0.9'],
      [{ a: '2' }, '0.1'],
    ]
    answer = (query) => ({ body: query.includes('green') ? vector([{}, '0.4']) : vector(...two) })
    const found = await measure({ query: '{colour}', tolerance: 1.5 })
    expect(found).toMatchObject({ verdict: 'error', reason: expect.stringContaining('2 series') as string })
  })

  it('with min means that higher is better', async () => {
    answer = (query) => ({ body: vector([{}, query.includes('green') ? '0.7' : '1']) })
    expect(await measure({ query: '{colour}', min: 0.5, tolerance: 1.2 })).toMatchObject({ verdict: 'fail' })
    expect(await measure({ query: '{colour}', min: 0.5, tolerance: 1.5 })).toMatchObject({ verdict: 'pass' })
  })

  it('with too few requests behind it has no data', async () => {
    answer = (query) => ({ body: vector([{}, query === 'count' ? '7' : '0']) })
    const found = await measure({ query: 'x', max: 1, requests: 'count', minRequests: 50 })
    expect(found).toMatchObject({ verdict: 'no-data', reason: '7 requests, 50 needed' })
  })
})

describe('a command', () => {
  const run = (...words: string[]) =>
    command({ command: words, timeoutMs: 2000 })(platform()).measure(window(), new AbortController().signal)

  it('passes with exit code 0 and knows the release', async () => {
    const script =
      'process.exit(process.env.GRAY_RELEASE_COLOUR === "green" && process.env.INPUT_TOKEN === undefined ? 0 : 1)'
    expect(await run('node', '-e', script)).toMatchObject({ verdict: 'pass' })
  })

  it('fails with another code, with its last words and without secrets', async () => {
    const found = await run('node', '-e', 'console.log("broken s3cret"); process.exit(3)')
    expect(found).toMatchObject({ verdict: 'fail', value: 3, reason: 'ended with code 3: broken ***' })
  })

  it('that does not exist is an error, not a verdict on the candidate', async () => {
    expect((await run('no-such-program-here')).verdict).toBe('error')
  })

  it('that does not end in time fails', async () => {
    expect(await run('sleep', '30')).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('within 2s') as string,
    })
  })
})
