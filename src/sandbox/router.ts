import type http from 'node:http'
import type { SandboxApiServer, StoredObject } from './api-server.ts'

type Labels = Readonly<Record<string, string>>

/** Pods that a request may go to: those of a Service, with more labels. */
export interface Destination {
  readonly service: string
  /** Undefined when the route names what nobody defined. */
  readonly labels: Labels | undefined
  readonly weight: number
}

/** What a request asks for. */
export type Asked = Pick<http.IncomingMessage, 'headers' | 'url'>

/** One rule of a router, in the order in which they are asked. */
export interface Rule {
  readonly takes: (request: Asked) => boolean
  /** Nothing is asked of a request. */
  readonly isDefault: boolean
  readonly destinations: readonly Destination[]
  /** Who gets copies, and how many percent of the requests. */
  readonly mirror: { readonly to: Destination; readonly percent: number } | null
}

interface IstioDestination {
  readonly host?: string
  readonly subset?: string
}

interface StringMatch {
  readonly exact?: string
  readonly prefix?: string
  readonly regex?: string
}

interface IstioRoute {
  readonly match?: readonly {
    readonly headers?: Readonly<Record<string, StringMatch>>
    readonly uri?: StringMatch
  }[]
  readonly route?: readonly { readonly destination?: IstioDestination; readonly weight?: number }[]
  readonly mirror?: IstioDestination
  readonly mirrorPercentage?: { readonly value?: number }
}

interface BackendRef {
  readonly name?: string
  readonly weight?: number
}

interface GatewayRule {
  readonly matches?: readonly {
    readonly headers?: readonly { readonly name: string; readonly value: string }[]
    readonly path?: { readonly type?: string; readonly value?: string }
  }[]
  readonly backendRefs?: readonly BackendRef[]
  readonly filters?: readonly {
    readonly type?: string
    readonly requestMirror?: { readonly backendRef?: BackendRef; readonly percent?: number }
  }[]
}

interface IngressSpec {
  readonly rules?: readonly {
    readonly http?: {
      readonly paths?: readonly { readonly backend?: { readonly service?: { readonly name?: string } } }[]
    }
  }[]
}

const NGINX = 'nginx.ingress.kubernetes.io'

const isMatch = (value: string | undefined, { exact, prefix, regex }: StringMatch): boolean => {
  if (value === undefined) return false
  if (exact !== undefined) return value === exact
  if (prefix !== undefined) return value.startsWith(prefix)
  return regex !== undefined && new RegExp(`^(?:${regex})$`).test(value)
}
const headerOf = (request: Asked, name: string): string | undefined => {
  const found = request.headers[name.toLowerCase()]
  return typeof found === 'string' ? found : undefined
}

/** Where requests go, by the objects that say so: what a control plane makes of them. Reads nothing of the product. */
export class SandboxRouter {
  private readonly api: SandboxApiServer
  private readonly namespace: string
  private readonly service: string

  constructor(api: SandboxApiServer, namespace: string, service: string) {
    this.api = api
    this.namespace = namespace
    this.service = service
  }

  /** The rules of the newest objects; null when they make no sense, and the old ones stay. */
  rules(): readonly Rule[] | null {
    const [route] = this.api.list('VirtualService', this.namespace)
    if (route !== undefined) return this.istio(route)
    const gateway = [...this.api.list('HTTPRoute', this.namespace), ...this.api.list('GRPCRoute', this.namespace)][0]
    if (gateway !== undefined) return this.gateway(gateway)
    const ingresses = this.api.list('Ingress', this.namespace)
    if (ingresses.length > 0) return this.nginx(ingresses)
    const all = { service: this.service, labels: {}, weight: 1 }
    return [{ takes: () => true, isDefault: true, destinations: [all], mirror: null }]
  }

  private subset({ host = '', subset }: IstioDestination, weight: number): Destination {
    const [service = ''] = host.split('.')
    if (subset === undefined) return { service, labels: {}, weight }
    for (const rule of this.api.list('DestinationRule', this.namespace)) {
      const subsets = (rule.spec?.['subsets'] ?? []) as { name?: string; labels?: Record<string, string> }[]
      const found = subsets.find((entry) => entry.name === subset)
      if (found !== undefined) return { service, labels: found.labels ?? {}, weight }
    }
    return { service, labels: undefined, weight }
  }

  private istio(object: StoredObject): readonly Rule[] | null {
    const http = object.spec?.['http']
    const routes = Array.isArray(http) ? (http as IstioRoute[]) : []
    const isValid = routes.every(({ route = [] }) => {
      const weights = route.map((one) => one.weight ?? 0)
      return weights.every((weight) => weight >= 0) && (route.length < 2 || weights.some((weight) => weight > 0))
    })
    if (!isValid) return null
    return routes.map(({ match = [], route = [], mirror, mirrorPercentage }) => ({
      isDefault: match.length === 0,
      takes: (request) =>
        match.length === 0 ||
        match.some(
          ({ headers = {}, uri }) =>
            Object.entries(headers).every(([name, wanted]) => isMatch(headerOf(request, name), wanted)) &&
            (uri === undefined || isMatch(request.url ?? '/', uri)),
        ),
      destinations: route.map((one) =>
        this.subset(one.destination ?? {}, route.length === 1 ? 100 : (one.weight ?? 0)),
      ),
      mirror: mirror === undefined ? null : { to: this.subset(mirror, 100), percent: mirrorPercentage?.value ?? 100 },
    }))
  }

  /** The more a rule asks, the earlier it is asked. */
  private gateway(object: StoredObject): readonly Rule[] {
    const rules = (object.spec?.['rules'] ?? []) as GatewayRule[]
    const to = ({ name = '', weight = 1 }: BackendRef): Destination => ({ service: name, labels: {}, weight })
    const asks = ({ matches = [] }: GatewayRule): number =>
      Math.max(0, ...matches.map(({ headers = [] }) => headers.length))
    return [...rules]
      .sort((one, other) => asks(other) - asks(one))
      .map((rule) => {
        const mirror = rule.filters?.find(({ type }) => type === 'RequestMirror')?.requestMirror
        return {
          isDefault: asks(rule) === 0,
          takes: (request) =>
            (rule.matches ?? [{}]).some(({ headers = [], path }) => {
              const isPath = (request.url ?? '/').startsWith(path?.value ?? '/')
              return isPath && headers.every(({ name, value }) => headerOf(request, name) === value)
            }),
          destinations: (rule.backendRefs ?? []).map(to),
          mirror:
            mirror?.backendRef === undefined ? null : { to: to(mirror.backendRef), percent: mirror.percent ?? 100 },
        }
      })
  }

  private nginx(ingresses: readonly StoredObject[]): readonly Rule[] {
    const of = (ingress: StoredObject, name: string): string => ingress.metadata.annotations?.[`${NGINX}/${name}`] ?? ''
    const serviceOf = (ingress: StoredObject): string =>
      ((ingress.spec ?? {}) as IngressSpec).rules?.[0]?.http?.paths?.[0]?.backend?.service?.name ?? ''
    const canary = ingresses.find((one) => of(one, 'canary') === 'true')
    const main = ingresses.find((one) => of(one, 'canary') !== 'true')
    const to = (ingress: StoredObject | undefined, weight: number): Destination => ({
      service: ingress === undefined ? this.service : serviceOf(ingress),
      labels: {},
      weight,
    })
    const weight = canary === undefined ? 0 : Number(of(canary, 'canary-weight'))
    const rest: Rule = {
      isDefault: true,
      takes: () => true,
      destinations: [to(main, 100 - weight), ...(canary === undefined ? [] : [to(canary, weight)])],
      mirror: null,
    }
    if (canary === undefined) return [rest]
    const header = of(canary, 'canary-by-header')
    const value = of(canary, 'canary-by-header-value') || 'always'
    const cookie = of(canary, 'canary-by-cookie')
    const isAudience = (request: Asked): boolean =>
      (header !== '' && headerOf(request, header) === value) ||
      (cookie !== '' && (headerOf(request, 'cookie') ?? '').split(/;\s*/).includes(`${cookie}=always`))
    return [{ isDefault: false, takes: isAudience, destinations: [to(canary, 100)], mirror: null }, rest]
  }
}
