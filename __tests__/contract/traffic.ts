import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ClusterRequest, KubeObject, Platform, RouteChange, TrafficProvider } from '../../src/ports.ts'
import { gatewayApi } from '../../src/traffic/gateway-api.ts'
import { ingressNginx } from '../../src/traffic/ingress-nginx.ts'
import { istio } from '../../src/traffic/istio.ts'
import { replicaRatio } from '../../src/traffic/replica-ratio.ts'

/** A cluster under test: the sandbox's API server or a real one. */
export interface TrafficBed {
  readonly namespace: string
  platform(): Platform
  /** A platform that may do everything but this. */
  without(verb: string, resource: string): Promise<Platform>
}

/** One way to share requests: what it needs to be there, and what a foreign hand would do to it. */
interface Way {
  readonly title: string
  /** Whether objects of its kinds run programs on a real cluster, which this suite has none for. */
  readonly isOnlyForSandbox?: true
  readonly objects: (name: string, namespace: string) => readonly KubeObject[]
  readonly connect: (name: string, namespace: string, platform: Platform) => TrafficProvider
  /** The object with the weights, as a path. */
  readonly route: (name: string, namespace: string) => string
  readonly resource: string
  /** A merge or JSON patch that moves the weights, as somebody else would. */
  readonly foreignWeights: readonly object[]
  /** The object without what a release may change. */
  readonly others: (object: KubeObject) => unknown
}

const meta = (name: string, namespace: string, more: object = {}) => ({ name, namespace, ...more })
const FOREIGN = { annotations: { 'example.com/owner': 'somebody else' } }

/** Everything but numbers named `weight`, our notes, and what the server counts. */
function withoutWeights(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWeights)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key]) =>
      !/gray-release\//.test(key) &&
      !['weight', 'resourceVersion', 'generation', 'managedFields', 'status'].includes(key),
  )
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutWeights(one)]))
}

const istioObjects = (protocol: 'http' | 'tcp' | 'tls') => (name: string, namespace: string) => {
  const to = (subset: string, weight: number) => ({
    destination: { host: name, subset, port: { number: 80 } },
    weight,
  })
  const rules: Readonly<Record<string, readonly object[]>> = {
    http: [
      { name: 'beta', match: [{ headers: { beta: { exact: 'yes' } } }], route: [{ destination: { host: 'beta' } }] },
      {
        name: 'default',
        timeout: '3s',
        retries: { attempts: 2 },
        route: [to('blue', 100), to('green', 0)],
      },
    ],
    tcp: [{ match: [{ port: 9000 }], route: [to('blue', 100), to('green', 0)] }],
    tls: [{ match: [{ port: 443, sniHosts: ['shop.example'] }], route: [to('blue', 100), to('green', 0)] }],
  }
  const host = `${name}.${namespace}.svc.cluster.local`
  const subsets = ['blue', 'green'].map((colour) => ({ name: colour, labels: { colour } }))
  return [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: meta(name, namespace, FOREIGN),
      spec: { hosts: [host], [protocol]: rules[protocol] },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: meta(name, namespace),
      spec: { host, subsets },
    },
  ]
}
const virtualService = (name: string, namespace: string) =>
  `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/${name}`
const istioWay = (title: string, protocol: 'http' | 'tcp' | 'tls', rule: number): Way => ({
  title,
  objects: istioObjects(protocol),
  connect: (service, namespace, platform) =>
    istio({ service, namespace, subsets: { blue: 'blue', green: 'green' } })(platform),
  route: virtualService,
  resource: 'virtualservices',
  foreignWeights: [0, 1].map((place) => ({
    op: 'add',
    path: `/spec/${protocol}/${rule}/route/${place}/weight`,
    value: 50,
  })),
  others: withoutWeights,
})

const gatewayWay = (kind: 'HTTPRoute' | 'GRPCRoute'): Way => {
  const plural = kind === 'HTTPRoute' ? 'httproutes' : 'grpcroutes'
  return {
    title: `Gateway API ${kind}`,
    objects: (name, namespace) => {
      const ref = (colour: string, weight?: number) => ({
        name: `${name}-${colour}`,
        port: 80,
        ...(weight !== undefined && { weight }),
      })
      const filters = [
        { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-from', value: 'gateway' }] } },
      ]
      const rules = [
        { matches: [{ headers: [{ name: 'beta', value: 'yes' }] }], backendRefs: [{ name: 'beta', port: 80 }] },
        { filters, backendRefs: [ref('blue'), ref('green', 0)] },
      ]
      return [
        {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind,
          metadata: meta(name, namespace, FOREIGN),
          spec: { parentRefs: [{ name: 'edge' }], rules },
        },
      ]
    },
    connect: (service, namespace, platform) =>
      gatewayApi({ service, namespace, kind, backends: { blue: `${service}-blue`, green: `${service}-green` } })(
        platform,
      ),
    route: (name, namespace) => `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/${plural}/${name}`,
    resource: plural,
    foreignWeights: [0, 1].map((place) => ({
      op: 'add',
      path: `/spec/rules/1/backendRefs/${place}/weight`,
      value: 50,
    })),
    others: withoutWeights,
  }
}

const NGINX = 'nginx.ingress.kubernetes.io'
const deployment = (name: string, namespace: string, service: string, colour: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta(name, namespace, FOREIGN),
  spec: {
    replicas,
    selector: { matchLabels: { app: service, colour } },
    template: {
      metadata: { labels: { app: service, colour } },
      spec: { containers: [{ name: 'app', image: `${service}:1.0` }] },
    },
  },
})

export const WAYS: readonly Way[] = [
  istioWay('Istio, two subsets', 'http', 1),
  istioWay('Istio, tcp', 'tcp', 0),
  istioWay('Istio, tls', 'tls', 0),
  {
    title: 'Istio, a host for each colour',
    objects: (name, namespace) => {
      const to = (colour: string, weight: number) => ({ destination: { host: `${name}-${colour}` }, weight })
      return [
        {
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: meta(name, namespace, FOREIGN),
          spec: { hosts: [name], http: [{ route: [to('blue', 100), to('green', 0)], headers: { request: {} } }] },
        },
      ]
    },
    connect: (service, namespace, platform) =>
      istio({
        service,
        namespace,
        subsets: {},
        hosts: { blue: `${service}-blue`, green: `${service}-green` },
      })(platform),
    route: virtualService,
    resource: 'virtualservices',
    foreignWeights: [0, 1].map((place) => ({ op: 'add', path: `/spec/http/0/route/${place}/weight`, value: 50 })),
    others: withoutWeights,
  },
  gatewayWay('HTTPRoute'),
  gatewayWay('GRPCRoute'),
  {
    title: 'ingress-nginx',
    objects: (name, namespace) => {
      const path = (service: string) => ({
        path: '/',
        pathType: 'Prefix',
        backend: { service: { name: service, port: { number: 80 } } },
      })
      const spec = (service: string) => ({ rules: [{ host: `${name}.example`, http: { paths: [path(service)] } }] })
      const head = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
      const canary = { [`${NGINX}/canary`]: 'true', [`${NGINX}/canary-weight`]: '0', ...FOREIGN.annotations }
      return [
        { ...head, metadata: meta(name, namespace, FOREIGN), spec: spec(name) },
        {
          ...head,
          metadata: meta(`${name}-canary`, namespace, { annotations: canary }),
          spec: spec(`${name}-canary`),
        },
      ]
    },
    connect: (service, namespace, platform) =>
      ingressNginx({ service, namespace, backends: { blue: service, green: `${service}-canary` } })(platform),
    route: (name, namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}-canary`,
    resource: 'ingresses',
    foreignWeights: [
      { op: 'add', path: `/metadata/annotations/${NGINX.replace('/', '~1')}~1canary-weight`, value: '50' },
    ],
    others: (object) => {
      const { [`${NGINX}/canary-weight`]: _weight, ...annotations } = object.metadata.annotations ?? {}
      return withoutWeights({ ...object, metadata: { ...object.metadata, annotations } })
    },
  },
  {
    title: 'replica ratio',
    isOnlyForSandbox: true,
    objects: (name, namespace) => [
      deployment(name, namespace, name, 'blue', 20),
      deployment(`${name}-canary`, namespace, name, 'green', 0),
    ],
    connect: (service, namespace, platform) =>
      replicaRatio({ service, namespace, deployments: { blue: service, green: `${service}-canary` } })(platform),
    route: (name, namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    resource: 'deployments',
    foreignWeights: [{ op: 'add', path: '/spec/replicas', value: 7 }],
    others: (object) => {
      const { replicas: _replicas, ...spec } = object['spec'] as { readonly replicas?: number }
      return withoutWeights({ ...object, spec })
    },
  },
]

const fence = (number: number) => ({ number, holder: `run-${number}` })
const to = (green: number, more: Partial<RouteChange> = {}): RouteChange => ({
  shares: { blue: 100 - green, green },
  notes: {},
  fence: fence(1),
  expected: null,
  ...more,
})

/** What the core relies on, and the same of every router. */
export function describeTraffic(way: Way, open: () => TrafficBed): void {
  let count = 0
  const collectionOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
  const ask = <Answer>(platform: Platform, request: ClusterRequest): Promise<Answer> =>
    platform.cluster.request(request)
  const patch = (platform: Platform, path: string, body: unknown): Promise<KubeObject> =>
    ask(platform, { method: 'PATCH', path, body, contentType: 'application/json-patch+json' })

  const plurals: Readonly<Record<string, string>> = {
    VirtualService: 'networking.istio.io/v1 virtualservices',
    DestinationRule: 'networking.istio.io/v1 destinationrules',
    HTTPRoute: 'gateway.networking.k8s.io/v1 httproutes',
    GRPCRoute: 'gateway.networking.k8s.io/v1 grpcroutes',
    Ingress: 'networking.k8s.io/v1 ingresses',
    Deployment: 'apps/v1 deployments',
  }

  interface Bed {
    readonly name: string
    readonly namespace: string
    readonly path: string
    readonly platform: Platform
    readonly traffic: TrafficProvider
    stored(): Promise<KubeObject>
    connect(platform: Platform): TrafficProvider
  }

  const rule = (title: string, body: (bed: Bed) => Promise<void>): void => {
    it(title, async () => {
      count += 1
      const { namespace, platform: connect } = open()
      const platform = connect()
      const name = `t${process.pid}-${way.resource}-${count}`.slice(0, 40)
      for (const object of way.objects(name, namespace)) {
        const [group = '', plural = ''] = (plurals[object.kind ?? ''] ?? '').split(' ')
        await ask(platform, { method: 'POST', path: `/apis/${group}/namespaces/${namespace}/${plural}`, body: object })
      }
      const path = way.route(name, namespace)
      try {
        await body({
          ...{ name, namespace, path, platform },
          traffic: way.connect(name, namespace, platform),
          stored: () => ask<KubeObject>(platform, { method: 'GET', path }),
          connect: (other) => way.connect(name, namespace, other),
        })
      } finally {
        for (const object of way.objects(name, namespace)) {
          const [group = '', plural = ''] = (plurals[object.kind ?? ''] ?? '').split(' ')
          const at = `/apis/${group}/namespaces/${namespace}/${plural}/${object.metadata.name}`
          await ask(platform, { method: 'DELETE', path: at }).catch(() => undefined)
        }
      }
    })
  }

  describe(way.title, () => {
    rule('what is written is read, by others too', async ({ traffic, connect, platform }) => {
      expect((await traffic.read()).shares).toEqual({ blue: 100, green: 0 })
      for (const green of [5, 50, 100, 0]) {
        const written = await traffic.write(to(green))
        expect(written.shares).toEqual({ blue: 100 - green, green })
        const read = await connect(platform).read()
        expect(read.shares).toEqual({ blue: 100 - green, green })
        expect([read.has({ blue: 100 - green, green }), read.unfinished]).toEqual([true, ''])
        expect(read.has({ blue: 75, green: 25 })).toBe(false)
      }
    })

    rule('writing the same again writes nothing', async ({ traffic, stored }) => {
      await traffic.write(to(25, { notes: { state: 's' } }))
      const { metadata } = await stored()
      await traffic.write(to(25, { notes: { state: 's' } }))
      expect((await stored()).metadata.resourceVersion).toBe(metadata.resourceVersion)
    })

    rule('nothing of others changes', async ({ traffic, stored }) => {
      const before = way.others(await stored())
      for (const green of [5, 25, 100, 0]) await traffic.write(to(green, { notes: { state: `at ${green}` } }))
      expect(way.others(await stored())).toEqual(before)
    })

    rule(
      'notes are kept beside the weights, and go when they are taken away',
      async ({ traffic, connect, platform }) => {
        await traffic.write(to(5, { notes: { state: 'first' } }))
        await traffic.write({ ...to(5), shares: null, notes: { state: 'second' } })
        const { notes, shares } = await connect(platform).read()
        expect([notes.state, notes.fence, shares]).toEqual(['second', '1 run-1', { blue: 95, green: 5 }])
        await traffic.write({ ...to(5), shares: null, notes: { state: null } })
        expect((await connect(platform).read()).notes.state).toBeNull()
      },
    )

    rule('what another run asks for is found', async ({ traffic, connect, platform }) => {
      await traffic.write(to(5))
      await connect(platform).ask('please')
      expect((await connect(platform).read()).notes.request).toBe('please')
      expect((await traffic.write({ ...to(5), shares: null, notes: { request: null } })).notes.request).toBeNull()
    })

    rule(
      'a write that comes in between is not lost, and ours is made again',
      async ({ path, platform, connect, stored }) => {
        let isFirst = true
        const meddling: Platform = {
          ...platform,
          cluster: {
            ...platform.cluster,
            request: async <Answer>(request: ClusterRequest): Promise<Answer> => {
              if (request.method === 'PATCH' && isFirst) {
                isFirst = false
                await patch(platform, path, [{ op: 'add', path: '/metadata/annotations/meddled', value: 'yes' }])
              }
              return platform.cluster.request<Answer>(request)
            },
          },
        }
        expect((await connect(meddling).write(to(25))).shares).toEqual({ blue: 75, green: 25 })
        expect((await stored()).metadata.annotations?.['meddled']).toBe('yes')
      },
    )

    rule('weights of somebody else are not written over, unless it is the way back', async (bed) => {
      const { traffic, path, platform, stored } = bed
      await traffic.write(to(5))
      await patch(platform, path, way.foreignWeights)
      const before = await stored()
      const careful = to(25, { expected: [{ blue: 95, green: 5 }] })
      await expect(bed.connect(platform).write(careful)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
      const after = await stored()
      expect(isDeepStrictEqual(after['spec'], before['spec'])).toBe(true)
      expect((await bed.connect(platform).write(to(0))).has({ blue: 100, green: 0 })).toBe(true)
    })

    rule('a driver that was replaced writes nothing any more', async ({ traffic, connect, platform, stored }) => {
      await traffic.write(to(5))
      await connect(platform).write(to(0, { fence: fence(2) }))
      const before = await stored()
      await expect(traffic.write(to(25))).rejects.toMatchObject({
        code: 'STATE_CONFLICT',
        message: expect.stringContaining('run-2') as string,
      })
      await expect(traffic.write({ ...to(0), notes: { state: 'x' } })).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
      expect((await stored()).metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    })

    rule('who may not write is told the verb and the resource', async ({ traffic, connect }) => {
      await traffic.write(to(5))
      const platform = await open().without('patch', way.resource)
      await expect(connect(platform).write(to(0))).rejects.toMatchObject({
        code: 'CLUSTER_FORBIDDEN',
        message: expect.stringMatching(new RegExp(`patch.*${way.resource}`)) as string,
      })
    })

    rule('an object that is not there is named, with what is', async ({ path, platform, connect, name }) => {
      await ask(platform, { method: 'DELETE', path })
      if (way.title === 'ingress-nginx') {
        // Its canary Ingress is made when it is needed; it is the main one that must be there.
        await ask(platform, { method: 'DELETE', path: `${collectionOf(path)}/${name}` })
      }
      const found = connect(platform)
      await expect(found.read()).rejects.toMatchObject({
        code: 'ROUTE_NOT_FOUND',
        message: expect.stringContaining(name) as string,
      })
      const findings = await found.check()
      expect(findings.filter(({ level }) => level === 'refuse').length).toBeGreaterThan(0)
    })

    rule('each colour has a backend', async ({ traffic, name, namespace }) => {
      await traffic.read()
      const backends = [await traffic.backend('blue'), await traffic.backend('green')]
      expect(backends.map((one) => one.namespace)).toEqual([namespace, namespace])
      expect(backends.every((one) => one.service.startsWith(name))).toBe(true)
      const [blue, green] = backends.map(({ service, labels }) => JSON.stringify([service, labels]))
      expect(blue).not.toBe(green)
    })
  })
}
