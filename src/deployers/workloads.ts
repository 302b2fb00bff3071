import type { Colour } from '../core/shares.ts'
import { toReleaseError } from '../errors.ts'
import type { Backend, Connect, KubeObject, Platform, Workloads, WorkloadStatus } from '../ports.ts'

/** Which Deployment each colour is. */
export interface WorkloadsOptions {
  readonly namespace: string
  readonly deployments: Readonly<Record<Colour, string>>
}

interface Condition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
  readonly message?: string
}

interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly {
      readonly name: string
      readonly ready?: boolean
      readonly restartCount?: number
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } }
      readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } }
    }[]
  }
}

interface EndpointSlice extends KubeObject {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean }
    readonly targetRef?: { readonly name?: string }
  }[]
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[]
}

interface ServicePort {
  readonly name?: string
  readonly port: number
}

const toSelector = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')

const carries = (object: KubeObject, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value)

function isPodReady(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  return pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true
}

/** Why a pod is not ready, in the words of the kubelet or the scheduler. */
function troubleOf(pod: Pod): string {
  for (const container of pod.status?.containerStatuses ?? []) {
    const waiting = container.state?.waiting
    if (waiting !== undefined) {
      const last = container.lastState?.terminated
      const before = last === undefined ? '' : `, last ended ${last.reason ?? ''} with code ${last.exitCode ?? '?'}`
      return `container ${container.name} is waiting: ${waiting.reason ?? 'unknown'}${waiting.message === undefined ? '' : ` (${waiting.message})`}${before}`
    }
  }
  const unscheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False')
  if (unscheduled !== undefined) return `not scheduled: ${unscheduled.message ?? unscheduled.reason ?? 'unknown'}`
  const bad = pod.status?.containerStatuses?.find((one) => one.ready !== true)
  return bad === undefined
    ? `phase ${pod.status?.phase ?? 'unknown'}`
    : `container ${bad.name} runs but its readiness probe fails (${bad.restartCount ?? 0} restarts)`
}

/** The version a Deployment says it runs: by the usual label, else by the tag of its first image. */
function versionOf(object: KubeObject): string | null {
  const label = object.metadata.labels?.['app.kubernetes.io/version']
  if (label !== undefined) return label
  const spec = object['spec'] as {
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } }
  }
  const image = spec.template?.spec?.containers?.[0]?.image ?? ''
  return /:([^/:@]+)(?:@.*)?$/.exec(image)?.[1] ?? null
}

class KubernetesWorkloads implements Workloads {
  readonly needs
  readonly needsToScale
  private readonly options: WorkloadsOptions
  private readonly platform: Platform
  private readonly services = new Map<string, KubeObject>()

  constructor(options: WorkloadsOptions, platform: Platform) {
    this.options = options
    this.platform = platform
    const right = (group: string, resource: string, verb: string, reason: string) => ({
      group,
      resource,
      verb,
      namespace: options.namespace,
      for: reason,
    })
    this.needs = [
      right('apps', 'deployments', 'get', 'readiness of the candidate'),
      right('', 'pods', 'list', 'ready pods of each colour'),
      right('', 'services', 'get', 'which pods and port the route reaches'),
      right('discovery.k8s.io', 'endpointslices', 'list', 'ready endpoints of the candidate'),
    ]
    this.needsToScale = [right('apps', 'deployments/scale', 'patch', 'keep-old: the old colour is scaled to zero')]
  }

  private get<Kind>(path: string): Promise<Kind> {
    return this.platform.cluster.request<Kind>({ method: 'GET', path })
  }

  private deploymentPath(colour: Colour): string {
    return `/apis/apps/v1/namespaces/${this.options.namespace}/deployments/${this.options.deployments[colour] ?? colour}`
  }

  private async service(backend: Backend): Promise<KubeObject> {
    const path = `/api/v1/namespaces/${backend.namespace}/services/${backend.service}`
    const known = this.services.get(path)
    if (known !== undefined) return known
    const object = await this.get<KubeObject>(path)
    this.services.set(path, object)
    return object
  }

  private async selector(backend: Backend): Promise<Readonly<Record<string, string>>> {
    const spec = (await this.service(backend))['spec'] as { readonly selector?: Readonly<Record<string, string>> }
    return spec.selector ?? {}
  }

  private async pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<readonly Pod[]> {
    const query = new URLSearchParams({ labelSelector: toSelector(labels) })
    const answer = await this.get<{ items?: readonly Pod[] }>(
      `/api/v1/namespaces/${namespace}/pods?${query.toString()}`,
    )
    return answer.items ?? []
  }

  async readyPods(backends: Readonly<Record<Colour, Backend>>): Promise<Readonly<Record<Colour, number>>> {
    // One list of a Service's pods answers for every colour behind it.
    const lists = new Map<string, Promise<readonly Pod[]>>()
    const counted = Object.entries(backends).map(async ([colour, backend]): Promise<readonly [Colour, number]> => {
      const key = `${backend.namespace}/${backend.service}`
      const asked = lists.get(key) ?? this.selector(backend).then((labels) => this.pods(backend.namespace, labels))
      lists.set(key, asked)
      const pods = backend.problem === '' ? await asked : []
      return [colour, pods.filter((pod) => carries(pod, backend.labels) && isPodReady(pod)).length]
    })
    return Object.fromEntries(await Promise.all(counted))
  }

  async inspect(colour: Colour, backend: Backend): Promise<WorkloadStatus> {
    const name = this.options.deployments[colour] ?? colour
    const label = `Deployment ${this.options.namespace}/${name}`
    let object: KubeObject
    try {
      object = await this.get<KubeObject>(this.deploymentPath(colour))
    } catch (thrown) {
      if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND') throw thrown
      const problem = `there is no ${label}`
      return { exists: false, ready: false, readyPods: 0, wantedPods: 0, problem, fingerprint: '', version: null }
    }
    const spec = (object['spec'] ?? {}) as { readonly replicas?: number }
    const status = (object['status'] ?? {}) as Readonly<Record<string, number | undefined>>
    const wantedPods = spec.replicas ?? 1
    const revision = object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? ''
    const fingerprint = `${object.metadata.uid ?? ''}/${revision}`
    const found = { exists: true, wantedPods, fingerprint, version: versionOf(object) }
    const labels = { ...(await this.selector(backend)), ...backend.labels }
    const pods = await this.pods(backend.namespace, labels)
    const ready = pods.filter(isPodReady)
    const not = (problem: string): WorkloadStatus => ({
      ...found,
      ready: false,
      readyPods: ready.length,
      problem: `${label}: ${problem}`,
    })
    if (backend.problem !== '') return not(`the router does not send there: ${backend.problem}`)
    if (wantedPods === 0 && !backend.isScaledByRoute) return not('is scaled to 0')
    const isRolledOut =
      (status['observedGeneration'] ?? 0) >= (object.metadata.generation ?? 0) &&
      (status['updatedReplicas'] ?? 0) >= wantedPods &&
      (status['availableReplicas'] ?? 0) >= wantedPods &&
      (status['replicas'] ?? 0) <= wantedPods
    if (!isRolledOut || ready.length < wantedPods) {
      const bad = pods.find((pod) => !isPodReady(pod))
      const trouble = bad === undefined ? 'rolling out' : `pod ${bad.metadata.name}: ${troubleOf(bad)}`
      return not(`${ready.length}/${wantedPods} pods ready; ${trouble}`)
    }
    const reachable = await this.reachable(backend, new Set(ready.map((pod) => pod.metadata.name)))
    if (reachable.port === null) return not(reachable.problem)
    if (reachable.endpoints < wantedPods) {
      return not(`${reachable.endpoints}/${wantedPods} ready endpoints on port ${reachable.port}`)
    }
    return { ...found, ready: true, readyPods: ready.length, problem: '' }
  }

  /** Ready endpoints the route reaches: the slices of the Service that serve its port, for these pods. */
  private async reachable(
    backend: Backend,
    pods: ReadonlySet<string>,
  ): Promise<{ readonly endpoints: number; readonly port: number | null; readonly problem: string }> {
    const object = await this.service(backend)
    const ports = (object['spec'] as { readonly ports?: readonly ServicePort[] }).ports ?? []
    const port = backend.port === null ? ports[0] : ports.find((one) => one.port === backend.port)
    if (port === undefined) {
      const known = ports.map((one) => one.port).join(', ')
      const problem = `Service ${backend.namespace}/${backend.service} has no port ${backend.port ?? ''} (it has: ${known || 'none'})`
      return { endpoints: 0, port: null, problem }
    }
    const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${backend.service}` })
    const slices = await this.get<{ items?: readonly EndpointSlice[] }>(
      `/apis/discovery.k8s.io/v1/namespaces/${backend.namespace}/endpointslices?${query.toString()}`,
    )
    const names = new Set<string>()
    for (const slice of slices.items ?? []) {
      if (!(slice.ports ?? []).some((one) => (one.name ?? '') === (port.name ?? ''))) continue
      for (const endpoint of slice.endpoints ?? []) {
        const pod = endpoint.targetRef?.name ?? ''
        if (endpoint.conditions?.ready !== false && pods.has(pod)) names.add(pod)
      }
    }
    return { endpoints: names.size, port: port.port, problem: '' }
  }

  async scaleDown(colour: Colour): Promise<boolean> {
    const object = await this.get<KubeObject>(this.deploymentPath(colour))
    if ((object['spec'] as { readonly replicas?: number }).replicas === 0) return false
    await this.platform.cluster.request({
      method: 'PATCH',
      path: `${this.deploymentPath(colour)}/scale?fieldManager=gray-release`,
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: 0 } },
    })
    return true
  }
}

/** Deployments, their pods and endpoints. */
export function workloads(options: WorkloadsOptions): Connect<Workloads> {
  return (platform) => new KubernetesWorkloads(options, platform)
}
