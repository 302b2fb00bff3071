import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RouteChange, TrafficProvider } from '../../src/ports.ts'
import { ingressNginx } from '../../src/traffic/ingress-nginx.ts'
import { replicaRatio } from '../../src/traffic/replica-ratio.ts'
import type { Manifest } from '../../src/sandbox/sandbox.ts'
import { NAMESPACE, World } from '../helpers/world.ts'

const COMMON = { service: 'shop', namespace: NAMESPACE }
const fence = { number: 1, holder: 'run-1' }
const share = (canary: number) => ({ stable: 100 - canary, canary })
/** A raise as the loop makes it: careful, and only from where it was. */
const to = (canary: number, from: number | null): RouteChange => ({
  shares: share(canary),
  audience: null,
  notes: {},
  fence,
  expected: from === null ? null : [share(from), share(canary)],
})

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => {
  world.close()
})

describe('pods alone', () => {
  const DEPLOYMENTS = { stable: 'shop', canary: 'shop-canary' }

  function deploy(name: string, replicas: number, ready = replicas): void {
    const labels = { app: 'shop', track: name }
    const before = world.api.find('Deployment', NAMESPACE, name)
    const spec = { ...before?.spec, replicas, template: { metadata: { labels } } }
    world.api.put('Deployment', { metadata: { name, namespace: NAMESPACE }, spec, status: { readyReplicas: ready } })
  }
  const ready = (name: string, readyReplicas: number): void => {
    const object = world.api.find('Deployment', NAMESPACE, name)
    if (object !== undefined) world.api.put('Deployment', { ...object, status: { readyReplicas } })
  }
  const pods = (): readonly number[] =>
    ['shop', 'shop-canary'].map(
      (name) =>
        (world.api.find('Deployment', NAMESPACE, name)?.spec as { replicas: number } | undefined)?.replicas ?? 0,
    )
  async function given(main: number, canary: number, more: readonly Manifest[] = []): Promise<TrafficProvider> {
    await world.open(more)
    deploy('shop', main)
    deploy('shop-canary', canary)
    return replicaRatio({ ...COMMON, deployments: DEPLOYMENTS })(world.platform())
  }

  it('more pods come first, and as many of the others go as the new ones are ready', async () => {
    const traffic = await given(10, 0)
    const rising = await traffic.write(to(50, 0))
    expect([pods(), rising.unfinished]).toEqual([
      [10, 5],
      '5 + 5 pods are wanted, 10 + 5 are asked for, 10 + 0 pods ready',
    ])
    ready('shop-canary', 3)
    expect((await traffic.write(to(50, 0))).unfinished).not.toBe('')
    expect(pods()).toEqual([7, 5])
    ready('shop-canary', 5)
    const done = await traffic.write(to(50, 0))
    expect([pods(), done.unfinished, done.has(share(50))]).toEqual([[5, 5], '', true])
  })

  it('the way back waits for nothing', async () => {
    const traffic = await given(10, 0)
    await traffic.write(to(50, 0))
    ready('shop-canary', 5)
    await traffic.write(to(50, 0))
    const back = await traffic.write(to(0, null))
    expect([pods(), back.shares, back.unfinished]).toEqual([[10, 0], share(0), ''])
  })

  it('an end without haste keeps the canary until the main track is ready', async () => {
    const traffic = await given(10, 0)
    await traffic.write(to(50, 0))
    ready('shop-canary', 5)
    await traffic.write(to(50, 0))
    ready('shop', 5)
    expect((await traffic.write(to(0, 50))).unfinished).not.toBe('')
    expect(pods()).toEqual([10, 5])
    ready('shop', 8)
    await traffic.write(to(0, 50))
    expect(pods()).toEqual([10, 2])
    ready('shop', 10)
    expect((await traffic.write(to(0, 50))).unfinished).toBe('')
    expect(pods()).toEqual([10, 0])
  })

  it('a chart that sets its own number of pods is not somebody who steers', async () => {
    const traffic = await given(10, 0)
    await traffic.write(to(0, 0))
    // The canary's chart has one pod, the main track's ten.
    deploy('shop-canary', 1)
    await traffic.write(to(50, 0))
    ready('shop-canary', 5)
    await traffic.write(to(50, 0))
    deploy('shop', 10)
    await traffic.write(to(0, 50))
    expect(pods()).toEqual([10, 0])
    await traffic.write(to(50, 0))
    deploy('shop-canary', 9)
    await expect(traffic.write(to(0, 50))).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
  })

  it('a share that whole pods cannot give is told by its step', async () => {
    const traffic = await given(8, 0)
    await traffic.read()
    expect(traffic.supports.precision).toBe(12.5)
  })

  it('an autoscaler is refused, and a budget for the main track alone is said', async () => {
    const traffic = await given(10, 0, [
      {
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'shop' },
        spec: { scaleTargetRef: { kind: 'Deployment', name: 'shop' } },
      },
      {
        kind: 'PodDisruptionBudget',
        metadata: { name: 'shop' },
        spec: { minAvailable: 8, selector: { matchLabels: { track: 'shop' } } },
      },
    ])
    const found = (await traffic.check()).map(({ level, message }) => `${level}: ${message}`)
    expect(found).toEqual([
      'refuse: HorizontalPodAutoscaler demo/shop scales shop: it would change the shares',
      'warn: PodDisruptionBudget demo/shop counts the pods of the main track alone, which become fewer',
    ])
  })
})

describe('ingress-nginx', () => {
  const PREFIX = 'nginx.ingress.kubernetes.io'
  const ingress = (name: string, service: string, annotations: Readonly<Record<string, string>> = {}): Manifest => ({
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['shop.example'], secretName: 'tls' }],
      rules: [
        {
          host: 'shop.example',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } },
              { path: '/docs', pathType: 'Exact', backend: { service: { name: 'docs', port: { number: 80 } } } },
            ],
          },
        },
      ],
    },
  })
  const connect = (): TrafficProvider =>
    ingressNginx({ ...COMMON, backends: { stable: 'shop', canary: 'shop-canary' } })(world.platform())

  it('the canary Ingress is made with the paths of the main one, and nothing else', async () => {
    await world.open([ingress('shop', 'shop')])
    const traffic = connect()
    expect((await traffic.read()).shares).toEqual(share(0))
    await traffic.write(to(10, 0))
    const made = world.api.find('Ingress', NAMESPACE, 'shop-canary')
    expect(made?.metadata.annotations).toMatchObject({
      [`${PREFIX}/canary`]: 'true',
      [`${PREFIX}/canary-weight`]: '10',
    })
    const backend = { service: { name: 'shop-canary', port: { number: 80 } } }
    const paths = [{ path: '/', pathType: 'Prefix', backend }]
    expect(made?.spec).toEqual({ ingressClassName: 'nginx', rules: [{ host: 'shop.example', http: { paths } }] })
    expect((await connect().read()).shares).toEqual(share(10))
  })

  it('a weight out of another total is read for what it is, and written in percent', async () => {
    const annotations = { [`${PREFIX}/canary`]: 'true', [`${PREFIX}/canary-weight`]: '50' }
    const thousand = { ...annotations, [`${PREFIX}/canary-weight-total`]: '1000' }
    await world.open([ingress('shop', 'shop'), ingress('shop-canary', 'shop-canary', thousand)])
    expect((await connect().read()).shares).toEqual(share(5))
    await connect().write(to(25, 5))
    expect((await connect().read()).shares).toEqual(share(25))
    expect(world.api.find('Ingress', NAMESPACE, 'shop-canary')?.metadata.annotations).toMatchObject({
      [`${PREFIX}/canary-weight`]: '25',
      [`${PREFIX}/canary-weight-total`]: '100',
    })
  })

  it('another canary for the same path is refused, a canary for other paths too, and sticky users are said', async () => {
    await world.open([
      ingress('shop', 'shop', { [`${PREFIX}/affinity`]: 'cookie' }),
      ingress('other', 'other', { [`${PREFIX}/canary`]: 'true' }),
      ingress('shop-canary', 'wrong', { [`${PREFIX}/canary`]: 'true' }),
    ])
    const found = (await connect().check()).map(({ level, message }) => `${level}: ${message}`)
    expect(found).toEqual([
      'refuse: Ingress demo/other is a canary for shop.example/ (Prefix) already',
      'refuse: Ingress demo/shop-canary does not send shop.example/ (Prefix) to Service shop-canary',
      'warn: Ingress demo/shop keeps users by a cookie: who reached the canary once stays there, also at weight 0',
    ])
  })

  it('the prefix of the annotations is the controller’s', async () => {
    await world.open([ingress('shop', 'shop')])
    const backends = { stable: 'shop', canary: 'shop-canary' }
    const traffic = ingressNginx({ ...COMMON, backends, prefix: 'ingress.example' })(world.platform())
    await traffic.write(to(10, 0))
    expect(world.api.find('Ingress', NAMESPACE, 'shop-canary')?.metadata.annotations).toMatchObject({
      'ingress.example/canary': 'true',
      'ingress.example/canary-weight': '10',
    })
  })
})
