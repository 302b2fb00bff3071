import type { KubeObject, Platform, TrafficProvider } from '../../src/ports.ts'
import { gatewayApi } from '../../src/traffic/gateway-api.ts'
import { ingressNginx } from '../../src/traffic/ingress-nginx.ts'
import { fieldsOf, without } from '../../src/traffic/own-rules.ts'
import { istio } from '../../src/traffic/istio.ts'
import { replicaRatio } from '../../src/traffic/replica-ratio.ts'

/** One way to share requests: what it needs to be there, and what a foreign hand would do to it. */
export interface Way {
  readonly title: string
  /** Whether objects of its kinds run programs on a real cluster, which this suite has none for. */
  readonly isOnlyForSandbox?: true
  /** It shares connections: nothing in them tells one request from another. */
  readonly isWithoutRequests: boolean
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
  isWithoutRequests: protocol !== 'http',
})

const gatewayWay = (kind: 'HTTPRoute' | 'GRPCRoute'): Way => {
  const plural = kind === 'HTTPRoute' ? 'httproutes' : 'grpcroutes'
  return {
    title: `Gateway API ${kind}`,
    isWithoutRequests: false,
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
    isWithoutRequests: false,
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
    isWithoutRequests: false,
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
      const annotations = without(object.metadata.annotations ?? {}, `${NGINX}/canary-weight`)
      return withoutWeights({ ...object, metadata: { ...object.metadata, annotations } })
    },
  },
  {
    title: 'replica ratio',
    isWithoutRequests: false,
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
      return withoutWeights({ ...object, spec: without(fieldsOf(object['spec']), 'replicas') })
    },
  },
]
