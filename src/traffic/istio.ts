import { describeShares, type Colour, type Shares } from '../core/shares.ts'
import { encodeFence, overtakenBy } from '../core/saved.ts'
import { overtaken, ReleaseError, toReleaseError } from '../errors.ts'
import type {
  Backend,
  Connect,
  Fence,
  Finding,
  KubeObject,
  LiveRoute,
  NoteName,
  Platform,
  RouteChange,
  TrafficProvider,
} from '../ports.ts'
import { FollowedObject } from './followed-object.ts'
import {
  describeObject,
  examplePair,
  hostsOf,
  neighbours,
  resolveHost,
  RouteEditor,
  type PatchOperation,
  type SubsetTarget,
} from './istio-routes.ts'

/** How the service is routed with Istio. */
export interface IstioOptions {
  readonly service: string
  readonly namespace: string
  /** The two colours and the subsets of the DestinationRule they are. */
  readonly subsets: Readonly<Record<Colour, string>>
  /** Host the routes send to; the service's own by default. */
  readonly host?: string
  /** Name of the VirtualService; found by host when not given. */
  readonly virtualService?: string
  /** Names of the http routes to move; every route that names both subsets when not given. */
  readonly routes?: readonly string[]
  readonly clusterDomain?: string
}

const GROUP = 'networking.istio.io'
const TRIES = 5
const NOTES: readonly NoteName[] = ['state', 'fence', 'request']
/** Managers that write whole objects and would put our weights back. */
const FIGHTERS = /^(argocd|kustomize-controller|helm-controller|flux|fleet)/

interface Subset {
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
}

function notFound(message: string, hint: string): ReleaseError {
  return new ReleaseError('ROUTE_NOT_FOUND', message, { hint })
}

class IstioTraffic implements TrafficProvider {
  readonly supports = { precision: 1, match: false }
  readonly needs
  private readonly options: IstioOptions
  private readonly platform: Platform
  private readonly domain: string
  private readonly host: string
  private readonly targets: readonly SubsetTarget[]
  private version = ''
  private name = ''
  private readonly route: FollowedObject
  private rule: ReadonlyMap<string, Readonly<Record<string, string>>> | null = null

  constructor(options: IstioOptions, platform: Platform) {
    this.options = options
    this.platform = platform
    this.domain = options.clusterDomain ?? 'cluster.local'
    this.host = resolveHost(options.host ?? options.service, options.namespace, this.domain)
    this.targets = Object.entries(options.subsets).map(([colour, subset]) => ({ colour, host: this.host, subset }))
    this.name = options.virtualService ?? ''
    this.route = new FollowedObject(platform.cluster, platform.clock, async (name) => {
      const collection = await this.collection('virtualservices')
      return name === '' ? collection : `${collection}/${name}`
    })
    const right = (resource: string, verb: string, reason: string) => ({
      group: GROUP,
      resource,
      verb,
      namespace: options.namespace,
      for: reason,
    })
    this.needs = [
      right('virtualservices', 'get', 'read the weights'),
      right('virtualservices', 'list', 'find the VirtualService and others for the same host'),
      right('virtualservices', 'watch', 'notice foreign changes at once'),
      right('virtualservices', 'patch', 'write the weights'),
      right('destinationrules', 'list', 'check the subsets'),
    ]
  }

  private async collection(resource: string): Promise<string> {
    if (this.version === '') {
      const group = await this.platform.cluster
        .request<{ readonly preferredVersion?: { readonly version?: string } }>({
          method: 'GET',
          path: `/apis/${GROUP}`,
        })
        .catch((thrown: unknown) => {
          if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND') throw thrown
          throw notFound(
            `the cluster ${this.platform.cluster.server} does not serve ${GROUP}`,
            'is Istio installed there?',
          )
        })
      this.version = group.preferredVersion?.version ?? 'v1'
    }
    return `/apis/${GROUP}/${this.version}/namespaces/${this.options.namespace}/${resource}`
  }

  private async list(resource: string): Promise<readonly KubeObject[]> {
    const path = await this.collection(resource)
    const answer = await this.platform.cluster.request<{ readonly items?: readonly KubeObject[] }>({
      method: 'GET',
      path,
    })
    return answer.items ?? []
  }

  private edit(object: KubeObject): RouteEditor {
    return new RouteEditor(object, this.targets, this.options.routes ?? null, this.domain)
  }

  /** The name of the one VirtualService that splits our two colours. */
  private async find(): Promise<string> {
    if (this.name !== '') return this.name
    const all = await this.list('virtualservices')
    const ours = all.filter((object) => this.edit(object).managed.length > 0)
    const [first, second] = ours
    if (first !== undefined && second === undefined) {
      this.name = first.metadata.name
      return this.name
    }
    const found = (ours.length > 0 ? ours : all)
      .map((one) => `${one.metadata.name} (hosts ${hostsOf(one, this.domain).join(', ')})`)
      .join('; ')
    const names = this.targets.map((target) => target.subset).join(' and ')
    if (second !== undefined) {
      throw notFound(
        `${ours.length} VirtualServices in ${this.options.namespace} route ${this.host} to the subsets ${names}: ${found}`,
        'name the one to move with virtual-service; Istio obeys only the oldest of several for one mesh host',
      )
    }
    throw notFound(
      `no VirtualService in namespace ${this.options.namespace} routes ${this.host} to the subsets ${names}; found: ${found || 'none'}`,
      `check service, namespace and the subset names, or start from this pair:\n${examplePair(this.host, this.options.service, this.options.namespace, Object.values(this.options.subsets))}`,
    )
  }

  /** Asks for the object; one that is not there is refused with the names of those that are. */
  private async fetchObject(question: (name: string) => Promise<KubeObject>): Promise<KubeObject> {
    const name = await this.find()
    try {
      return await question(name)
    } catch (thrown) {
      const error = toReleaseError(thrown)
      if (error.code !== 'CLUSTER_NOT_FOUND') throw error
      const others = (await this.list('virtualservices')).map((one) => one.metadata.name).join(', ')
      throw notFound(
        `there is no VirtualService ${this.options.namespace}/${name}; found: ${others || 'none'}`,
        'correct virtual-service, or leave it out to find the object by its host',
      )
    }
  }

  private get(): Promise<KubeObject> {
    return this.fetchObject((name) => this.route.get(name))
  }

  private current(): Promise<KubeObject> {
    return this.fetchObject((name) => this.route.current(name))
  }

  watch(signal: AbortSignal): void {
    this.route.watch(signal)
  }

  private noteKey(note: NoteName): string {
    return `${note}.gray-release/${this.options.service}`
  }

  private noteOf(object: KubeObject, note: NoteName): string | null {
    return object.metadata.annotations?.[this.noteKey(note)] ?? null
  }

  private toLive(object: KubeObject): LiveRoute {
    const editor = this.edit(object)
    return {
      object: describeObject(object),
      shares: editor.shares(),
      notes: {
        state: this.noteOf(object, 'state'),
        fence: this.noteOf(object, 'fence'),
        request: this.noteOf(object, 'request'),
      },
      has: (shares: Shares) => editor.has(shares),
    }
  }

  async read(): Promise<LiveRoute> {
    const object = await this.current()
    if (this.edit(object).managed.length === 0) throw this.noRoutes(object)
    return this.toLive(object)
  }

  private noRoutes(object: KubeObject): ReleaseError {
    const editor = this.edit(object)
    const names = this.targets.map((target) => target.subset).join(' and ')
    const why =
      editor.unreachable.length > 0
        ? `its route ${editor.unreachable.join(', ')} stands below one that takes every request and is never asked`
        : `it has no http route that sends to ${this.host} with the subsets ${names}`
    return notFound(`${describeObject(object)}: ${why}`, 'check the host, the subset names and the setting routes')
  }

  private refuseIfFenced(object: KubeObject, fence: Fence): void {
    const by = overtakenBy(this.noteOf(object, 'fence'), fence)
    if (by !== undefined) throw overtaken(describeObject(object), by)
  }

  private operations(object: KubeObject, change: RouteChange): PatchOperation[] {
    const operations: PatchOperation[] = []
    const wanted: Partial<Record<NoteName, string | null>> = {
      ...change.notes,
      fence: encodeFence(change.fence.number, change.fence.holder),
    }
    for (const note of NOTES) {
      const value = wanted[note]
      const found = this.noteOf(object, note)
      const path = `/metadata/annotations/${this.noteKey(note).replace('/', '~1')}`
      if (value === undefined || value === found) {
        // Whatever the resourceVersion says, a foreign fence makes this patch impossible.
        if (note === 'fence' && found !== null) operations.unshift({ op: 'test', path, value: found })
      } else if (value === null) operations.push({ op: 'remove', path })
      else operations.push({ op: 'add', path, value })
    }
    if (change.shares !== null) operations.push(...this.edit(object).patch(change.shares))
    if (operations.every((one) => one.op === 'test')) return []
    const head: PatchOperation[] = [
      { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
    ]
    if (object.metadata.annotations === undefined) head.push({ op: 'add', path: '/metadata/annotations', value: {} })
    return [...head, ...operations]
  }

  async write(change: RouteChange): Promise<LiveRoute> {
    for (let attempt = 1; ; attempt += 1) {
      const object = attempt === 1 ? await this.current() : await this.get()
      this.refuseIfFenced(object, change.fence)
      const editor = this.edit(object)
      if (change.shares !== null) {
        if (editor.managed.length === 0) throw this.noRoutes(object)
        if (change.expected !== null && !change.expected.some((shares) => editor.has(shares))) {
          throw new ReleaseError(
            'ROUTE_DRIFTED',
            `${describeObject(object)} has ${describeShares(editor.shares())}, expected ${change.expected.map(describeShares).join(' or ')}`,
          )
        }
      }
      const operations = this.operations(object, change)
      if (operations.length === 0) return await this.confirm(change)
      try {
        const path = `${await this.collection('virtualservices')}/${object.metadata.name}?fieldManager=gray-release`
        const patched = await this.platform.cluster.request<KubeObject>({
          method: 'PATCH',
          path,
          contentType: 'application/json-patch+json',
          body: operations,
        })
        this.route.remember(patched)
        return await this.confirm(change)
      } catch (thrown) {
        const error = toReleaseError(thrown)
        const stale = error.code === 'CLUSTER_CONFLICT' || error.code === 'CLUSTER_REJECTED'
        if (!stale || attempt >= TRIES) throw error
        // 409 or a failed test: somebody wrote in between. The next turn reads again and judges anew.
        if (error.code === 'CLUSTER_REJECTED') {
          const again = await this.get()
          if (again.metadata.resourceVersion === object.metadata.resourceVersion) throw error
        }
        await this.platform.clock.sleepUntil(
          this.platform.clock.now() + 10 * attempt * (1 + this.platform.random()),
          AbortSignal.any([]),
        )
      }
    }
  }

  async ask(request: string): Promise<void> {
    const object = await this.get()
    const path = `${await this.collection('virtualservices')}/${object.metadata.name}?fieldManager=gray-release`
    const body = { metadata: { annotations: { [this.noteKey('request')]: request } } }
    await this.platform.cluster.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body })
  }

  /** Weights are read back from the server; notes alone are what the answer to the patch says. */
  private async confirm(change: RouteChange): Promise<LiveRoute> {
    if (change.shares === null) return this.toLive(this.route.latest ?? (await this.get()))
    const object = await this.get()
    this.refuseIfFenced(object, change.fence)
    const live = this.toLive(object)
    if (live.has(change.shares)) return live
    throw new ReleaseError(
      'ROUTE_NOT_APPLIED',
      `${live.object}: wrote ${describeShares(change.shares)}, read back ${describeShares(live.shares)}`,
      { hint: 'another controller may own this object; see managedFields' },
    )
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

  async backend(colour: Colour): Promise<Backend> {
    const subset = this.options.subsets[colour] ?? colour
    const labels = (await this.subsets()).get(subset)
    if (labels === undefined) {
      const known = [...(await this.subsets()).keys()].join(', ')
      throw notFound(
        `no DestinationRule in ${this.options.namespace} defines subset ${subset} of ${this.host}; found: ${known || 'none'}`,
        'requests to a missing subset are answered with 503: add the subset before the release',
      )
    }
    const object = this.route.latest ?? (await this.current())
    const [service = this.options.service, namespace = this.options.namespace] = this.host.split('.')
    return { service, namespace, port: this.edit(object).port(), labels }
  }

  async check(): Promise<readonly Finding[]> {
    const findings: Finding[] = []
    const add = (level: Finding['level'], message: string, hint: string): void => {
      findings.push({ level, message, hint })
    }
    const attempt = async (question: () => Promise<void>): Promise<void> => {
      try {
        await question()
      } catch (thrown) {
        const error = toReleaseError(thrown)
        add('refuse', error.message, error.hint)
      }
    }
    await attempt(async () => {
      const live = await this.read()
      const object = await this.current()
      const editor = this.edit(object)
      for (const label of editor.unreachable) {
        add('warn', `${live.object}: route ${label} stands below one that takes every request`, 'it is not moved')
      }
      for (const { manager = '', operation } of object.metadata.managedFields ?? []) {
        if (operation === 'Apply' || FIGHTERS.test(manager)) {
          add(
            'warn',
            `${live.object} is applied by ${manager}, which may put the weights back`,
            'let it ignore .spec.http[].route[].weight',
          )
        }
      }
      findings.push(...neighbours(object, await this.list('virtualservices'), this.host, this.domain))
    })
    for (const target of this.targets) {
      await attempt(async () => {
        await this.backend(target.colour)
      })
    }
    return findings
  }
}

/** Istio: two subsets of a DestinationRule, weights in a VirtualService. Only our numbers are ever written. */
export function istio(options: IstioOptions): Connect<TrafficProvider> {
  return (platform) => new IstioTraffic(options, platform)
}
