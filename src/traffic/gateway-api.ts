import type { Colour } from '../core/shares.ts'
import type { ReleaseError } from '../errors.ts'
import type { Backend, Connect, Finding, KubeObject, Platform, TrafficProvider } from '../ports.ts'
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
import { fieldsOf, listOf } from './own-rules.ts'
import { GatewayView, type ManagedRule } from './gateway-view.ts'
import type { WeightList } from './weights.ts'

/** How the service is routed with the Gateway API, at a gateway or inside a mesh. */
export interface GatewayApiOptions {
  readonly service: string
  readonly namespace: string
  /** The Service that each colour is. */
  readonly backends: Readonly<Record<Colour, string>>
  /** Default HTTPRoute. */
  readonly kind?: 'HTTPRoute' | 'GRPCRoute'
  /** Name of the route object; found by its backends when not given. */
  readonly route?: string
  /** Names of the rules to move; every rule that names both colours when not given. */
  readonly rules?: readonly string[]
}

const GROUP = 'gateway.networking.k8s.io'
const PLURAL = { HTTPRoute: 'httproutes', GRPCRoute: 'grpcroutes' } as const

interface BackendRef {
  readonly group?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly port?: number
  readonly weight?: number
}

interface Rule {
  readonly name?: string
  readonly matches?: readonly Readonly<Record<string, unknown>>[]
  readonly backendRefs?: readonly BackendRef[]
}

interface Condition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
}

interface RouteObject extends KubeObject {
  readonly spec?: { readonly rules?: readonly Rule[]; readonly hostnames?: readonly string[] }
  readonly status?: { readonly parents?: readonly { readonly conditions?: readonly Condition[] }[] }
}

/** What an older CRD let through is taken for what is not there. */
function toRef(value: unknown): BackendRef {
  const { weight, ...rest } = fieldsOf(value)
  return { ...rest, ...(typeof weight === 'number' && { weight }) }
}

/** A rule that asks nothing of a request: what no other rule wants goes here. */
function takesTheRest({ matches }: Rule): boolean {
  return listOf(matches).every((written) => {
    const one = fieldsOf(written)
    const { type = 'PathPrefix', value = '/' } = fieldsOf(one['path'])
    const isRoot = type === 'PathPrefix' && value === '/'
    return isRoot && Object.keys(one).every((key) => key === 'path')
  })
}

/** Conditions that keep requests away, of the newest object: an older judgement was about something else. */
function complaints(object: RouteObject, type: string): readonly string[] {
  const generation = object.metadata.generation ?? 0
  return (object.status?.parents ?? []).flatMap(({ conditions = [] }) =>
    conditions
      .filter((one) => one.type === type && one.status === 'False' && (one.observedGeneration ?? 0) >= generation)
      .map(({ reason = '', message = '' }) => `${type} is False: ${reason} ${message}`.trim()),
  )
}

class GatewayTraffic extends ObjectRouter implements TrafficProvider, RoutedKind {
  readonly supports = { precision: 1, match: ['header'] as const, mirror: true }
  readonly needs
  readonly service: string
  private readonly options: GatewayApiOptions
  private readonly platform: Platform
  private readonly colours: readonly [Colour, Colour]
  private readonly kind: 'HTTPRoute' | 'GRPCRoute'
  protected readonly route: RoutedObject
  private version = ''
  private name: string

  constructor(options: GatewayApiOptions, platform: Platform) {
    super()
    this.options = options
    this.platform = platform
    this.service = options.service
    this.kind = options.kind ?? 'HTTPRoute'
    const [first = '', second = ''] = Object.keys(options.backends)
    this.colours = [first, second]
    this.name = options.route ?? ''
    this.route = new RoutedObject(this, platform)
    const right = (verb: string, reason: string) => ({
      group: GROUP,
      resource: PLURAL[this.kind],
      verb,
      namespace: options.namespace,
      for: reason,
    })
    this.needs = [
      right('get', 'read the weights'),
      right('list', 'find the route'),
      right('watch', 'notice foreign changes at once'),
      right('patch', 'write the weights'),
    ]
  }

  private backendName(colour: Colour): string {
    return this.options.backends[colour] ?? colour
  }

  private get wanted(): string {
    return this.colours.map((colour) => this.backendName(colour)).join(' and ')
  }

  async path(name: string): Promise<string> {
    this.version ||= await preferredVersion(this.platform.cluster, GROUP, 'are the CRDs of the Gateway API there?')
    const collection = `/apis/${GROUP}/${this.version}/namespaces/${this.options.namespace}/${PLURAL[this.kind]}`
    return name === '' ? collection : `${collection}/${name}`
  }

  private async list(): Promise<readonly RouteObject[]> {
    return listObjects(this.platform.cluster, await this.path(''))
  }

  private isOurs(object: KubeObject, colour: Colour, ref: BackendRef): boolean {
    const home = object.metadata.namespace ?? this.options.namespace
    const isService = (ref.group ?? '') === '' && (ref.kind ?? 'Service') === 'Service'
    return isService && ref.name === this.backendName(colour) && (ref.namespace ?? home) === this.options.namespace
  }

  /** The rules that share requests between our colours. */
  private managedOf(object: RouteObject): readonly ManagedRule[] {
    const names = this.options.rules ?? null
    return listOf(object.spec?.rules).flatMap((one, index): ManagedRule[] => {
      const rule: Rule = fieldsOf(one)
      const refs = listOf(rule.backendRefs).map(toRef)
      const places: Record<Colour, number> = {}
      for (const colour of this.colours) {
        const found = refs.flatMap((ref, place) => (this.isOurs(object, colour, ref) ? [place] : []))
        if (found.length > 1) {
          const label = rule.name ?? `#${index}`
          throw notFound(
            `${describeObject(object, this.kind)}: rule ${label} names Service ${this.backendName(colour)} ${found.length} times`,
            'a colour must stand once in a rule, else its weight has no single place',
          )
        }
        places[colour] = found[0] ?? -1
      }
      const present = Object.values(places).filter((place) => place >= 0).length
      const isWanted =
        names === null
          ? present === this.colours.length || (present > 0 && takesTheRest(rule))
          : names.includes(rule.name ?? '') && present > 0
      if (!isWanted) return []
      const list: WeightList = {
        path: `/spec/rules/${index}/backendRefs`,
        // A weight that is not written is 1; a single backend with any weight gets everything.
        weights: refs.map(({ weight = 1 }) => (refs.length === 1 && weight > 0 ? 100 : weight)),
        written: refs.map(({ weight }) => weight ?? null),
        places,
        entry: (colour) => ({ ...refs[Math.max(...Object.values(places))], name: this.backendName(colour) }),
      }
      return [{ index, written: { ...rule }, list }]
    })
  }

  view(object: KubeObject): RouteView {
    return new GatewayView(object, this.service, this.options.backends, this.managedOf(object))
  }

  async find(): Promise<string> {
    if (this.name !== '') return this.name
    const all = await this.list()
    const ours = all.filter((object) => this.view(object).isRouted)
    const [first, second] = ours
    if (first !== undefined && second === undefined) {
      this.name = first.metadata.name
      return this.name
    }
    const { namespace } = this.options
    const found = (ours.length > 0 ? ours : all).map((one) => one.metadata.name).join(', ')
    if (second !== undefined) {
      throw notFound(
        `${ours.length} ${this.kind}s in ${namespace} route to ${this.wanted}: ${found}`,
        'name the one to move with route',
      )
    }
    throw notFound(
      `no ${this.kind} in namespace ${namespace} routes to the Services ${this.wanted}; found: ${found || 'none'}`,
      'check service, namespace and the names of the colours’ Services; both stand in backendRefs of one rule',
    )
  }

  async missing(name: string): Promise<ReleaseError> {
    const others = (await this.list()).map((one) => one.metadata.name).join(', ')
    return notFound(
      `there is no ${this.kind} ${this.options.namespace}/${name}; found: ${others || 'none'}`,
      'correct route, or leave it out to find the object by its backends',
    )
  }

  noRoutes(object: KubeObject): ReleaseError {
    return notFound(
      `${describeObject(object, this.kind)} has no rule that sends to the Services ${this.wanted}`,
      'check the names of the colours’ Services and the setting rules',
    )
  }

  async backend(colour: Colour): Promise<Backend> {
    const object = (this.route.latest ?? (await this.route.current())) as RouteObject
    const refs = listOf(object.spec?.rules).flatMap((rule) => listOf(fieldsOf(rule)['backendRefs']).map(toRef))
    const port = refs.find((ref) => this.isOurs(object, colour, ref))?.port ?? null
    const [problem = ''] = complaints(object, 'ResolvedRefs')
    return {
      service: this.backendName(colour),
      namespace: this.options.namespace,
      port,
      labels: {},
      problem,
      isScaledByRoute: false,
    }
  }

  check(): Promise<readonly Finding[]> {
    return gather([
      async () => {
        await this.read()
        const object = (await this.route.current()) as RouteObject
        const label = describeObject(object, this.kind)
        const refused = complaints(object, 'Accepted').map((why): Finding => {
          return { level: 'refuse', message: `${label}: ${why}`, hint: 'no request obeys this route; mend it first' }
        })
        const unresolved = complaints(object, 'ResolvedRefs').map((why): Finding => {
          const hint = 'the share of a backend that cannot be resolved is answered with 500'
          return { level: 'warn', message: `${label}: ${why}`, hint }
        })
        const isSeen = (object.status?.parents ?? []).length > 0
        const unseen: Finding = {
          level: 'warn',
          message: `${label} has no status: no controller has taken it over`,
          hint: 'check parentRefs and the GatewayClass',
        }
        const rest = isSeen ? [] : [unseen]
        return [...refused, ...unresolved, ...rest, ...fighters(object, '.spec.rules[].backendRefs[].weight')]
      },
    ])
  }
}

/** Gateway API: two weighted backends of an HTTPRoute or GRPCRoute. Only our numbers are ever written. */
export function gatewayApi(options: GatewayApiOptions): Connect<TrafficProvider> {
  return (platform) => new GatewayTraffic(options, platform)
}
