import type { Colour } from '../core/shares.ts'
import { ReleaseError } from '../errors.ts'
import type { Finding, KubeObject } from '../ports.ts'
import { fieldsOf, listOf, type Fields } from './own-rules.ts'
import { describeObject } from './routed-object.ts'
import type { WeightList } from './weights.ts'

/** The part of a VirtualService's http, tcp or tls route that is about weights; everything else is left as it is. */
interface Rule {
  readonly protocol: 'http' | 'tcp' | 'tls'
  readonly index: number
  readonly written: Fields
  readonly name?: string
  readonly match: readonly { readonly uri?: { readonly prefix?: string }; readonly [key: string]: unknown }[]
  readonly route: readonly WeightedDestination[]
}

interface WeightedDestination {
  readonly destination?: {
    readonly host?: string
    readonly subset?: string
    readonly port?: { readonly number?: number }
  }
  readonly weight?: number
}

/** A colour as the mesh knows it: the resolved host and the subset, never the subset alone. */
export interface Target {
  readonly colour: Colour
  readonly host: string
  /** Subset of the DestinationRule; null where each colour is a host of its own. */
  readonly subset: string | null
  /** The host as it is written into a route that does not have the colour yet. */
  readonly writtenHost: string
}

/**
 * A host as Istio sees it: without a dot it is a Service of the object's own namespace, with any dot it is literal.
 *
 *     resolveHost('address', 'shop', 'cluster.local')      → 'address.shop.svc.cluster.local'
 *     resolveHost('address.shop', 'shop', 'cluster.local') → 'address.shop'   no such cluster: requests fail
 */
export function resolveHost(host: string, namespace: string, domain: string): string {
  if (host === '*' || host.includes('.') || host.includes(':')) return host
  return `${host}.${namespace}.svc.${domain}`
}

/** What an older CRD let through is taken for what is not there. */
function toDestination(value: unknown): WeightedDestination {
  const { destination, weight } = fieldsOf(value)
  const { host, subset, port, ...rest } = fieldsOf(destination)
  const { number } = fieldsOf(port)
  return {
    destination: {
      ...rest,
      ...(typeof host === 'string' && { host }),
      ...(typeof subset === 'string' && { subset }),
      ...(typeof number === 'number' && { port: { number } }),
    },
    ...(typeof weight === 'number' && { weight }),
  }
}

const PROTOCOLS = ['http', 'tcp', 'tls'] as const

/** The routes of an object, each at its place; what is none has no destinations. */
function rulesOf(object: KubeObject): readonly Rule[] {
  const spec = fieldsOf(object['spec'])
  return PROTOCOLS.flatMap((protocol) =>
    listOf(spec[protocol]).map((one, index): Rule => {
      const { name, match, route } = fieldsOf(one)
      return {
        protocol,
        index,
        written: fieldsOf(one),
        ...(typeof name === 'string' && { name }),
        match: listOf(match).map((each) => fieldsOf(each)),
        route: listOf(route).map(toDestination),
      }
    }),
  )
}

/** A route that takes every request: whatever stands below it is never asked. */
function takesAll({ protocol, match }: Rule): boolean {
  if (protocol === 'tls') return false
  return match.length === 0 || match.some((one) => Object.keys(one).join() === 'uri' && one.uri?.prefix === '/')
}

const labelOf = ({ protocol, name, index }: Rule): string => name ?? `${protocol === 'http' ? '' : protocol}#${index}`

/** An http route that shares requests between our colours, as it is written. */
export interface HttpRoute {
  readonly index: number
  readonly written: Fields
}

/** What the routes of a VirtualService have to do with our two colours. */
export interface Found {
  readonly lists: readonly WeightList[]
  /** The http routes among them. */
  readonly managed: readonly HttpRoute[]
  /** Routes of ours below one that takes every request. */
  readonly unreachable: readonly string[]
  /** The Service port our destinations name; null when they name none. */
  readonly port: number | null
}

/** Where each colour stands in a route. @throws ReleaseError ROUTE_NOT_FOUND when one stands there twice */
function placesOf(object: KubeObject, rule: Rule, targets: readonly Target[], domain: string): Record<Colour, number> {
  const namespace = object.metadata.namespace ?? 'default'
  const places: Record<Colour, number> = {}
  for (const target of targets) {
    const found = rule.route.flatMap(({ destination }, place) => {
      const host = resolveHost(destination?.host ?? '', namespace, domain)
      return host === target.host && (destination?.subset ?? null) === target.subset ? [place] : []
    })
    if (found.length > 1) {
      const name = target.subset === null ? target.host : `${target.host} subset ${target.subset}`
      throw new ReleaseError(
        'ROUTE_NOT_FOUND',
        `${describeObject(object)}: route ${labelOf(rule)} names ${name} ${found.length} times`,
        { hint: 'a colour must stand once in a route, else its weight has no single place' },
      )
    }
    places[target.colour] = found[0] ?? -1
  }
  return places
}

function toList(
  { protocol, index, route }: Rule,
  places: Record<Colour, number>,
  targets: readonly Target[],
): WeightList {
  return {
    path: `/spec/${protocol}/${index}/route`,
    // A single destination takes everything whatever its weight says; one of several without a weight takes nothing.
    weights: route.map(({ weight }) => (route.length === 1 ? 100 : (weight ?? 0))),
    written: route.map(({ weight }) => weight ?? null),
    places,
    entry: (colour) => {
      const sibling = route[Math.max(...Object.values(places))]?.destination
      const target = targets.find((one) => one.colour === colour)
      if (target === undefined) return {}
      const { subset, writtenHost } = target
      return { destination: { ...sibling, ...(subset === null ? { host: writtenHost } : { subset }) } }
    },
  }
}

/**
 * The routes of a VirtualService that share requests between our two colours.
 *
 * @param names the routes to move; null for every reachable one that names both colours, or names one of them and
 *   takes every request
 * @throws ReleaseError ROUTE_NOT_FOUND when a colour stands twice in one route
 */
export function findRoutes(
  object: KubeObject,
  targets: readonly Target[],
  names: readonly string[] | null,
  domain: string,
): Found {
  const lists: WeightList[] = []
  const managed: HttpRoute[] = []
  const unreachable: string[] = []
  const covered = new Set<Rule['protocol']>()
  let port: number | null = null
  for (const rule of rulesOf(object)) {
    const places = placesOf(object, rule, targets, domain)
    const present = Object.values(places).filter((place) => place >= 0)
    const isDefault = takesAll(rule)
    const isWanted =
      names === null
        ? present.length === targets.length || (present.length > 0 && isDefault)
        : names.includes(rule.name ?? '') && present.length > 0
    if (isWanted && covered.has(rule.protocol)) unreachable.push(labelOf(rule))
    else if (isWanted) {
      lists.push(toList(rule, places, targets))
      if (rule.protocol === 'http') managed.push({ index: rule.index, written: rule.written })
      for (const place of present) port ??= rule.route[place]?.destination?.port?.number ?? null
    }
    if (isDefault) covered.add(rule.protocol)
  }
  return { lists, managed, unreachable, port }
}

/** The hosts an object claims, as Istio resolves them. */
export function hostsOf(object: KubeObject, domain: string): readonly string[] {
  const spec = object['spec'] as { readonly hosts?: unknown } | null | undefined
  const hosts = Array.isArray(spec?.hosts) ? spec.hosts.filter((host) => typeof host === 'string') : []
  return hosts.map((host) => resolveHost(host, object.metadata.namespace ?? 'default', domain))
}

/** The gateways an object is bound to; without any it rules the mesh. */
export function gatewaysOf(object: KubeObject): readonly string[] {
  const spec = object['spec'] as { readonly gateways?: unknown } | null | undefined
  const gateways = Array.isArray(spec?.gateways) ? spec.gateways.filter((one) => typeof one === 'string') : []
  return gateways.length === 0 ? ['mesh'] : gateways
}

/** Whether some route of the object sends requests to the host without naming a subset, past any split. */
export function bypasses(object: KubeObject, host: string, domain: string): boolean {
  return rulesOf(object).some(({ route }) =>
    route.some(
      ({ destination }) =>
        destination?.subset === undefined &&
        resolveHost(destination?.host ?? '', object.metadata.namespace ?? 'default', domain) === host,
    ),
  )
}

/** Other VirtualServices that get in the way of ours: for the same host, or past its split. */
export function neighbours(
  ours: KubeObject,
  all: readonly KubeObject[],
  host: string,
  domain: string,
): readonly Finding[] {
  const findings: Finding[] = []
  const isMesh = (object: KubeObject): boolean => gatewaysOf(object).includes('mesh')
  const age = (object: KubeObject): string => object.metadata.creationTimestamp ?? ''
  for (const other of all) {
    if (other.metadata.name === ours.metadata.name) continue
    const shared = hostsOf(other, domain).filter((one) => hostsOf(ours, domain).includes(one))
    if (shared.length > 0 && isMesh(other) && isMesh(ours)) {
      const wins = age(other) < age(ours)
      findings.push({
        level: wins ? 'refuse' : 'warn',
        message: `${describeObject(other)} has the same host ${shared.join(', ')} as ${describeObject(ours)}; Istio obeys only the older, ${wins ? other.metadata.name : ours.metadata.name}`,
        hint: 'merge or remove one of them',
      })
    }
    if (bypasses(other, host, domain)) {
      findings.push({
        level: 'warn',
        message: `${describeObject(other)} routes to ${host} without a subset: its requests bypass the split`,
        hint: 'both colours serve them as soon as their pods are ready',
      })
    }
  }
  return findings
}

/** A VirtualService and a DestinationRule that would do, ready to paste. */
export function examplePair(host: string, service: string, namespace: string, subsets: readonly string[]): string {
  const head = (kind: string): string[] => [
    'apiVersion: networking.istio.io/v1',
    `kind: ${kind}`,
    `metadata: {name: ${service}, namespace: ${namespace}}`,
    'spec:',
  ]
  return [
    ...head('DestinationRule'),
    `  host: ${host}`,
    '  subsets:   # labels that tell the pods of the colours apart',
    ...subsets.map((subset) => `  - {name: ${subset}, labels: {version: ${subset}}}`),
    '---',
    ...head('VirtualService'),
    `  hosts: [${host}]`,
    '  http:',
    '  - route:',
    ...subsets.map(
      (subset, index) => `    - {destination: {host: ${host}, subset: ${subset}}, weight: ${index === 0 ? 100 : 0}}`,
    ),
  ].join('\n')
}
