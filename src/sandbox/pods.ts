import http from 'node:http'
import { listenOnLoopback } from './listen.ts'
import { SandboxTimers } from './timers.ts'
import type { SandboxApiServer, StoredObject } from './api-server.ts'

/** A pod that runs: a real HTTP server on loopback. */
export interface RunningPod {
  readonly name: string
  readonly deployment: string
  readonly server: http.Server
  port: number
  readonly labels: Readonly<Record<string, string>>
  ready: boolean
}

interface Template {
  readonly metadata?: { readonly labels?: Record<string, string> }
  readonly spec?: {
    readonly containers?: readonly {
      readonly image?: string
      readonly ports?: readonly { readonly containerPort?: number }[]
    }[]
  }
}

/** What the pods of a sandbox need to know. */
export interface PodsOptions {
  readonly namespace: string
  /** How much faster than the wall clock the sandbox's time runs. */
  readonly speed: number
  /** How the pods of a Deployment answer a request. */
  readonly respond: (deployment: string, response: http.ServerResponse) => void
  /** Deployments whose pods never become ready. */
  readonly isNeverReady: (deployment: string) => boolean
}

const READY_AFTER_MS = 1500
/** A pod that was told to go answers for so long what was sent to it before. */
const GRACE_MS = 10_000

/** The controllers of the sandbox: Deployments become pods that listen, Services get endpoints. */
export class SandboxPods {
  private readonly pods = new Map<string, RunningPod>()
  private readonly templates = new Map<string, string>()
  /** Servers of pods that were told to go, and still answer. */
  private readonly leaving = new Set<http.Server>()
  private readonly timers: SandboxTimers
  private readonly api: SandboxApiServer
  private readonly options: PodsOptions
  private serial = 0
  private closed = false

  constructor(api: SandboxApiServer, options: PodsOptions) {
    this.api = api
    this.options = options
    this.timers = new SandboxTimers(options.speed)
    api.onChange((type, object) => {
      if (object.metadata.namespace !== options.namespace) return
      if (object.kind === 'Deployment') {
        if (type === 'DELETED') this.forget(object.metadata.name)
        else this.reconcile(object)
      }
      if (object.kind === 'Service') this.publishEndpoints()
    })
  }

  close(): void {
    this.closed = true
    this.timers.close()
    for (const server of [...this.leaving, ...[...this.pods.values()].map((pod) => pod.server)]) {
      server.closeAllConnections()
      server.close()
    }
  }

  /** Labels of a Deployment's pods; none when it has no pods. */
  labelsOf(deployment: string): Readonly<Record<string, string>> {
    return [...this.pods.values()].find((pod) => pod.deployment === deployment)?.labels ?? {}
  }

  private reconcile(object: StoredObject): void {
    const { name } = object.metadata
    const spec = (object.spec ?? {}) as { replicas?: number; template?: Template }
    const replicas = spec.replicas ?? 1
    const template = JSON.stringify(spec.template)
    const running = [...this.pods.values()].filter((one) => one.deployment === name)
    if (this.templates.get(name) === template) {
      if (running.length !== replicas) this.scale(name, spec.template ?? {}, running, replicas)
      return
    }
    const isNew = !this.templates.has(name)
    this.templates.set(name, template)
    const revision = Number(object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0) + 1
    for (const pod of running) this.stop(pod)
    for (let index = 0; index < replicas; index += 1) void this.start(name, spec.template ?? {})
    this.api.put('Deployment', {
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, 'deployment.kubernetes.io/revision': String(revision) },
      },
    })
    this.report(name)
    this.timers.later(isNew ? READY_AFTER_MS : READY_AFTER_MS * 2, () => {
      this.report(name)
    })
  }

  private forget(name: string): void {
    this.templates.delete(name)
    for (const pod of [...this.pods.values()].filter((one) => one.deployment === name)) this.stop(pod)
  }

  /** More or fewer of the same pods. */
  private scale(name: string, template: Template, running: readonly RunningPod[], replicas: number): void {
    for (const pod of running.slice(replicas)) this.stop(pod)
    for (let index = running.length; index < replicas; index += 1) void this.start(name, template)
    this.report(name)
  }

  private async start(deployment: string, template: Template): Promise<void> {
    this.serial += 1
    const name = `${deployment}-${this.serial.toString(36).padStart(5, '0')}`
    const labels = template.metadata?.labels ?? {}
    const server = http.createServer((_request, response) => {
      this.options.respond(deployment, response)
    })
    const pod: RunningPod = { name, deployment, server, port: 0, labels, ready: false }
    // Known before it listens, so that nobody starts another one in its place.
    this.pods.set(name, pod)
    pod.port = (await listenOnLoopback(server)).port
    if (!this.pods.has(name)) {
      server.close()
      return
    }
    this.publishPod(pod, 'ContainerCreating')
    if (this.closed) this.stop(pod)
    this.timers.later(READY_AFTER_MS, () => {
      if (!this.pods.has(name)) return
      pod.ready = !this.options.isNeverReady(deployment)
      this.publishPod(pod, pod.ready ? '' : 'CrashLoopBackOff')
      this.publishEndpoints()
      this.report(deployment)
    })
  }

  private stop(pod: RunningPod): void {
    this.pods.delete(pod.name)
    // What was sent to it before is answered, as by a pod in its grace period.
    this.leaving.add(pod.server)
    this.timers.later(GRACE_MS, () => {
      this.leaving.delete(pod.server)
      pod.server.close()
      pod.server.closeIdleConnections()
    })
    this.api.remove('Pod', this.options.namespace, pod.name)
    this.publishEndpoints()
  }

  private publishPod(pod: RunningPod, waiting: string): void {
    const state = waiting === '' ? { running: {} } : { waiting: { reason: waiting } }
    this.api.put('Pod', {
      apiVersion: 'v1',
      metadata: { name: pod.name, namespace: this.options.namespace, labels: { ...pod.labels } },
      status: {
        phase: 'Running',
        podIP: '10.44.0.1',
        conditions: [{ type: 'Ready', status: pod.ready ? 'True' : 'False' }],
        containerStatuses: [{ name: 'app', ready: pod.ready, restartCount: 0, state }],
      },
    })
  }

  private report(deployment: string): void {
    const object = this.api.find('Deployment', this.options.namespace, deployment)
    if (object === undefined) return
    const ready = [...this.pods.values()].filter((pod) => pod.deployment === deployment && pod.ready).length
    const replicas = (object.spec as { replicas?: number } | undefined)?.replicas ?? 1
    const status = {
      observedGeneration: object.metadata.generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready,
      availableReplicas: ready,
    }
    this.api.put('Deployment', { ...object, status })
  }

  private publishEndpoints(): void {
    const { namespace } = this.options
    for (const service of this.api.list('Service', namespace)) {
      const spec = service.spec as
        { selector?: Record<string, string>; ports?: { name?: string; port: number }[] } | undefined
      const pods = this.with(spec?.selector ?? {})
      this.api.put('EndpointSlice', {
        apiVersion: 'discovery.k8s.io/v1',
        metadata: {
          name: `${service.metadata.name}-1`,
          namespace,
          labels: { 'kubernetes.io/service-name': service.metadata.name },
        },
        endpoints: pods.map((pod) => ({
          conditions: { ready: pod.ready },
          targetRef: { kind: 'Pod', name: pod.name },
        })),
        ports: (spec?.ports ?? []).map(({ name, port }) => ({ name, port })),
      })
    }
  }

  /** The pods with all of these labels. */
  with(labels: Readonly<Record<string, string>>): RunningPod[] {
    return [...this.pods.values()].filter((pod) =>
      Object.entries(labels).every(([name, value]) => pod.labels[name] === value),
    )
  }

  /** The processes of a Deployment die; for a moment the endpoints still name them, until the probe has failed. */
  crash(deployment: string): void {
    const crashed = [...this.pods.values()].filter((pod) => pod.deployment === deployment)
    for (const pod of crashed) {
      pod.server.closeAllConnections()
      pod.server.close()
    }
    this.timers.later(2000, () => {
      for (const pod of crashed) {
        pod.ready = false
        this.publishPod(pod, 'CrashLoopBackOff')
      }
      this.publishEndpoints()
      this.report(deployment)
    })
  }
}
