import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { load as parse } from 'js-yaml'
import { expect } from 'vitest'
import type { Load } from '../mesh/load.ts'
import { endFirst } from '../mesh/product.ts'
import { ARTICLE, SERVICE, type Shop, type ShopOptions } from '../mesh/shop.ts'
import type { Mesh } from '../mesh/up.ts'
import { scenario } from '../scenario.ts'

type Settings = Readonly<Record<string, unknown>>

const OBEYED_MS = 1000
const TIMES = { min: '8s', max: '60s' }
const example = (name: string, file: string): string => readFileSync(`examples/ways/${name}/${file}`, 'utf8')
/** The example's settings, but with short stages and the helmfile of the rig. */
const settingsOf = (name: string, more: Settings): Settings => {
  const written = parse(example(name, 'gray-release.yaml')) as Settings
  const rigs = ['deploy', 'namespace', 'gates']
  return { ...Object.fromEntries(Object.entries(written).filter(([key]) => !rigs.includes(key))), ...more }
}
const stages = (...weights: readonly number[]) => weights.map((weight) => ({ weight, ...TIMES }))

/** Counters that the pods keep themselves. */
const ofPods = (mesh: Mesh, namespace: string): Settings => ({
  prometheus: { url: mesh.address.prometheusUrl },
  'warm-up': '1s',
  harm: '10%',
  source: 'custom',
  custom: {
    requests: `pod_requests_total{namespace="${namespace}"}`,
    'status-label': 'code',
    'colour-label': 'workload',
  },
})

/** One way to share requests, with what the rig needs for it. */
interface Way {
  readonly title: string
  readonly options: ShopOptions
  /** The settings of the namespace, where they need its name. */
  readonly settings?: (shop: Shop) => Settings
  readonly colours: readonly [stable: string, candidate: string]
  /** Weights that must be seen in what is served; each as the log says it was written. */
  readonly weights: readonly number[]
  /** Who serves in the end of a promoted release. */
  readonly after: string
  /** Where a fault begins: what the log says before it. */
  readonly faultAt: RegExp
  readonly prepare?: (shop: Shop) => Promise<void>
  readonly check?: (shop: Shop, outcome: 'promoted' | 'reverted') => Promise<void>
}

const running = { blue: '1.0.0' }
const COLOURS = ['blue', 'green'] as const

async function deploymentIs(shop: Shop, colour: string): Promise<boolean> {
  const path = `/apis/apps/v1/namespaces/${shop.namespace}/deployments/${SERVICE}-${colour}`
  return shop.mesh.kube.ask('GET', path).then(
    () => true,
    () => false,
  )
}

const WAYS: readonly Way[] = [
  {
    title: 'Gateway API in the mesh',
    options: {
      running,
      ways: ['gray-release-gateway-api'],
      objects: example('gateway-api', 'objects.yaml'),
      settings: settingsOf('gateway-api', { stages: stages(10, 50, 100) }),
    },
    colours: COLOURS,
    weights: [10, 50],
    after: 'green',
    faultAt: /read back: .*green 10 /,
  },
  {
    title: 'Istio with a host for each colour',
    options: {
      running,
      objects: example('istio-hosts', 'objects.yaml'),
      settings: settingsOf('istio-hosts', { stages: stages(10, 50, 100) }),
    },
    colours: COLOURS,
    weights: [10, 50],
    after: 'green',
    faultAt: /read back: .*green 10 /,
  },
  {
    title: 'pods alone',
    options: {
      ways: ['gray-release-replicas', 'gray-release-manifests'],
      objects: example('replicas', 'objects.yaml'),
      helm: false,
    },
    settings: (shop) => ({
      ...settingsOf('replicas', { stages: stages(10, 50) }),
      deploy: (parse(example('replicas', 'gray-release.yaml')) as Settings)['deploy'],
      gates: ofPods(shop.mesh, shop.namespace),
    }),
    colours: ['stable', 'canary'],
    weights: [10, 50],
    after: 'stable',
    faultAt: /read back: .*canary 10 /,
    prepare: async (shop) => {
      const text = example('replicas', 'stable.yaml').replaceAll('{namespace}', shop.namespace)
      const main = text.replaceAll('{version}', '1.0.0').replace('spec:\n', 'spec:\n  replicas: 10\n')
      await shop.apply(main)
      await shop.untilReady('stable')
    },
    check: async (shop, outcome) => {
      const path = `/apis/apps/v1/namespaces/${shop.namespace}/deployments/${SERVICE}-stable`
      const { spec } = await shop.mesh.kube.ask<{ spec: { replicas: number; template: object } }>('GET', path)
      expect(spec.replicas).toBe(10)
      expect(JSON.stringify(spec.template)).toContain(outcome === 'promoted' ? ':1.1.0' : ':1.0.0')
    },
  },
  {
    title: 'blue-green',
    options: { running, settings: { stages: undefined, strategy: 'blue-green' } },
    colours: COLOURS,
    weights: [],
    after: 'green',
    faultAt: /read back: .*green 100 /,
    check: async (shop, outcome) => {
      if (outcome !== 'promoted') return
      const back = await shop.command('rollback').ended
      expect(back.code, endFirst(back.text)).toBe(0)
      expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    },
  },
  {
    title: 'red-black',
    options: { istio: ARTICLE, settings: settingsOf('red-black', { stages: undefined }) },
    colours: COLOURS,
    weights: [],
    after: 'green',
    faultAt: /read back: .*green 100 /,
    // What helm is to take away it must have brought.
    prepare: async (shop) => {
      const { code, text } = await shop.release('1.0.0').ended
      expect(code, endFirst(text)).toBe(0)
      await shop.untilReady('blue')
    },
    check: async (shop, outcome) => {
      const there = [await deploymentIs(shop, 'blue'), await deploymentIs(shop, 'green')]
      expect(there).toEqual(outcome === 'promoted' ? [false, true] : [true, false])
    },
  },
]

/** After a run nothing may have failed but what the candidate's own fault explains, and all requests are on one side. */
async function served(load: Load, way: Way, since: number, faultAt: number | null, colour: string): Promise<void> {
  await sleep(2 * OBEYED_MS)
  await load.stop()
  const after = load.between(since + OBEYED_MS, Date.now())
  expect(after.byColour).toEqual({ [colour]: after.total })
  for (const failure of load.all().failed) {
    expect([failure.colour, failure.status, failure.error]).toEqual([way.colours[1], 500, ''])
    expect(failure.at).toBeGreaterThanOrEqual((faultAt ?? Number.POSITIVE_INFINITY) - OBEYED_MS)
  }
}

function begin(shop: Shop, way: Way): string {
  return way.settings === undefined ? shop.configFile : shop.settings(way.settings(shop))
}

for (const way of WAYS) {
  scenario(`${way.title}: a healthy release serves the shares that are written`, way.options, async (shop) => {
    await way.prepare?.(shop)
    const config = begin(shop, way)
    const load = await shop.load(300)
    const run = shop.product.cli('release', '--version', '1.1.0', '--config', config)
    for (const weight of way.weights) {
      const begun = await run.line(new RegExp(`read back: .*${way.colours[1]} ${weight} `))
      const passed = await run.line(new RegExp(`stage ${weight}%: passed`))
      const { total, byColour } = load.between(begun.at + OBEYED_MS, passed.at)
      const share = weight / 100
      const deviation = Math.sqrt((share * (1 - share)) / 2000)
      expect(total).toBeGreaterThanOrEqual(2000)
      expect(Math.abs((byColour[way.colours[1]] ?? 0) / total - share)).toBeLessThanOrEqual(3 * deviation)
    }
    const { code, text, endedAt } = await run.ended
    expect(code, endFirst(text)).toBe(0)
    await served(load, way, endedAt, null, way.after)
    await way.check?.(shop, 'promoted')
  })

  scenario(`${way.title}: errors are taken back`, way.options, async (shop) => {
    await way.prepare?.(shop)
    const config = begin(shop, way)
    const load = await shop.load(300)
    const run = shop.product.cli('release', '--version', '1.1.0', '--config', config)
    await run.line(way.faultAt)
    await shop.behave(way.colours[1], { errors: 0.1 })
    const begun = Date.now()
    const { code, text, endedAt } = await run.ended
    expect(code, endFirst(text)).toBe(1)
    await served(load, way, endedAt, begun, way.colours[0])
    await way.check?.(shop, 'reverted')
  })
}

/** The colours as helm releases, without helmfile. */
const HELM = {
  helm: {
    chart: 'examples/address-service/charts/address-service',
    set: { deploymentType: '{colour}', appVersion: '{version}' },
  },
}

scenario('helm deploys, and takes away what red-black no longer needs', { istio: ARTICLE }, async (shop) => {
  const config = shop.settings({ deploy: HELM, stages: undefined, strategy: 'red-black' })
  const release = (version: string) => shop.product.cli('release', '--version', version, '--config', config).ended
  const first = await release('1.0.0')
  expect(first.code, endFirst(first.text)).toBe(0)
  await shop.untilReady('blue')
  const load = await shop.load(300)
  const { code, text, endedAt } = await release('1.1.0')
  expect(code, endFirst(text)).toBe(0)
  expect(text).toMatch(/release "address-service-blue" uninstalled/)
  expect([await deploymentIs(shop, 'blue'), await deploymentIs(shop, 'green')]).toEqual([false, true])
  await sleep(2 * OBEYED_MS)
  await load.stop()
  const after = load.between(endedAt + OBEYED_MS, Date.now())
  expect(after.byColour).toEqual({ green: after.total })
  expect(load.all().failed).toEqual([])
})

const GOAL = (namespace: string) => ({
  successes: `sum(increase(pod_requests_total{namespace="${namespace}",workload="{workload}",code="200"}[{window}]))`,
  trials: `sum(increase(pod_requests_total{namespace="${namespace}",workload="{workload}"}[{window}]))`,
})

/** A test of two versions with an audience: who asks how, and the headers of those requests. */
const AUDIENCES = [
  ['header', { header: 'x-beta', value: 'yes' }, { 'x-beta': 'yes' }],
  ['cookie', { cookie: 'beta', value: 'yes' }, { cookie: 'theme=dark; beta=yes' }],
] as const

for (const [by, match, headers] of AUDIENCES) {
  for (const isBetter of [true, false]) {
    const title = isBetter ? 'the better version is chosen' : 'the better stable is kept'
    scenario(`a test of two versions by ${by}: ${title}`, { running }, async (shop) => {
      // What stable does badly the candidate does better, or the other way round; errors are what a success is not.
      await shop.behave('blue', { errors: isBetter ? 0.3 : 0.1 })
      await shop.behave('green', { errors: isBetter ? 0.1 : 0.16 })
      const gates = { ...ofPods(shop.mesh, shop.namespace), errors: { tolerance: 1.5, allowance: '20%' } }
      const test = { match: [match], ...TIMES, max: '90s', goal: GOAL(shop.namespace) }
      const config = shop.settings({ stages: undefined, strategy: 'ab-test', test, gates })
      const everybody = await shop.load(150)
      const testers = await shop.load(150, { headers })
      const run = shop.product.cli('release', '--version', '1.1.0', '--config', config)
      const begun = await run.line(new RegExp(`read back: .*green 0, green for ${by} `))
      const decided = await run.line(isBetter ? /stage test: passed/ : /: reverting;/)
      const span = [begun.at + OBEYED_MS, decided.at] as const
      const [audience, others] = [testers.between(...span), everybody.between(...span)]
      expect(audience.byColour).toEqual({ green: audience.total })
      expect(others.byColour).toEqual({ blue: others.total })
      const { code, text, endedAt } = await run.ended
      expect(code, endFirst(text)).toBe(isBetter ? 0 : 1)
      expect(text).toMatch(isBetter ? /goal pass: better:/ : /goal fail: worse:/)
      await sleep(2 * OBEYED_MS)
      await Promise.all([everybody.stop(), testers.stop()])
      const winner = isBetter ? 'green' : 'blue'
      for (const load of [everybody, testers]) {
        const after = load.between(endedAt + OBEYED_MS, Date.now())
        expect(after.byColour).toEqual({ [winner]: after.total })
      }
    })
  }
}

for (const isHealthy of [true, false]) {
  const title = isHealthy ? 'a healthy candidate goes on to weights' : 'errors are found before any user sees them'
  scenario(`mirrored requests: ${title}`, { running }, async (shop) => {
    await shop.behave('green', { errors: isHealthy ? 0 : 0.2 })
    const config = shop.settings({
      stages: [{ mirror: '100%', ...TIMES }, ...stages(50, 100)],
      gates: ofPods(shop.mesh, shop.namespace),
    })
    const load = await shop.load(200)
    const run = shop.product.cli('release', '--version', '1.1.0', '--config', config)
    const begun = await run.line(/read back: .*green 0, copies of 100 % to green/)
    const decided = await run.line(isHealthy ? /stage mirror 100%: passed/ : /: reverting;/)
    const mirrored = load.between(begun.at, decided.at)
    expect(mirrored.byColour).toEqual({ blue: mirrored.total })
    const { code, text } = await run.ended
    expect(code, endFirst(text)).toBe(isHealthy ? 0 : 1)
    expect(text).toMatch(
      isHealthy ? /stage mirror 100%: pass .*candidate .* of \d{3,} requests/ : /evidence fail: errors/,
    )
    await load.stop()
    expect(load.all().failed).toEqual([])
    expect(JSON.stringify((await shop.virtualService()).spec)).not.toContain('"mirror')
  })
}

const TOGETHER = ['cart', 'pay', 'stock'] as const
const ofService = (file: string, service: string): string => example('together', file).replaceAll('{service}', service)

for (const isHealthy of [true, false]) {
  const title = isHealthy ? 'go through together' : 'all go back when one of them fails'
  const options: ShopOptions = {
    objects: TOGETHER.map((service) => ofService('routes.yaml', service).replaceAll("'{namespace}'", 'happyride')).join(
      '---\n',
    ),
    helm: false,
    ways: ['gray-release-manifests'],
    settings: settingsOf('together', { stages: stages(5, 25, 100) }),
  }
  scenario(`three services in lock step: ${title}`, options, async (shop) => {
    for (const service of TOGETHER) {
      const text = ofService('deployment.yaml', service).replaceAll('{colour}', 'blue').replaceAll('{version}', '1.0.0')
      await shop.apply(text.replaceAll('{namespace}', shop.namespace))
    }
    const config = shop.settings({
      ...settingsOf('together', { stages: stages(5, 25, 100) }),
      deploy: { manifests: { paths: ['examples/ways/together/deployment.yaml'] } },
    })
    const loads = await Promise.all(
      TOGETHER.map((service) => shop.load(120, { host: `${service}.${shop.namespace}.svc.cluster.local` })),
    )
    const run = shop.product.cli('release', '--version', '1.1.0', '--config', config)
    await run.line(/read back: .*green 25 /)
    const begun = Date.now()
    if (!isHealthy) await shop.behave('pay-green', { errors: 0.05 })
    const verdict = isHealthy ? null : await run.line(/: reverting;/)
    const { code, text, endedAt } = await run.ended
    expect(code, endFirst(text)).toBe(isHealthy ? 0 : 1)
    await sleep(2 * OBEYED_MS)
    await Promise.all(loads.map((load) => load.stop()))
    const winner = isHealthy ? 'green' : 'blue'
    for (const [index, service] of TOGETHER.entries()) {
      const load = loads[index]
      if (load === undefined) continue
      const after = load.between(endedAt + OBEYED_MS, Date.now())
      expect(after.byColour).toEqual({ [`${service}-${winner}`]: after.total })
      // All three are back within two seconds of the verdict.
      if (verdict !== null) expect(load.lastOf(`${service}-green`) - verdict.at).toBeLessThanOrEqual(2000)
      for (const failure of load.all().failed) {
        expect([failure.colour, failure.status, failure.at > begun]).toEqual(['pay-green', 500, true])
      }
    }
    if (!isHealthy) expect(text).toMatch(/stage 25%: pay\/evidence: errors: candidate/)
  })
}
