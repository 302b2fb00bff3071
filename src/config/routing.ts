import type { Support } from '../core/plan.ts'
import type { Colour } from '../core/shares.ts'
import type { Connect, TrafficProvider } from '../ports.ts'
import { gatewayApi } from '../traffic/gateway-api.ts'
import { ingressNginx } from '../traffic/ingress-nginx.ts'
import { istio } from '../traffic/istio.ts'
import { replicaRatio } from '../traffic/replica-ratio.ts'
import type { WrittenConfig } from './read.ts'

export const ROUTERS = ['istio', 'gateway-api', 'ingress-nginx', 'replicas'] as const
export type Router = (typeof ROUTERS)[number]

/** How the settings share requests. */
export interface Routing {
  readonly router: Router
  readonly colours: readonly [Colour, Colour]
  /** Name of the Deployment of each colour. */
  readonly workloads: Readonly<Record<Colour, string>>
  /** Name of the Service of each colour, where each has one. */
  readonly services: Readonly<Record<Colour, string>>
  /** Whether each colour has a Service of its own. */
  readonly hasServices: boolean
  readonly traffic: Connect<TrafficProvider>
  readonly supports: Support
  /** One track is fixed: it gets the new version at the end, and the canary goes. */
  readonly hasTracks: boolean
}

/** What can be told before a cluster is asked: the steps of replicas follow from how many there are. */
const SUPPORTS: Readonly<Record<Router, Support>> = {
  istio: { precision: 1, match: ['header', 'cookie', 'custom'], mirror: true },
  'gateway-api': { precision: 1, match: ['header'], mirror: true },
  'ingress-nginx': { precision: 1, match: ['header', 'cookie'], mirror: false },
  replicas: { precision: 0.001, match: [], mirror: false },
}

/** @param wrong is told what does not fit together */
export function routingOf(config: WrittenConfig, wrong: (path: string, message: string) => void): Routing {
  const { service = '', namespace = '', traffic = {} } = config
  const given = ROUTERS.filter((one) => traffic[one] !== undefined)
  if (given.length > 1) wrong('traffic', `one router is wanted, ${given.length} are given: ${given.join(', ')}`)
  const router = given[0] ?? 'istio'
  const hasTracks = router === 'ingress-nginx' || router === 'replicas'
  const written = config.colours ?? (hasTracks ? { stable: {}, canary: {} } : { blue: {}, green: {} })
  const [first, second, ...more] = Object.keys(written)
  if (first === undefined || second === undefined || more.length > 0) {
    wrong('colours', `${Object.keys(written).length} colours are given, 2 are wanted`)
  }
  const colours = [first ?? 'blue', second ?? 'green'] as const
  const named = (key: 'subset' | 'workload' | 'service', fallback: (colour: Colour) => string) =>
    Object.fromEntries(colours.map((colour) => [colour, written[colour]?.[key] ?? fallback(colour)]))
  const ofTrack = (colour: Colour): string => (hasTracks && colour === first ? service : `${service}-${colour}`)
  const hasServices =
    router === 'gateway-api' || (router === 'istio' && colours.every((one) => written[one]?.service !== undefined))
  const workloads = named('workload', ofTrack)
  const services = named('service', ofTrack)
  const common = { router, colours, workloads, services, supports: SUPPORTS[router], hasTracks, hasServices }
  switch (router) {
    case 'istio': {
      const route = traffic.istio ?? {}
      return {
        ...common,
        traffic: istio({
          service,
          namespace,
          subsets: named('subset', (colour) => colour),
          ...(hasServices && { hosts: services }),
          ...(route.host !== undefined && { host: route.host }),
          ...(route['virtual-service'] !== undefined && { virtualService: route['virtual-service'] }),
          ...(route.routes !== undefined && { routes: route.routes }),
          ...(route['cluster-domain'] !== undefined && { clusterDomain: route['cluster-domain'] }),
        }),
      }
    }
    case 'gateway-api': {
      const { kind, route, rules } = traffic['gateway-api'] ?? {}
      const backends = { backends: services }
      const options = {
        ...(kind !== undefined && { kind }),
        ...(route !== undefined && { route }),
        ...(rules !== undefined && { rules }),
      }
      return { ...common, traffic: gatewayApi({ service, namespace, ...backends, ...options }) }
    }
    case 'ingress-nginx': {
      const { ingress, canary, 'annotations-prefix': prefix } = traffic['ingress-nginx'] ?? {}
      const options = {
        ...(ingress !== undefined && { ingress }),
        ...(canary !== undefined && { canary }),
        ...(prefix !== undefined && { prefix }),
      }
      return { ...common, traffic: ingressNginx({ service, namespace, backends: services, ...options }) }
    }
    case 'replicas': {
      const { service: kubeService } = traffic.replicas ?? {}
      const options = kubeService === undefined ? {} : { kubeService }
      return { ...common, traffic: replicaRatio({ service, namespace, deployments: workloads, ...options }) }
    }
    default:
      return router satisfies never
  }
}
