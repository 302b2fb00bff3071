import { hasAudience } from '../core/plan.ts'
import type { Colour } from '../core/shares.ts'
import { toReleaseError, type ReleaseError } from '../errors.ts'
import type {
  Backend,
  Connect,
  Finding,
  KubeObject,
  LiveRoute,
  Platform,
  RouteChange,
  TrafficProvider,
} from '../ports.ts'
import {
  describeObject,
  fighters,
  gather,
  notFound,
  RoutedObject,
  type RoutedKind,
  type RouteView,
  listObjects,
} from './routed-object.ts'
import { CanaryView, keysOf, pathsOf, rulesOf, serviceOf, type Ingress } from './ingress-view.ts'

/** How the service is routed with ingress-nginx: a main Ingress, and a second one for the canary. */
export interface IngressNginxOptions {
  readonly service: string
  readonly namespace: string
  /** The Service of each track; the first one is the main track, the second one the canary. */
  readonly backends: Readonly<Record<Colour, string>>
  /** Name of the main Ingress; found by its backend when not given. */
  readonly ingress?: string
  /** Name of the canary Ingress; default `<main>-canary`. It is made when it is not there. */
  readonly canary?: string
  /** The controller's prefix of annotations; default `nginx.ingress.kubernetes.io`. */
  readonly prefix?: string
}

const COLLECTION = '/apis/networking.k8s.io/v1/namespaces'
const DEFAULT_PREFIX = 'nginx.ingress.kubernetes.io'
class NginxTraffic implements TrafficProvider, RoutedKind {
  readonly supports = { precision: 1, match: ['header', 'cookie'] as const, mirror: false }
  readonly needs
  readonly service: string
  private readonly options: IngressNginxOptions
  private readonly platform: Platform
  private readonly colours: readonly [Colour, Colour]
  private readonly prefix: string
  private readonly route: RoutedObject
  private mainName: string
  /** The main Ingress as it was seen first: its ports do not change during a release. */
  private known: Ingress | null = null

  constructor(options: IngressNginxOptions, platform: Platform) {
    this.options = options
    this.platform = platform
    this.service = options.service
    const [main = '', canary = ''] = Object.keys(options.backends)
    this.colours = [main, canary]
    this.prefix = options.prefix ?? DEFAULT_PREFIX
    this.mainName = options.ingress ?? ''
    this.route = new RoutedObject(this, platform)
    const right = (verb: string, reason: string) => ({
      group: 'networking.k8s.io',
      resource: 'ingresses',
      verb,
      namespace: options.namespace,
      for: reason,
    })
    this.needs = [
      right('get', 'read the weight'),
      right('list', 'find the main Ingress and others for the same path'),
      right('watch', 'notice foreign changes at once'),
      right('patch', 'write the weight'),
      right('create', 'make the canary Ingress'),
    ]
  }

  path(name: string): Promise<string> {
    const collection = `${COLLECTION}/${this.options.namespace}/ingresses`
    return Promise.resolve(name === '' ? collection : `${collection}/${name}`)
  }

  private async list(): Promise<readonly Ingress[]> {
    return listObjects(this.platform.cluster, await this.path(''))
  }

  private isCanary(ingress: Ingress): boolean {
    return ingress.metadata.annotations?.[`${this.prefix}/canary`] === 'true'
  }

  private backendName(colour: Colour): string {
    return this.options.backends[colour] ?? colour
  }

  /** The Ingress of the main track. @throws ReleaseError ROUTE_NOT_FOUND */
  private async main(): Promise<Ingress> {
    const backend = this.backendName(this.colours[0])
    const { namespace } = this.options
    if (this.mainName === '') {
      const all = await this.list()
      const ours = all.filter((one) => !this.isCanary(one) && keysOf(one, backend).length > 0)
      const [first, second] = ours
      const found = (ours.length > 0 ? ours : all).map((one) => one.metadata.name).join(', ')
      if (first === undefined) {
        throw notFound(
          `no Ingress in namespace ${namespace} sends to Service ${backend}; found: ${found || 'none'}`,
          'check namespace and the Service of the main track, or name the object with ingress',
        )
      }
      if (second !== undefined) {
        const hint = 'name the one to follow with ingress'
        throw notFound(`${ours.length} Ingresses in ${namespace} send to Service ${backend}: ${found}`, hint)
      }
      this.mainName = first.metadata.name
      return first
    }
    const path = await this.path(this.mainName)
    const found = await this.platform.cluster.request<Ingress>({ method: 'GET', path }).catch((thrown: unknown) => {
      if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND') throw thrown
      throw notFound(`there is no Ingress ${namespace}/${this.mainName}`, 'correct ingress, or leave it out')
    })
    if (keysOf(found, backend).length > 0) return found
    throw notFound(`${describeObject(found, 'Ingress')} sends nothing to Service ${backend}`, 'check the backends')
  }

  async find(): Promise<string> {
    if (this.options.canary !== undefined) return this.options.canary
    if (this.mainName === '') await this.main()
    return `${this.mainName}-canary`
  }

  view(object: KubeObject): RouteView {
    return new CanaryView(object, this.prefix, this.colours)
  }

  noRoutes(object: KubeObject): ReleaseError {
    return notFound(`${describeObject(object, 'Ingress')} is no canary`, `set ${this.prefix}/canary: "true"`)
  }

  async missing(name: string): Promise<ReleaseError> {
    const main = await this.main()
    return notFound(`there is no Ingress ${this.options.namespace}/${name} beside ${main.metadata.name}`, '')
  }

  /** The canary Ingress as it would be made: the paths of the main track, sent to the canary's Service. */
  private toCanary(main: Ingress, name: string): unknown {
    const [track, canary] = this.colours
    const backend = this.backendName(track)
    const rules = rulesOf(main).flatMap((rule) => {
      const paths = pathsOf(rule)
        .filter((path) => serviceOf(path) === backend)
        .map((path) => ({
          ...path,
          backend: { ...path.backend, service: { ...path.backend?.service, name: this.backendName(canary) } },
        }))
      return paths.length === 0 ? [] : [{ ...rule, http: { paths } }]
    })
    const { ingressClassName } = main.spec ?? {}
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name,
        namespace: this.options.namespace,
        labels: { 'app.kubernetes.io/managed-by': 'gray-release' },
        annotations: {
          [`${this.prefix}/canary`]: 'true',
          [`${this.prefix}/canary-weight`]: '0',
        },
      },
      spec: { ...(ingressClassName !== undefined && { ingressClassName }), rules },
    }
  }

  /** Makes the canary Ingress at weight 0 when it is not there; two runs may try at once. */
  private async make(): Promise<void> {
    const main = await this.main()
    const body = this.toCanary(main, await this.find())
    const path = `${await this.path('')}?fieldManager=gray-release`
    await this.platform.cluster.request({ method: 'POST', path, body }).catch((thrown: unknown) => {
      if (toReleaseError(thrown).code !== 'CLUSTER_CONFLICT') throw thrown
    })
  }

  /** Asks once more after the canary Ingress was made. */
  private async withCanary<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question()
    } catch (thrown) {
      if (toReleaseError(thrown).code !== 'ROUTE_NOT_FOUND') throw thrown
      await this.make()
      return question()
    }
  }

  /** Without a canary Ingress all requests go to the main track, and nothing is saved. */
  async read(): Promise<LiveRoute> {
    try {
      return await this.route.read()
    } catch (thrown) {
      if (toReleaseError(thrown).code !== 'ROUTE_NOT_FOUND') throw thrown
      const main = await this.main()
      const [track, canary] = this.colours
      const shares = { [track]: 100, [canary]: 0 }
      return {
        object: describeObject(main, 'Ingress'),
        shares,
        notes: { state: null, fence: null, request: null, part: null },
        unfinished: '',
        has: (wanted) => (wanted[canary] ?? 0) === 0,
        serves: (audience) => !hasAudience(audience),
      }
    }
  }

  write(change: RouteChange): Promise<LiveRoute> {
    return this.withCanary(() => this.route.write(change))
  }

  ask(request: string): Promise<void> {
    return this.route.leave(request)
  }

  watch(signal: AbortSignal): void {
    this.route.watch(signal)
  }

  async backend(colour: Colour): Promise<Backend> {
    const main = (this.known ??= await this.main())
    const service = this.backendName(this.colours[0])
    const path = rulesOf(main)
      .flatMap(pathsOf)
      .find((one) => serviceOf(one) === service)
    const port = path?.backend?.service?.port?.number ?? null
    return {
      service: this.backendName(colour),
      namespace: this.options.namespace,
      port,
      labels: {},
      problem: '',
      isScaledByRoute: false,
    }
  }

  check(): Promise<readonly Finding[]> {
    return gather([
      async () => {
        const main = await this.main()
        const [track, canary] = this.colours
        const label = describeObject(main, 'Ingress')
        const name = await this.find()
        const all = await this.list()
        const ours = keysOf(main, this.backendName(track))
        const own = all.find((one) => one.metadata.name === name)
        const findings: Finding[] = [...(own === undefined ? [] : fighters(own, '.metadata.annotations'))]
        const add = (level: Finding['level'], message: string, hint: string): void => {
          findings.push({ level, message, hint })
        }
        for (const other of all) {
          if (!this.isCanary(other) || other.metadata.name === name) continue
          const services = new Set(rulesOf(other).flatMap(pathsOf).map(serviceOf))
          const shared = [...services].flatMap((service) => keysOf(other, service)).filter((key) => ours.includes(key))
          if (shared.length === 0) continue
          add(
            'refuse',
            `${describeObject(other, 'Ingress')} is a canary for ${shared.join(', ')} already`,
            'the controller obeys one canary for each path: remove it, or name it with canary',
          )
        }
        if (own !== undefined) {
          const theirs = keysOf(own, this.backendName(canary))
          const lacking = ours.filter((key) => !theirs.includes(key))
          if (lacking.length > 0) {
            add(
              'refuse',
              `${describeObject(own, 'Ingress')} does not send ${lacking.join(', ')} to Service ${this.backendName(canary)}`,
              'host, path and pathType must be those of the main Ingress; or remove it, and it is made anew',
            )
          }
        }
        const annotations = main.metadata.annotations ?? {}
        const isSticky = annotations[`${this.prefix}/affinity`] === 'cookie'
        if (isSticky && annotations[`${this.prefix}/affinity-canary-behavior`] !== 'legacy') {
          add(
            'warn',
            `${label} keeps users by a cookie: who reached the canary once stays there, also at weight 0`,
            `set ${this.prefix}/affinity-canary-behavior: legacy, so that a revert brings everybody back`,
          )
        }
        return findings
      },
    ])
  }
}

/**
 * ingress-nginx: the weight of a canary Ingress beside the main one. The canary Ingress is made when it is missing and
 * stays at weight 0 afterwards: it carries the notes of the last release.
 */
export function ingressNginx(options: IngressNginxOptions): Connect<TrafficProvider> {
  return (platform) => new NginxTraffic(options, platform)
}
