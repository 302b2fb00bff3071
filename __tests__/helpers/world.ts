import { chance } from '../../src/platform/chance.ts'
import { connectCluster } from '../../src/platform/cluster.ts'
import { canary } from '../../src/core/strategies.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { ReleaseEvent } from '../../src/core/events.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import type {
  Clock,
  Cluster,
  Deployer,
  Gate,
  Lock,
  Platform,
  TrafficProvider,
  Workloads,
  WorkloadStatus,
} from '../../src/ports.ts'
import { ReleaseError } from '../../src/errors.ts'
import type { ReleaseOptions } from '../../src/wire.ts'
import { istio } from '../../src/traffic/istio.ts'
import { journal } from '../../src/state/journal.ts'
import { SandboxApiServer } from '../../src/sandbox/api-server.ts'
import { exampleManifests, type Manifest } from '../../src/sandbox/sandbox.ts'

/** A clock that stands still until somebody sleeps, and then is there. */
export class HandClock implements Clock {
  at = Date.parse('2026-03-01T12:00:00Z')

  now(): number {
    return this.at
  }

  async sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (!signal.aborted) this.at = Math.max(this.at, at)
  }
}

/** A lock in memory with a real fence; held by whoever took it until given back or expired by `forget`. */
export class HandLock implements Lock {
  readonly needs = []
  holder = ''
  fence = 0
  private isExpired = false

  acquire(holder: string, atLeast: number, options: { readonly seize: boolean }) {
    if (this.holder !== '' && this.holder !== holder && !options.seize && !this.isExpired) {
      throw new ReleaseError('LOCK_HELD', `${this.holder} drives this release`)
    }
    this.holder = holder
    this.isExpired = false
    this.fence = Math.max(this.fence + 1, atLeast)
    const fence = this.fence
    return Promise.resolve({
      fence,
      lost: new AbortController().signal,
      release: () => {
        if (this.fence === fence) this.holder = ''
        return Promise.resolve()
      },
    })
  }

  status() {
    return Promise.resolve({ holder: this.holder, since: 0, renewedAt: 0, expired: this.isExpired })
  }

  /** What time does to the lease of a dead run. */
  forget(): void {
    this.isExpired = true
  }
}

export const SERVICE = 'shop'
export const NAMESPACE = 'demo'

/** An API server of the sandbox with a service in two colours, and everything else of a release under the test's hand. */
export class World {
  readonly api: SandboxApiServer
  readonly clock = new HandClock()
  readonly lock = new HandLock()
  readonly deployed: Record<string, string> = { blue: '1.0' }
  readonly ready: Record<string, number> = { blue: 2, green: 0 }
  readonly said: string[] = []
  readonly events: ReleaseEvent[] = []
  /** The verdict of the gate `errors`, asked each time. */
  verdict: (weight: number) => Verdict = () => 'pass'
  /** Throws when the deployer runs. */
  deployFailure: ReleaseError | null = null
  /** Called before the gate is measured, for what happens in mid-bake. */
  duringBake: (weight: number) => void | Promise<void> = () => undefined
  server = ''
  private readonly clusters: Cluster[] = []

  constructor() {
    this.api = new SandboxApiServer(() => this.clock.now())
  }

  async open(manifests: readonly Manifest[] = exampleManifests(SERVICE, NAMESPACE)): Promise<this> {
    this.server = await this.api.listen()
    this.apply(manifests)
    return this
  }

  apply(manifests: readonly Manifest[]): void {
    for (const one of manifests) {
      this.api.put(one.kind, { ...one, metadata: { ...one.metadata, namespace: one.metadata.namespace ?? NAMESPACE } })
    }
  }

  close(): void {
    for (const cluster of this.clusters) cluster.close()
    this.api.close()
  }

  /** Weights of the VirtualService as it is stored, route by route. */
  weights(): (number | undefined)[][] {
    const [object] = this.api.list('VirtualService', NAMESPACE)
    const http = (object?.spec?.['http'] ?? []) as { route?: { weight?: number }[] }[]
    return http.map((one) => (one.route ?? []).map((destination) => destination.weight))
  }

  platform(): Platform {
    const cluster = connectCluster({ server: this.server, timeoutMs: 2000 })
    this.clusters.push(cluster)
    return {
      cluster,
      ...chance,
      fetch: globalThis.fetch,
      shell: { run: () => Promise.reject(new Error('no shell in this test')) },
      clock: this.clock,
      say: (line) => void this.said.push(line),
      mask: (text) => text,
      env: {},
    }
  }

  readonly gate: Gate = {
    measure: async (window) => {
      await this.duringBake(window.weight)
      const verdict = this.verdict(window.weight)
      return { verdict, reason: `said by the test`, value: 0, limit: 0, baseline: 0, query: '' }
    },
  }

  readonly deployer: Deployer = {
    deploy: ({ colour, version }) => {
      if (this.deployFailure !== null) return Promise.reject(this.deployFailure)
      this.deployed[colour] = version
      this.ready[colour] = 2
      return Promise.resolve()
    },
    retire: ({ colour }) => {
      this.ready[colour] = 0
      return Promise.resolve()
    },
  }

  readonly workloads: Workloads = {
    needs: [],
    inspect: (colour): Promise<WorkloadStatus> => {
      const pods = this.ready[colour] ?? 0
      const exists = this.deployed[colour] !== undefined
      const fingerprint = exists ? `${colour} ${this.deployed[colour] ?? ''}` : ''
      const problem = pods > 0 ? '' : 'no pod is ready'
      return Promise.resolve({
        exists,
        ready: pods > 0,
        readyPods: pods,
        wantedPods: 2,
        problem,
        fingerprint,
        version: this.deployed[colour] ?? null,
      })
    },
    readyPods: () => Promise.resolve({ ...this.ready }),
    scaleDown: (colour) => {
      const did = (this.ready[colour] ?? 0) > 0
      this.ready[colour] = 0
      return Promise.resolve(did)
    },
  }

  plan(): Plan {
    const stage = (weight: number) => ({ weight, minMs: 60_000, maxMs: 300_000, gates: ['errors'] })
    return canary({ stages: [5, 50, 100].map(stage) })
  }

  options(version = '1.1', more: Partial<ReleaseOptions> = {}): ReleaseOptions {
    return {
      service: SERVICE,
      namespace: NAMESPACE,
      version,
      plan: this.plan(),
      traffic: istio({ service: SERVICE, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } }),
      gates: { errors: () => this.gate },
      deployer: () => this.deployer,
      workloads: () => this.workloads,
      lock: () => this.lock,
      journal: journal({ service: SERVICE, namespace: NAMESPACE }),
      platform: this.platform(),
      listeners: [(event) => void this.events.push(event)],
      holder: 'run-1',
      ...more,
    }
  }

  /** What happened, in order. */
  happened(): string[] {
    return this.events.map((event) =>
      event.type === 'traffic-shifted'
        ? `shifted ${event.weight}`
        : event.type === 'analysis-completed'
          ? `${event.stage} ${event.verdict}`
          : event.type,
    )
  }
}

/** A traffic provider of which each call goes through `around` first. */
export function wrapTraffic(inner: TrafficProvider, around: (call: string) => () => void): TrafficProvider {
  const through = async <Answer>(name: string, call: () => Promise<Answer>): Promise<Answer> => {
    const after = around(name)
    const answer = await call()
    after()
    return answer
  }
  return {
    supports: inner.supports,
    needs: [],
    read: () => through('read', () => inner.read()),
    write: (change) => through('write', () => inner.write(change)),
    ask: (request) => through('ask', () => inner.ask(request)),
    backend: (colour) => through('backend', () => inner.backend(colour)),
    check: () => inner.check(),
    watch: () => undefined,
  }
}
