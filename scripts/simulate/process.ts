import { abort, pause, promote, rollback, settle, status, sweep } from '../../src/control.ts'
import type { Plan } from '../../src/core/plan.ts'
import { blueGreen, canary, redBlack } from '../../src/core/strategies.ts'
import { helmfile } from '../../src/deployers/helmfile.ts'
import type { Report } from '../../src/drive.ts'
import { evidence } from '../../src/gates/evidence.ts'
import { istioCounters } from '../../src/gates/counters.ts'
import { prometheus } from '../../src/gates/query.ts'
import { Deployments } from '../../src/github/deployment.ts'
import { CommitStatuses } from '../../src/github/status.ts'
import { masked } from '../../src/errors.ts'
import { requesting, type Answer } from '../../src/platform/cluster-requests.ts'
import { masker } from '../../src/platform/platform.ts'
import type { Cluster, ClusterRequest, KubeObject, Platform, Shell, ShellResult } from '../../src/ports.ts'
import { plan, release } from '../../src/release.ts'
import { webhook } from '../../src/notifications/webhook.ts'
import { istio } from '../../src/traffic/istio.ts'
import type { ReleaseOptions } from '../../src/wire.ts'
import type { StoredObject } from '../../src/sandbox/api-server.ts'
import { badGitHub, ORIGIN } from './github.ts'
import type { Invariants, Witness } from './invariants.ts'
import type { CallFault, Command } from './scenario.ts'
import { chanceOf } from './time.ts'
import { COLOURS, NAMESPACE, SECRET, SERVICE, type Colour, type World } from './world.ts'

const MASK = masker([SECRET])
const WEIGHTS = [1, 25, 50, 100]
const TIMEOUT_MS = 10_000
/** What the runner gives a cancelled step before it ends it. */
const PATIENCE_MS = 7_500
/** A change by others that is younger than this may not have been seen yet. */
const LATELY_MS = 2_000
/** What the other controller wants green to have. */
const FIGHTERS_WEIGHT = 5
const BOOKMARK_MS = 60_000
const POST_AFTER_MS = 1_500

const never = <Kind>(): Promise<Kind> => new Promise(() => undefined)

/** What one process is told to do. */
export interface Order {
  readonly command: Command | 'post'
  readonly version: string
  readonly skewMs: number
  /** For post: the holder that main saved. */
  readonly holder: string
}

/** One run of the program: its own clock, its own connection, and a death at any moment. */
export class SimProcess implements Witness {
  readonly name: string
  readonly index: number
  readonly pods = new Map<string, { readonly ready: number; readonly at: number }>()
  readonly failedAt = new Map<string, number>()
  lastVerdict = ''
  hasRevertStarted = false
  readBack: number | null = null
  isAlive = true
  hasEnded = false
  /** No faults any more: what comes after the storm. */
  isCalm = false
  private readonly world: World
  private readonly invariants: Invariants
  private readonly order: Order
  private readonly stop = new AbortController()
  private readonly history: KubeObject[] = []
  private calls = 0

  constructor(index: number, order: Order, world: World, invariants: Invariants) {
    this.index = index
    this.name = `p${index}`
    this.order = order
    this.world = world
    this.invariants = invariants
  }

  get isOver(): boolean {
    return this.hasEnded || !this.isAlive
  }

  /** Who may push a living driver out. */
  get maySeize(): boolean {
    return this.order.command === 'abort' || this.order.command === 'post'
  }

  get holder(): string {
    return this.order.holder === '' ? `${this.name}/run` : this.order.holder
  }

  kill(): void {
    if (this.isOver) return
    this.world.note(`${this.name} is killed`)
    this.isAlive = false
  }

  /** SIGINT, and the kill of a runner that has waited long enough. */
  signal(): void {
    if (this.isOver) return
    this.world.note(`${this.name} gets SIGINT`)
    this.stop.abort()
    this.world.time.at(this.world.time.now + PATIENCE_MS, () => {
      this.kill()
    })
  }

  private async sleep(lengthMs: number): Promise<void> {
    await this.world.time.sleep(lengthMs)
    if (!this.isAlive) await never()
  }

  private random(): number {
    return chanceOf(this.world.scenario.seed, this.index, this.calls, this.world.time.now)
  }

  private faultOf(call: number): CallFault | null {
    if (this.isCalm) return null
    const found = this.world.scenario.faults.find((one) => one.process === this.index && one.call === call)
    return found?.fault ?? null
  }

  /** One try of one request, with whatever happens to it on its way. */
  private async send(request: ClusterRequest): Promise<Answer> {
    if (!this.isAlive) await never()
    this.calls += 1
    const { world, calls } = this
    const fault = this.faultOf(calls)
    const shown = `${this.name} call ${calls} ${request.method} ${request.path.split('?')[0]?.split('/').slice(-2).join('/') ?? ''}`
    if (fault !== null) {
      world.note(`${shown}: ${fault}`)
      world.troubleAt = Math.max(world.troubleAt, world.time.now)
    }
    if (fault === 'kill-before') {
      this.kill()
      await never()
    }
    const latency = 4 + 30 * chanceOf(world.scenario.seed, 'latency', this.index, calls)
    await this.sleep(latency)
    if (fault === 'slow') {
      await this.sleep(TIMEOUT_MS)
      throw new Error('no answer within 10 s')
    }
    if (request.signal?.aborted === true) throw new Error('aborted')
    if (world.isApiDown || fault === 'lost-request') throw new Error(`connect ECONNREFUSED ${SECRET}`)
    const status = world.apiStatus > 0 && !this.isCalm ? world.apiStatus : Number(fault)
    if (status >= 400)
      return { status, text: JSON.stringify({ message: `said by the storm ${SECRET}` }), retryAfter: '' }
    const answer = this.answer(request, fault)
    if (fault === 'kill-after') {
      this.kill()
      await never()
    }
    await this.sleep(latency)
    if (fault === 'lost-answer') throw new Error('socket hang up')
    return answer
  }

  private answer(request: ClusterRequest, fault: CallFault | null): Answer {
    const { world, invariants } = this
    invariants.writer = this
    const { status, body } = world.api.respond({
      method: request.method,
      path: request.path,
      text: request.body === undefined ? '' : JSON.stringify(request.body),
      contentType: request.contentType ?? 'application/json',
    })
    invariants.writer = null
    if (world.isFought && request.method === 'PATCH' && request.path.includes('/virtualservices/')) {
      world.foreignWeights(FIGHTERS_WEIGHT)
    }
    const isRoute = request.method === 'GET' && request.path.endsWith(`/virtualservices/${SERVICE}`)
    if (isRoute && status === 200) {
      const object = body as KubeObject
      const old = fault === 'stale' ? this.history.at(-2) : undefined
      this.readBack = world.weights(body as StoredObject).at(-1)?.green ?? null
      this.history.push(structuredClone(object))
      return { status, text: JSON.stringify(old ?? object), retryAfter: '' }
    }
    if (status === 200 && request.path.includes('/pods?'))
      this.seePods((body as { items: readonly KubeObject[] }).items)
    return { status, text: JSON.stringify(body), retryAfter: '' }
  }

  private seePods(items: readonly KubeObject[]): void {
    for (const colour of COLOURS) {
      const of = items.filter((pod) => pod.metadata.labels?.['colour'] === colour)
      const isReady = (pod: KubeObject): boolean =>
        (pod['status'] as { conditions: { status: string }[] }).conditions[0]?.status === 'True'
      // A list of one colour alone says nothing of the other.
      if (of.length > 0) this.pods.set(colour, { ready: of.filter(isReady).length, at: this.world.time.now })
    }
  }

  private cluster(): Cluster {
    const { world } = this
    return {
      server: 'simulated',
      request: requesting({
        host: 'simulated',
        send: (request) => this.send(request),
        pause: (lengthMs) => this.sleep(lengthMs * (0.5 + this.random())),
        reload: () => undefined,
        isClosing: () => false,
      }),
      watch: (path, onObject, onEnd, signal) => {
        const isOurs = path.includes('/virtualservices?')
        let isOpen = true
        world.api.onChange((type, object) => {
          if (!isOurs || !isOpen || object.kind !== 'VirtualService' || world.isWatchDead) return
          const copy = structuredClone(object) as unknown as KubeObject
          const lag = 5 + 2000 * chanceOf(world.scenario.seed, 'watch', this.index, world.time.now) ** 6
          world.time.at(world.time.now + lag, () => {
            if (isOpen && this.isAlive) onObject(type, copy)
          })
        })
        const bookmark = (): void => {
          if (!isOpen || !this.isAlive || this.isOver) return
          if (!world.isWatchDead) onObject('BOOKMARK', { metadata: { name: SERVICE } })
          world.time.at(world.time.now + BOOKMARK_MS, bookmark)
        }
        world.time.at(world.time.now + BOOKMARK_MS, bookmark)
        signal.addEventListener('abort', () => {
          isOpen = false
          onEnd()
        })
      },
      skewMs: () => -this.order.skewMs,
      takeWarnings: () => [],
      close: () => undefined,
    }
  }

  private readonly shell: Shell = {
    run: async (command, options): Promise<ShellResult> => {
      const { world } = this
      const { helmfile: mode } = world.scenario
      world.helmfileRuns += 1
      const colour = options.env['DEPLOYMENT_TYPE'] as Colour
      // Whoever gives it weight while helm is at work cannot be foreseen.
      const isRemoval = command.includes('destroy')
      if (world.share(colour) > 0 && world.time.now - world.foreignAt > LATELY_MS) {
        this.invariants.broken(`the live colour is never ${isRemoval ? 'removed' : 'deployed to'}`, colour)
      }
      const run = world.helmfileRuns
      options.onLine(`Upgrading with ${SECRET}`)
      const isHanging = mode === 'hangs'
      const lengthMs = isHanging ? options.timeoutMs : 1000 + 4000 * this.random()
      const end = world.time.now + lengthMs
      while (world.time.now < end && !options.signal.aborted) await this.sleep(Math.min(500, end - world.time.now))
      if (!this.isAlive) await never()
      const lastLines = [`STDERR: ${SECRET}`]
      if (options.signal.aborted) return { code: null, timedOut: false, aborted: true, lastLines }
      if (isHanging) return { code: null, timedOut: true, aborted: false, lastLines }
      if (mode === 'fails' || (mode === 'fails-once' && run === 1)) {
        return { code: 1, timedOut: false, aborted: false, lastLines }
      }
      if (isRemoval) {
        world.note(`${this.name} removes ${colour}`)
        world.undeploy(colour)
        return { code: 0, timedOut: false, aborted: false, lastLines: [] }
      }
      world.note(`${this.name} deploys ${options.env['SHOP_VERSION'] ?? ''} to ${colour}`)
      world.deploy(colour, options.env['SHOP_VERSION'] ?? '')
      return { code: 0, timedOut: false, aborted: false, lastLines }
    },
  }

  private platform(): Platform {
    const { world, order } = this
    const now = (): number => world.time.now + order.skewMs
    return {
      cluster: this.cluster(),
      fetch: async (input, init) => {
        if (!this.isAlive) await never()
        const address = input as string
        if (address.startsWith('http://hook')) {
          await this.sleep(5_000)
          return new Response('', { status: 500 })
        }
        const answer = await world.fetch(input, init)
        return this.isAlive ? answer : never()
      },
      shell: this.shell,
      clock: {
        now,
        sleepUntil: async (at, signal) => {
          if (signal.aborted || at <= now()) return
          await new Promise<void>((resolve) => {
            const cancel = world.time.at(at - order.skewMs, resolve)
            signal.addEventListener(
              'abort',
              () => {
                cancel()
                resolve()
              },
              { once: true },
            )
          })
          if (!this.isAlive) await never()
        },
      },
      random: () => this.random(),
      timeout: (lengthMs) => {
        const over = new AbortController()
        world.time.at(world.time.now + lengthMs, () => {
          over.abort()
        })
        return over.signal
      },
      // The real platform masks every line that it is given to say.
      say: () => undefined,
      mask: MASK,
      env: { TOKEN: SECRET },
    }
  }

  private plan(): Plan {
    const { course, approval, policies } = this.world.scenario
    const stage = { minMs: 30_000, maxMs: 150_000, gates: ['errors'] }
    const weights = WEIGHTS.map((weight, index) => ({ ...stage, weight, approval: index === approval }))
    const common = {
      intervalMs: 10_000,
      settleMs: 3_000,
      readyMs: 60_000,
      policies: { ...policies, maxPauseMs: 10 * 60_000, keepOldMs: null },
    }
    const match = [{ by: 'header' as const, name: 'x-beta', value: 'yes' }]
    switch (course) {
      case 'canary':
        return canary({ ...common, stages: weights })
      case 'audience':
        return canary({ ...common, stages: [{ ...stage, weight: 0, match }, ...weights] })
      case 'mirror':
        return canary({ ...common, stages: [{ ...stage, weight: 0, mirror: 50 }, ...weights] })
      case 'blue-green':
        return blueGreen({ ...common, gates: ['errors'], watchMs: 60_000 })
      case 'red-black':
        return redBlack({ ...common, gates: ['errors'], watchMs: 60_000 })
      default:
        return course satisfies never
    }
  }

  private options(): ReleaseOptions {
    const { scenario } = this.world
    const platform = this.platform()
    const deployments = { blue: `${SERVICE}-blue`, green: `${SERVICE}-green` }
    const url = 'http://prometheus'
    const query = prometheus({
      url,
      query: 'errors{workload="{workload}"}',
      tolerance: 2,
      allowance: 0.02,
      workloads: deployments,
    })
    const source = {
      ...istioCounters({ service: SERVICE, namespace: NAMESPACE, workloads: deployments }),
      durations: null,
    }
    const deployer = helmfile({
      service: SERVICE,
      namespace: NAMESPACE,
      file: 'helmfile.yaml',
      env: { SHOP_VERSION: '{version}' },
      timeoutMs: 120_000,
    })
    const github = badGitHub({
      isAlive: () => this.isAlive,
      sleep: (lengthMs) => this.sleep(lengthMs),
      random: () => this.random(),
      now: () => this.world.time.now,
      broken: (rule, detail) => {
        this.invariants.broken(rule, detail)
      },
    })
    const told = webhook({ url: `http://hook/${SECRET}` })(platform)
    return {
      service: SERVICE,
      namespace: NAMESPACE,
      version: this.order.version,
      platform,
      plan: this.plan(),
      gates: { errors: scenario.gate === 'query' ? query : evidence({ url, source, harm: 0.05 }) },
      traffic: istio({ service: SERVICE, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } }),
      // The check of the file is a look at the disk of this machine.
      deployer: (outside) => {
        const real = deployer(outside)
        return { deploy: (one, signal) => real.deploy(one, signal), retire: (one, signal) => real.retire(one, signal) }
      },
      listeners: [
        (event, state, one) => {
          if (JSON.stringify(event).includes(SECRET)) this.invariants.broken('no secret is told', event.type)
          this.invariants.onEvent(this, event, state, one)
        },
        told,
        new CommitStatuses(github, 'gray-release/shop').listener,
        new Deployments(github, 'demo').listener,
      ],
      signal: this.stop.signal,
      holder: this.holder,
      by: this.name,
      origin: ORIGIN,
    }
  }

  private async obey(): Promise<Report | null> {
    const options = this.options()
    switch (this.order.command) {
      case 'release':
        return release(options)
      case 'promote':
        return promote(options)
      case 'finish':
        return promote(options, 100)
      case 'pause':
        return pause(options)
      case 'abort':
        return abort(options)
      case 'rollback':
        return rollback(options)
      case 'sweep':
        return (await sweep(options)).report
      case 'post':
        return (await settle({ ...options, holder: this.holder })).report
      case 'status':
        await status(options)
        return null
      case 'plan':
        await plan(options)
        return null
      default:
        return this.order.command satisfies never
    }
  }

  /** Runs until its end; a process that is killed never comes back from its next call. */
  async run(): Promise<void> {
    this.world.note(`${this.name} starts: ${this.order.command} ${this.order.version}`)
    let ended: { readonly report: Report | null; readonly thrown: unknown }
    try {
      ended = { report: await this.obey(), thrown: undefined }
    } catch (thrown) {
      // As the Action and the CLI do with every error.
      ended = { report: null, thrown: masked(thrown, MASK) }
    }
    if (!this.isAlive) return
    this.hasEnded = true
    if (ended.report !== null || ended.thrown !== undefined) this.invariants.onEnd(this, ended.report, ended.thrown)
    else this.world.note(`${this.name} ends`)
  }

  get postAfterMs(): number {
    return POST_AFTER_MS
  }
}
