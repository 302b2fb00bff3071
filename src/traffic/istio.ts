import type { Colour } from '../core/shares.ts'
import type { ReleaseError } from '../errors.ts'
import type { Backend, Connect, Finding, KubeObject, Platform, TrafficProvider } from '../ports.ts'
import { examplePair, findRoutes, hostsOf, neighbours, resolveHost, type Found, type Target } from './istio-routes.ts'
import {
  describeObject,
  fighters,
  gather,
  notFound,
  RoutedObject,
  type RoutedKind,
  type RouteView,
  listObjects,
  ObjectRouter,
  preferredVersion,
} from './routed-object.ts'
import { IstioView } from './istio-view.ts'

/** How the service is routed with Istio. */
export interface IstioOptions {
  readonly service: string
  readonly namespace: string
  /** The two colours and the subsets of the DestinationRule they are. */
  readonly subsets: Readonly<Record<Colour, string>>
  /** The two colours and the Services they are, where each has one of its own; then there are no subsets. */
  readonly hosts?: Readonly<Record<Colour, string>>
  /** Host the routes send to; the service's own by default. */
  readonly host?: string
  /** Name of the VirtualService; found by host when not given. */
  readonly virtualService?: string
  /** Names of the http routes to move; every route that names both colours when not given. */
  readonly routes?: readonly string[]
  readonly clusterDomain?: string
}

const GROUP = 'networking.istio.io'

interface Subset {
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
}

class IstioTraffic extends ObjectRouter implements TrafficProvider, RoutedKind {
  readonly supports = { precision: 1, match: ['header', 'cookie', 'custom'] as const, mirror: true }
  readonly needs
  readonly service: string
  private readonly options: IstioOptions
  private readonly platform: Platform
  private readonly domain: string
  private readonly host: string
  private readonly targets: readonly [Target, Target]
  private version = ''
  private name = ''
  protected readonly route: RoutedObject
  private rule: ReadonlyMap<string, Readonly<Record<string, string>>> | null = null

  constructor(options: IstioOptions, platform: Platform) {
    super()
    const { service, namespace, hosts } = options
    this.options = options
    this.platform = platform
    this.service = service
    this.domain = options.clusterDomain ?? 'cluster.local'
    this.host = resolveHost(options.host ?? service, namespace, this.domain)
    const [first = '', second = ''] = Object.keys(hosts ?? options.subsets)
    this.targets = [this.targetOf(first), this.targetOf(second)]
    this.name = options.virtualService ?? ''
    this.route = new RoutedObject(this, platform)
    const right = (resource: string, verb: string, reason: string) => ({
      group: GROUP,
      resource,
      verb,
      namespace,
      for: reason,
    })
    this.needs = [
      right('virtualservices', 'get', 'read the weights'),
      right('virtualservices', 'list', 'find the VirtualService and others for the same host'),
      right('virtualservices', 'watch', 'notice foreign changes at once'),
      right('virtualservices', 'patch', 'write the weights'),
      ...(hosts === undefined ? [right('destinationrules', 'list', 'check the subsets')] : []),
    ]
  }

  private targetOf(colour: Colour): Target {
    const { hosts, subsets, namespace } = this.options
    if (hosts === undefined) {
      return { colour, host: this.host, writtenHost: this.host, subset: subsets[colour] ?? colour }
    }
    const writtenHost = hosts[colour] ?? colour
    return { colour, host: resolveHost(writtenHost, namespace, this.domain), writtenHost, subset: null }
  }

  /** Our two destinations for people. */
  private get wanted(): string {
    const [first, second] = this.targets
    return first.subset === null
      ? `requests to ${first.host} and ${second.host}`
      : `${this.host} to the subsets ${first.subset} and ${second.subset ?? ''}`
  }

  private async collection(resource: string): Promise<string> {
    this.version ||= await preferredVersion(this.platform.cluster, GROUP, 'is Istio installed there?')
    return `/apis/${GROUP}/${this.version}/namespaces/${this.options.namespace}/${resource}`
  }

  async path(name: string): Promise<string> {
    const collection = await this.collection('virtualservices')
    return name === '' ? collection : `${collection}/${name}`
  }

  private async list(resource: string): Promise<readonly KubeObject[]> {
    return listObjects(this.platform.cluster, await this.collection(resource))
  }

  private routesOf(object: KubeObject): Found {
    return findRoutes(object, this.targets, this.options.routes ?? null, this.domain)
  }

  view(object: KubeObject): RouteView {
    return new IstioView(object, this.service, this.targets, this.routesOf(object))
  }

  /** The name of the one VirtualService that splits our two colours. */
  async find(): Promise<string> {
    if (this.name !== '') return this.name
    const all = await this.list('virtualservices')
    const ours = all.filter((object) => this.view(object).isRouted)
    const [first, second] = ours
    if (first !== undefined && second === undefined) {
      this.name = first.metadata.name
      return this.name
    }
    const found = (ours.length > 0 ? ours : all)
      .map((one) => `${one.metadata.name} (hosts ${hostsOf(one, this.domain).join(', ')})`)
      .join('; ')
    const { namespace, service, subsets } = this.options
    if (second !== undefined) {
      throw notFound(
        `${ours.length} VirtualServices in ${namespace} route ${this.wanted}: ${found}`,
        'name the one to move with virtual-service; Istio obeys only the oldest of several for one mesh host',
      )
    }
    throw notFound(
      `no VirtualService in namespace ${namespace} routes ${this.wanted}; found: ${found || 'none'}`,
      `check service, namespace and the names of the colours, or start from this pair:\n${examplePair(this.host, service, namespace, Object.values(subsets))}`,
    )
  }

  async missing(name: string): Promise<ReleaseError> {
    const others = (await this.list('virtualservices')).map((one) => one.metadata.name).join(', ')
    return notFound(
      `there is no VirtualService ${this.options.namespace}/${name}; found: ${others || 'none'}`,
      'correct virtual-service, or leave it out to find the object by its host',
    )
  }

  noRoutes(object: KubeObject): ReleaseError {
    const { unreachable } = this.routesOf(object)
    const why =
      unreachable.length > 0
        ? `its route ${unreachable.join(', ')} stands below one that takes every request and is never asked`
        : `it has no route that sends ${this.wanted}`
    return notFound(`${describeObject(object)}: ${why}`, 'check the host, the subset names and the setting routes')
  }

  private async subsets(): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    if (this.rule !== null) return this.rule
    const rules = (await this.list('destinationrules'))
      .filter((object) => {
        const host = (object['spec'] as { readonly host?: unknown } | undefined)?.host
        return typeof host === 'string' && resolveHost(host, this.options.namespace, this.domain) === this.host
      })
      // Istio merges rules of one host; the first definition of a subset wins.
      .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    const found = new Map<string, Readonly<Record<string, string>>>()
    for (const object of rules) {
      const { subsets } = object['spec'] as { readonly subsets?: readonly Subset[] }
      for (const subset of subsets ?? []) {
        if (subset.name !== undefined && !found.has(subset.name)) found.set(subset.name, subset.labels ?? {})
      }
    }
    this.rule = found
    return found
  }

  private async labelsOf(subset: string): Promise<Readonly<Record<string, string>>> {
    const known = await this.subsets()
    const labels = known.get(subset)
    if (labels !== undefined) return labels
    throw notFound(
      `no DestinationRule in ${this.options.namespace} defines subset ${subset} of ${this.host}; found: ${[...known.keys()].join(', ') || 'none'}`,
      'requests to a missing subset are answered with 503: add the subset before the release',
    )
  }

  async backend(colour: Colour): Promise<Backend> {
    const { host, subset } = this.targets.find((one) => one.colour === colour) ?? this.targets[0]
    const labels = subset === null ? {} : await this.labelsOf(subset)
    const object = this.route.latest ?? (await this.route.current())
    const [service = this.options.service, namespace = this.options.namespace] = host.split('.')
    return { service, namespace, port: this.routesOf(object).port, labels, problem: '', isScaledByRoute: false }
  }

  check(): Promise<readonly Finding[]> {
    const route = async (): Promise<readonly Finding[]> => {
      const live = await this.read()
      const object = await this.route.current()
      const below = this.routesOf(object).unreachable.map((label): Finding => {
        const message = `${live.object}: route ${label} stands below one that takes every request`
        return { level: 'warn', message, hint: 'it is not moved' }
      })
      const others = neighbours(object, await this.list('virtualservices'), this.host, this.domain)
      return [...below, ...fighters(object, '.spec.http[].route[].weight'), ...others]
    }
    const colours = this.targets.map(({ colour }) => async () => {
      await this.backend(colour)
      return []
    })
    return gather([route, ...colours])
  }
}

/** Istio: two subsets of a DestinationRule, or two Services, with weights in a VirtualService. Only our numbers are ever written. */
export function istio(options: IstioOptions): Connect<TrafficProvider> {
  return (platform) => new IstioTraffic(options, platform)
}
