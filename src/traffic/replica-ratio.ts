import { hasAudience, type Audience } from '../core/plan.ts'
import type { Colour, Shares } from '../core/shares.ts'
import { splitWeights } from '../core/shares.ts'
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
  drifted,
  fighters,
  gather,
  notFound,
  RoutedObject,
  type PatchOperation,
  type RoutedKind,
  type RouteView,
  listObjects,
} from './routed-object.ts'

/** How requests are shared without a router: one Service selects the pods of both tracks, and their number is the split. */
export interface ReplicaRatioOptions {
  readonly service: string
  readonly namespace: string
  /** The Deployment of each track; the first one is the main track, the second one the canary. */
  readonly deployments: Readonly<Record<Colour, string>>
  /** The Service that selects both; default the service's name. */
  readonly kubeService?: string
}

interface Deployment extends KubeObject {
  readonly spec?: {
    readonly replicas?: number
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
  }
  readonly status?: { readonly readyReplicas?: number }
}

/** How many pods each track is to have. */
interface Pods {
  readonly main: number
  readonly canary: number
}

const replicasOf = (deployment: Deployment | null): number =>
  deployment === null ? 0 : (deployment.spec?.replicas ?? 1)
const readyOf = (deployment: Deployment | null): number =>
  Math.min(replicasOf(deployment), deployment?.status?.readyReplicas ?? 0)

/** One Deployment as half of the split: the number it is to have is worked out by the provider for both together. */
class Half implements RouteView {
  readonly isRouted = true
  private readonly deployment: Deployment
  private readonly provider: RatioTraffic
  private readonly part: keyof Pods

  constructor(deployment: Deployment, provider: RatioTraffic, part: keyof Pods) {
    this.deployment = deployment
    this.provider = provider
    this.part = part
  }

  shares(): Shares | null {
    return this.provider.shares()
  }

  has(): boolean {
    return replicasOf(this.deployment) === this.provider.now[this.part]
  }

  serves(audience: Audience): boolean {
    return !hasAudience(audience)
  }

  patch(): readonly PatchOperation[] {
    const wanted = this.provider.now[this.part]
    const key = this.provider.noteKey
    const note = JSON.stringify({ wrote: wanted, ...this.provider.wanted })
    const path = `/metadata/annotations/${key.replace('/', '~1')}`
    const isNoted = this.deployment.metadata.annotations?.[key] === note
    return [
      ...(this.has() ? [] : [{ op: 'add', path: '/spec/replicas', value: wanted } as const]),
      ...(isNoted ? [] : [{ op: 'add', path, value: note } as const]),
    ]
  }
}

/** What the note on a Deployment says; null for none that we can read. */
function noteOf(deployment: Deployment | null, key: string): (Pods & { readonly wrote: number }) | null {
  try {
    const found = JSON.parse(deployment?.metadata.annotations?.[key] ?? '') as Partial<Pods & { wrote: number }>
    const { main, canary, wrote } = found
    const isWhole = [main, canary, wrote].every((one) => Number.isInteger(one) && Number(one) >= 0)
    return isWhole ? { main: Number(main), canary: Number(canary), wrote: Number(wrote) } : null
  } catch {
    return null
  }
}

class RatioTraffic implements TrafficProvider {
  readonly needs
  /** What both Deployments are to have in the end, and what the next write gives them. */
  wanted: Pods = { main: 0, canary: 0 }
  now: Pods = { main: 0, canary: 0 }
  readonly noteKey: string
  private readonly options: ReplicaRatioOptions
  private readonly platform: Platform
  private readonly colours: readonly [Colour, Colour]
  private readonly mainRoute: RoutedObject
  private readonly canaryRoute: RoutedObject
  private main: Deployment | null = null
  private canary: Deployment | null = null

  constructor(options: ReplicaRatioOptions, platform: Platform) {
    this.options = options
    this.platform = platform
    this.noteKey = `replicas.gray-release/${options.service}`
    const [main = '', canary = ''] = Object.keys(options.deployments)
    this.colours = [main, canary]
    this.mainRoute = new RoutedObject(this.half('main'), platform)
    this.canaryRoute = new RoutedObject(this.half('canary'), platform)
    const right = (group: string, resource: string, verb: string, reason: string) => ({
      group,
      resource,
      verb,
      namespace: options.namespace,
      for: reason,
    })
    this.needs = [
      right('apps', 'deployments', 'get', 'read how many pods each track has'),
      right('apps', 'deployments', 'watch', 'notice foreign changes at once'),
      right('apps', 'deployments', 'patch', 'scale the tracks'),
      right('autoscaling', 'horizontalpodautoscalers', 'list', 'find what would scale them too'),
      right('policy', 'poddisruptionbudgets', 'list', 'keep the pods that are promised'),
    ]
  }

  /** Whole pods are all there is: with 10 pods a share can only be a multiple of 10 %. */
  get supports() {
    const total = this.total
    return { precision: total > 0 ? 100 / total : 1, match: [], mirror: false }
  }

  private deploymentName(part: keyof Pods): string {
    const colour = part === 'main' ? this.colours[0] : this.colours[1]
    return this.options.deployments[colour] ?? colour
  }

  private half(part: keyof Pods): RoutedKind {
    const { namespace, service } = this.options
    const collection = `/apis/apps/v1/namespaces/${namespace}/deployments`
    return {
      service,
      path: (name) => Promise.resolve(name === '' ? collection : `${collection}/${name}`),
      find: () => Promise.resolve(this.deploymentName(part)),
      view: (object) => new Half(object, this, part),
      noRoutes: (object) => notFound(`${describeObject(object, 'Deployment')} shares no requests`, ''),
      missing: (name): Promise<ReleaseError> =>
        Promise.resolve(
          notFound(
            `there is no Deployment ${namespace}/${name}`,
            'the main track must run, and the canary be deployed, before requests can be shared by their pods',
          ),
        ),
    }
  }

  /** Both Deployments as they are; a canary that nobody deployed yet has no pods. */
  private async look(isFresh: boolean): Promise<void> {
    const of = (route: RoutedObject): Promise<Deployment> => (isFresh ? route.get() : route.current())
    const canary = of(this.canaryRoute).catch((thrown: unknown) => {
      if (toReleaseError(thrown).code !== 'ROUTE_NOT_FOUND') throw thrown
      return null
    })
    ;[this.main, this.canary] = await Promise.all([of(this.mainRoute), canary])
  }

  /** Pods of both together. At rest it is what the main track has: a chart may give its canary one that does not count. */
  private get total(): number {
    const { intended } = this
    if (intended !== null && intended.canary > 0) return intended.main + intended.canary
    return replicasOf(this.main) + (intended === null ? replicasOf(this.canary) : 0)
  }

  /** What was last wanted. A run that died in a rise may have told the canary and not the main track. */
  private get intended(): Pods | null {
    const [main, canary] = [noteOf(this.main, this.noteKey), noteOf(this.canary, this.noteKey)]
    const isAhead = (main?.canary ?? 0) === 0 && canary !== null && canary.canary > 0 && this.isWritten('canary')
    return isAhead ? canary : main
  }

  shares(): Shares | null {
    const [main, canary] = this.colours
    const pods = { main: replicasOf(this.main), canary: replicasOf(this.canary) }
    // On the way from one split to another their sum is not what the share is of.
    const all = this.unfinished === '' ? pods.main + pods.canary : this.total
    if (all === 0) return null
    const share = Math.round((pods.canary * 100) / all)
    return { [main]: 100 - share, [canary]: share }
  }

  private podsFor(shares: Shares): Pods {
    const [main, canary] = splitWeights(this.total, shares[this.colours[1]] ?? 0)
    return { main, canary }
  }

  private has(shares: Shares): boolean {
    const wanted = this.podsFor(shares)
    const isRest = wanted.canary === 0 && (this.intended?.canary ?? 0) === 0
    // What a chart gives its canary is not a share that anybody asked for.
    const isCanaryRight = replicasOf(this.canary) === wanted.canary || (isRest && !this.isWritten('canary'))
    return replicasOf(this.main) === wanted.main && isCanaryRight
  }

  /** Like `has`, but more pods of the main track are no harm: a chart that deploys it may set its number. */
  private isAtMost(shares: Shares): boolean {
    return this.has(shares) || (this.isWritten('canary') && this.hasEnough(this.podsFor(shares)))
  }

  private hasEnough(wanted: Pods): boolean {
    return replicasOf(this.canary) === wanted.canary && replicasOf(this.main) >= wanted.main
  }

  /** Whether a Deployment has what we wrote there last. */
  private isWritten(part: keyof Pods): boolean {
    const deployment = part === 'main' ? this.main : this.canary
    const note = noteOf(deployment, this.noteKey)
    return note !== null && note.wrote === replicasOf(deployment)
  }

  /** What a write of ours has not reached yet. */
  private get unfinished(): string {
    const note = this.intended
    const isMainOurs = noteOf(this.main, this.noteKey) === null || this.isWritten('main')
    if (note === null || !isMainOurs) return ''
    const isThere = replicasOf(this.main) === note.main && replicasOf(this.canary) === note.canary
    // Numbers that are not ours are somebody else's doing, and no write of ours.
    if (isThere || !this.isWritten('canary')) return ''
    const ready = `${readyOf(this.main)} + ${readyOf(this.canary)} pods ready`
    return `${note.main} + ${note.canary} pods are wanted, ${replicasOf(this.main)} + ${replicasOf(this.canary)} are asked for, ${ready}`
  }

  private async toLive(route: Promise<LiveRoute>): Promise<LiveRoute> {
    const { object, notes } = await route
    const { unfinished } = this
    const serves: LiveRoute['serves'] = (audience) => !hasAudience(audience)
    return { object, notes, shares: this.shares(), unfinished, has: (shares) => this.has(shares), serves }
  }

  async read(): Promise<LiveRoute> {
    await this.look(false)
    return this.toLive(this.mainRoute.read())
  }

  /**
   * More pods first; as many of the others go as the new ones are ready. A way back (`expected` is null) waits for
   * nothing: the canary is what hurts.
   */
  async write(change: RouteChange): Promise<LiveRoute> {
    await this.look(change.shares !== null)
    if (change.shares === null) return this.toLive(this.mainRoute.write({ ...change, shares: null }))
    const { expected, shares } = change
    if (expected !== null && this.unfinished === '' && !expected.some((one) => this.isAtMost(one))) {
      throw drifted(
        `Deployments ${this.deploymentName('main')} and ${this.deploymentName('canary')}`,
        this.shares(),
        expected,
      )
    }
    this.wanted = this.podsFor(shares)
    const { wanted, total } = this
    // What is saved must never be ahead of the pods: a run may die between any two writes, so notes come last.
    const silent = { ...change, expected: null, notes: {} }
    const last = { ...change, expected: null }
    if (this.canary === null) {
      if (wanted.canary > 0) await this.canaryRoute.get()
      this.now = wanted
      await this.mainRoute.write(last)
    } else if (expected === null || wanted.canary >= replicasOf(this.canary)) {
      const main = expected === null ? wanted.main : Math.max(wanted.main, total - readyOf(this.canary))
      this.now = { main, canary: wanted.canary }
      await this.canaryRoute.write(silent)
      await this.mainRoute.write(last)
    } else {
      const most = Math.max(wanted.canary, total - readyOf(this.main))
      this.now = { main: wanted.main, canary: Math.min(replicasOf(this.canary), most) }
      await this.mainRoute.write(silent)
      await this.canaryRoute.write(silent)
      await this.mainRoute.write({ ...last, shares: null })
    }
    return this.read()
  }

  ask(request: string): Promise<void> {
    return this.mainRoute.leave(request)
  }

  watch(signal: AbortSignal): void {
    this.mainRoute.watch(signal)
    this.canaryRoute.watch(signal)
  }

  async backend(colour: Colour): Promise<Backend> {
    const { kubeService, namespace, service } = this.options
    const part = colour === this.colours[0] ? 'main' : 'canary'
    await this.look(false)
    const deployment = part === 'main' ? this.main : this.canary
    const labels = deployment?.spec?.template?.metadata?.labels ?? {}
    const problem = deployment === null ? `there is no Deployment ${this.deploymentName(part)}` : ''
    return { service: kubeService ?? service, namespace, port: null, labels, problem, isScaledByRoute: true }
  }

  private list(group: string, resource: string): Promise<readonly KubeObject[]> {
    return listObjects(this.platform.cluster, `/apis/${group}/namespaces/${this.options.namespace}/${resource}`)
  }

  check(): Promise<readonly Finding[]> {
    const names = [this.deploymentName('main'), this.deploymentName('canary')]
    return gather([
      async () => {
        const live = await this.read()
        const own = this.main === null ? [] : fighters(this.main, '.spec.replicas')
        if (this.total > 0) return own
        return [{ level: 'refuse', message: `${live.object} is scaled to 0`, hint: 'scale the main track up first' }]
      },
      async () => {
        const found = await this.list('autoscaling/v2', 'horizontalpodautoscalers')
        return found.flatMap((one): Finding[] => {
          const { scaleTargetRef: target } = one['spec'] as { readonly scaleTargetRef?: { readonly name?: string } }
          if (!names.includes(target?.name ?? '')) return []
          const message = `${describeObject(one, 'HorizontalPodAutoscaler')} scales ${target?.name ?? ''}: it would change the shares`
          return [{ level: 'refuse', message, hint: 'take it away for the release, or share requests with a router' }]
        })
      },
      async () => {
        const found = await this.list('policy/v1', 'poddisruptionbudgets')
        const selects = (one: KubeObject, deployment: Deployment | null): boolean => {
          const { selector } = one['spec'] as { readonly selector?: { readonly matchLabels?: Record<string, string> } }
          const labels = deployment?.spec?.template?.metadata?.labels ?? {}
          return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value)
        }
        return found.flatMap((one): Finding[] => {
          if (!selects(one, this.main) || selects(one, this.canary)) return []
          const message = `${describeObject(one, 'PodDisruptionBudget')} counts the pods of the main track alone, which become fewer`
          return [{ level: 'warn', message, hint: 'select the pods of both tracks: together they are never fewer' }]
        })
      },
    ])
  }
}

/** No router: the pods of two Deployments behind one Service. The share is what whole pods allow. */
export function replicaRatio(options: ReplicaRatioOptions): Connect<TrafficProvider> {
  return (platform) => new RatioTraffic(options, platform)
}
