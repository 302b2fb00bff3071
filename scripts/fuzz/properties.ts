import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { buildOptions } from '../../src/config/build.ts'
import { readConfig } from '../../src/config/read.ts'
import { COMMANDS, INPUTS } from '../../src/config/inputs.ts'
import { parseDuration } from '../../src/core/duration.ts'
import { UNKNOWN_ORIGIN } from '../../src/core/events.ts'
import { decodeFence, decodePart, decodeRequest, decodeSaved } from '../../src/core/saved.ts'
import { ReleaseError } from '../../src/errors.ts'
import { istioCounters, requestScrapes } from '../../src/gates/counters.ts'
import { prometheusApi } from '../../src/gates/prometheus-api.ts'
import { inert } from '../../src/github/inert.ts'
import { errorCommand } from '../../src/action/workflow-commands.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { chance } from '../../src/platform/chance.ts'
import { masker } from '../../src/platform/platform.ts'
import { connectCluster, endOfToken } from '../../src/platform/cluster.ts'
import type { KubeObject, Platform } from '../../src/ports.ts'
import { markup, toMarkdown } from '../../src/report/escape.ts'
import { decodeRecord } from '../../src/report/record.ts'
import { applyJsonPatch, type Json } from '../../src/sandbox/json-patch.ts'
import { findRoutes } from '../../src/traffic/istio-routes.ts'
import { gatewayApi } from '../../src/traffic/gateway-api.ts'
import { ingressNginx } from '../../src/traffic/ingress-nginx.ts'
import type { RoutedKind } from '../../src/traffic/routed-object.ts'
import { WeightEditor } from '../../src/traffic/weights.ts'

/** One parser under fire. */
export interface Fuzzed {
  readonly name: string
  /** How many of a thousand inputs it gets. */
  readonly part: number
  readonly property: fc.IRawProperty<unknown[]>
}

/** Words that have broken parsers before. */
const NASTY = fc.constantFrom(
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '::error::x',
    '##[group]x',
    '\u2028',
    '\u0000',
  ],
  ...['<script>', '<!--', '${{ github.token }}', '$(id)', '`id`', '; rm -rf /', '../..', '%0A::set-output', '{{ .x }}'],
  ...[
    'NaN',
    '+Inf',
    '-1',
    '1e309',
    '0x10',
    '100%',
    '1m1m',
    '9'.repeat(400),
    'null',
    '~',
    '&a',
    '*a',
    '!!js/function',
    '\ud800',
  ],
)
const text = fc.oneof(
  { weight: 3, arbitrary: NASTY },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
)
const key = fc.oneof(
  text,
  fc.constantFrom('metadata', 'spec', 'http', 'route', 'weight', 'destination', 'subset', 'host'),
)
const json: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 5 }),
  ),
})).any

/** A known text with a few places broken. */
function broken(whole: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat(whole.length),
    drop: fc.nat(12),
    put: fc.oneof(text, fc.constantFrom('\n', '  ', ': ', '- ', '"')),
  })
  return fc
    .array(edit, { minLength: 0, maxLength: 4 })
    .map((edits) => edits.reduce((all, { at, drop, put }) => all.slice(0, at) + put + all.slice(at + drop), whole))
}

const CONFIG = `service: shop
namespace: demo
version: v1
colours: { blue: { subset: a }, green: { subset: b } }
deploy: { helmfile: { file: helmfile.yaml, env: { A: '{version}' }, timeout: 10m } }
traffic: { istio: { routes: [default] }, settle: 5s }
stages: [1, { weight: 25, min: 2m, max: 30m, checks: smoke }, { weight: 100, approval: true }]
gates:
  prometheus: { url: http://p, headers: { x: y } }
  errors: { tolerance: 1.5, allowance: 0.1% }
  checks: { smoke: { command: [ls, -l] }, orders: { query: 'sum(x)', min: 0.5 } }
policies: { on-inconclusive: revert, max-pause: 24h, keep-old: 1h }
notifications: [{ url-env: HOOK, format: slack, on: [started] }]
`

/** A clear refusal is an answer; anything else that is thrown is a defect. */
function orRefused(act: () => unknown): boolean {
  try {
    act()
  } catch (thrown) {
    if (!(thrown instanceof ReleaseError) || thrown.code === 'INTERNAL') throw thrown
  }
  return isClean()
}

const isClean = (): boolean =>
  Object.keys(Object.prototype).length === 0 && ({} as { polluted?: unknown }).polluted === undefined

const env = { HOOK: 'https://hook.example/x' }
const inputs = fc.dictionary(fc.constantFrom(...Object.keys(INPUTS)), text, { maxKeys: 6 })

const destination = fc.record({
  destination: fc.oneof(
    fc.record({
      host: fc.constantFrom('shop', 'shop.demo.svc.cluster.local', 'other'),
      subset: fc.constantFrom('blue', 'green', 'x'),
    }),
    json,
  ),
  weight: fc.oneof(fc.integer({ min: -5, max: 130 }), fc.constant(undefined), json),
})
const virtualService = fc.record({
  metadata: fc.record({
    name: fc.constant('vs'),
    namespace: fc.constant('demo'),
    annotations: fc.oneof(fc.constant(undefined), fc.dictionary(text, text)),
  }),
  spec: fc.oneof(
    fc.record({
      hosts: fc.array(text, { maxLength: 2 }),
      http: fc.array(fc.record({ name: text, route: fc.array(destination, { maxLength: 4 }) }), { maxLength: 4 }),
    }),
    json,
  ),
})
const HOST = 'shop.demo.svc.cluster.local'
const TARGETS = ['blue', 'green'].map((colour) => ({ colour, host: HOST, writtenHost: HOST, subset: colour }))

const viewOf = (object: unknown): WeightEditor =>
  new WeightEditor(['blue', 'green'], findRoutes(object as KubeObject, TARGETS, null, 'cluster.local').lists)

/** Reads, and when it can, writes: the patch must fit the object that it was made from. */
function routes(object: unknown): boolean {
  return orRefused(() => {
    const editor = viewOf(object)
    editor.shares()
    if (!editor.isRouted) return
    const operations = editor.patch({ blue: 75, green: 25 })
    const patched = applyJsonPatch(JSON.parse(JSON.stringify(object)) as Json, JSON.parse(JSON.stringify(operations)))
    const again = viewOf(patched)
    // The API server lets only whole numbers into a weight.
    const isValid = !/"weight":(?!\d+[,}])/.test(JSON.stringify(object))
    if (isValid && again.patch({ blue: 75, green: 25 }).length > 0)
      throw new Error('the patch does not lead to what it was made for')
  })
}

const platform = (body: string, status: number): Platform =>
  ({
    ...chance,
    fetch: () => Promise.resolve(new Response(status === 204 || status === 304 ? null : body, { status })),
    clock: { ...systemClock(), sleepUntil: () => Promise.resolve() },
    say: () => undefined,
  }) as unknown as Platform

const sample = fc.record({
  metric: fc.oneof(fc.dictionary(text, text), json),
  value: fc.oneof(fc.tuple(fc.double(), text), json),
  values: json,
})
const answer = fc.oneof(
  fc.record({
    status: fc.constantFrom('success', 'error'),
    data: fc.record({
      resultType: fc.constantFrom('vector', 'matrix', 'scalar', 'string', 'x'),
      result: fc.oneof(fc.array(sample, { maxLength: 3 }), json),
    }),
  }),
  json,
)

async function metrics(body: string, status: number): Promise<boolean> {
  const api = prometheusApi({ url: 'http://p' })(platform(body, status))
  const release = { stable: 'blue', candidate: 'green', origin: UNKNOWN_ORIGIN }
  const source = istioCounters({ service: 's', namespace: 'n', workloads: { blue: 'b', green: 'g' } })
  for (const ask of [
    () => api.ask('x', 0, AbortSignal.any([])),
    async () => requestScrapes(await api.askRange('x', 0, AbortSignal.any([])), source, release as never),
  ]) {
    try {
      await ask()
    } catch (thrown) {
      if (!(thrown instanceof ReleaseError) || thrown.code === 'INTERNAL') throw thrown
    }
  }
  return isClean()
}

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: x
contexts: [{ name: x, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:6443', certificate-authority-data: aGFsbG8= } }]
users: [{ name: u, user: { token: abcdef, password: secret-enough } }]
`

/** A file of credentials, as broken as it may be: a cluster to ask, or a refusal that shows none of it. */
function kubeconfig(written: string, context: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  try {
    const path = join(folder, 'kubeconfig')
    writeFileSync(path, written)
    return orRefused(() => {
      connectCluster({ kubeconfig: path, context, timeoutMs: 1 }).close()
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const backendRef = fc.oneof(
  fc.record({
    name: fc.constantFrom('shop-blue', 'shop-green', 'other'),
    weight: fc.oneof(fc.integer({ min: -5, max: 130 }), fc.constant(undefined), json),
  }),
  json,
)
const httpRoute = fc.record({
  metadata: fc.record({ name: fc.constant('shop'), namespace: fc.constant('demo') }),
  spec: fc.oneof(
    fc.record({
      rules: fc.array(fc.record({ name: text, matches: json, backendRefs: fc.array(backendRef, { maxLength: 3 }) }), {
        maxLength: 3,
      }),
    }),
    json,
  ),
})
const ingress = fc.record({
  metadata: fc.record({
    name: fc.constant('shop-canary'),
    annotations: fc.oneof(
      fc.constant(undefined),
      fc.dictionary(
        fc
          .constantFrom('canary', 'canary-weight', 'canary-weight-total')
          .map((one) => `nginx.ingress.kubernetes.io/${one}`),
        text,
      ),
    ),
  }),
  spec: json,
})
const SHARES = { blue: 75, green: 25 }
const AUDIENCE = { match: [{ by: 'header' as const, name: 'x', value: 'y' }], mirror: 0, colour: 'green' }

/** What the other routers make of an object: an answer or a refusal. */
function views(route: unknown, annotated: unknown): boolean {
  const outside = platform('', 200)
  const names = { service: 'shop', namespace: 'demo' }
  const backends = { blue: 'shop-blue', green: 'shop-green' }
  const routers = [
    [gatewayApi({ ...names, backends })(outside), route],
    [ingressNginx({ ...names, backends })(outside), annotated],
  ] as const
  return routers.every(([router, object]) =>
    orRefused(() => {
      // Every router reads its object by itself; the port does not say so.
      const view = (router as unknown as RoutedKind).view(object as KubeObject)
      view.shares()
      view.serves(AUDIENCE, 'green')
      if (view.isRouted) view.patch(SHARES, AUDIENCE)
    }),
  )
}

/** Every parser, with inputs as they come from outside. */
export const FUZZED: readonly Fuzzed[] = [
  {
    name: 'settings and inputs',
    part: 60,
    property: fc.property(broken(CONFIG), inputs, fc.constantFrom(...COMMANDS), (file, given, command) =>
      orRefused(() =>
        buildOptions(readConfig({ name: 'f', text: file }, given), command, { env, prometheusToken: '' }),
      ),
    ),
  },
  {
    name: 'settings of any shape',
    part: 60,
    property: fc.property(json, (value) =>
      orRefused(() =>
        buildOptions(readConfig({ name: 'f', text: JSON.stringify(value) }, {}), 'release', {
          env,
          prometheusToken: '',
        }),
      ),
    ),
  },
  {
    name: 'times',
    part: 100,
    property: fc.property(fc.oneof(text, fc.stringMatching(/^[0-9.]{0,6}(ms|s|m|h|d){0,3}$/)), (written) => {
      const length = parseDuration(written)
      return length === undefined || (length >= 0 && !Number.isNaN(length))
    }),
  },
  {
    name: 'annotations of others',
    part: 150,
    property: fc.property(
      fc.oneof(
        text,
        json.map((value) => JSON.stringify(value)),
      ),
      (written) =>
        orRefused(() => [
          decodeSaved(written),
          decodeFence(written),
          decodePart(written),
          decodeRequest(written),
          decodeRecord(written),
          endOfToken(written),
        ]),
    ),
  },
  {
    name: 'VirtualServices',
    part: 100,
    property: fc.property(virtualService, routes),
  },
  {
    name: 'HTTPRoutes and Ingresses',
    part: 80,
    property: fc.property(httpRoute, ingress, views),
  },
  {
    name: 'kubeconfigs',
    part: 20,
    property: fc.property(broken(KUBECONFIG), fc.constantFrom('', '', 'x', 'y'), kubeconfig),
  },
  {
    name: 'answers of Prometheus',
    part: 130,
    property: fc.asyncProperty(
      fc.oneof(
        answer.map((value) => JSON.stringify(value)),
        text,
      ),
      fc.constantFrom(200, 200, 200, 204, 302, 400, 401, 429, 500),
      metrics,
    ),
  },
  {
    name: 'text in a log, in HTML, in Markdown and in an annotation',
    part: 200,
    property: fc.property(fc.array(text, { maxLength: 5 }), (parts) => {
      const one = parts.join('')
      const lines = inert(one).split(/\r\n|\r|\n/)
      const html = markup`<p title="${one}">${one}</p>`.text.slice(3, -4)
      const command = errorCommand(one, { file: one, line: 1, column: 1 })
      return (
        !lines.some((line) => /^\s*(::|##\[)/.test(line)) &&
        !/<[a-z!/]/i.test(html) &&
        !/<[a-z!/]/i.test(toMarkdown(one)) &&
        !/[\r\n]/.test(command) &&
        !/[\r\n]/.test(toMarkdown(one))
      )
    }),
  },
  {
    name: 'secrets',
    part: 100,
    property: fc.property(
      fc.string({ minLength: 6, maxLength: 30 }),
      fc.array(text, { maxLength: 4 }),
      (secret, around) => {
        const mask = masker([secret])
        const shown = mask(around.join(secret))
        return (
          !shown.replaceAll('***', '').includes(secret) &&
          !mask(JSON.stringify({ secret })).includes(JSON.stringify(secret))
        )
      },
    ),
  },
]
