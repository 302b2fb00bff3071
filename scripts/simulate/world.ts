import { exampleDeployment, exampleManifests, type Manifest } from '../../src/sandbox/sandbox.ts'
import { SandboxApiServer, type StoredObject } from '../../src/sandbox/api-server.ts'
import { Random } from '../gate-bench/random.ts'
import { chanceOf, VirtualTime } from './time.ts'
import type { MetricFault, Scenario } from './scenario.ts'

export const SERVICE = 'shop'
export const NAMESPACE = 'demo'
export const COLOURS = ['blue', 'green'] as const
export type Colour = (typeof COLOURS)[number]
/** Told by every program and server of the simulation, and never to be seen. */
export const SECRET = 'planted-secret-4711'

const START = Date.parse('2026-03-01T12:00:00Z')
const SCRAPE_MS = 15_000
const HISTORY_MS = 25 * 60_000
const RPS = 100
const READY_MS = 6_000
const BAD = 0.2
const FINE = 0.002

interface Destination {
  readonly destination: { readonly host: string; readonly subset?: string }
  weight?: number
}

export interface HttpRoute {
  readonly name?: string
  route: Destination[]
  mirror?: { readonly subset?: string }
  mirrorPercentage?: unknown
}

/** Requests and errors of a colour, up to a scrape. */
interface Scrape {
  readonly at: number
  readonly counts: Readonly<Record<Colour, readonly [fine: number, bad: number]>>
}

const HOST = `${SERVICE}.${NAMESPACE}.svc.cluster.local`

/** A route that a release makes for an audience, and takes away again. */
export const isOwn = ({ name }: HttpRoute): boolean => name?.startsWith('gray-release-') ?? false
const isTheirs = (route: HttpRoute): boolean => !isOwn(route)
/** Requests a second of an audience. */
const AUDIENCE_RPS = 20

/** The VirtualService as the chart has it: all on blue; crowded with what belongs to others. */
function chartRoute(isCrowded: boolean): Manifest {
  const found = exampleManifests(SERVICE, NAMESPACE).find(({ kind }) => kind === 'VirtualService')
  if (found === undefined) throw new Error('there is no VirtualService in the example')
  if (!isCrowded) return found
  const ours = (blue: number, green: number) =>
    [
      { destination: { host: HOST, subset: 'blue' }, weight: blue },
      { destination: { host: HOST, subset: 'green' }, weight: green },
    ] as const
  const legacy = { destination: { host: 'legacy', port: { number: 80 } }, weight: 20 }
  const http = [
    { name: 'beta', match: [{ headers: { beta: { exact: 'yes' } } }], route: [{ destination: { host: 'beta' } }] },
    { name: 'api', match: [{ uri: { prefix: '/api' } }], timeout: '3s', route: [...ours(80, 0), legacy] },
    { name: 'default', route: [...ours(100, 0)], retries: { attempts: 2 } },
  ]
  const metadata = { ...found.metadata, annotations: { 'example.com/owner': 'somebody else' } }
  return { ...found, metadata, spec: { ...(found['spec'] as object), http } }
}

/** The cluster, the mesh and Prometheus, on virtual time. Nothing here belongs to the product. */
export class World {
  readonly time = new VirtualTime(START)
  readonly api: SandboxApiServer
  readonly scenario: Scenario
  readonly log: string[] = []
  /** Pods that are kept down by a happening. */
  readonly down = new Set<Colour>()
  isApiDown = false
  apiStatus = 0
  isWatchDead = false
  /** Until then somebody may not have noticed that a watch was silent. */
  deafUntil = 0
  metricFault: MetricFault | null = null
  metricFaultSince = 0
  /** When the lock or the way to it was last disturbed. */
  troubleAt = 0
  /** Another controller fights for its weights. */
  isFought = false
  /** When something other than the product last wrote the VirtualService. */
  foreignAt = 0
  /** Notes were taken away or the object was made anew: what was saved is gone, and nobody can know it. */
  isForgotten = false
  helmfileRuns = 0
  private readonly versions = new Map<Colour, string>()
  private readonly readyAt = new Map<Colour, number>()
  private readonly random: Random
  private scrapes: Scrape[] = []
  private staleScrapes: Scrape[] = []

  constructor(scenario: Scenario) {
    this.scenario = scenario
    this.random = new Random(scenario.seed ^ 0x5bd1e995)
    this.api = new SandboxApiServer(() => this.time.now)
    for (const manifest of exampleManifests(SERVICE, NAMESPACE)) {
      if (manifest.kind !== 'VirtualService') this.put(manifest)
    }
    this.put(chartRoute(scenario.isCrowded))
    this.deploy('blue', '1.0')
    this.time.now += HISTORY_MS
    this.readyAt.set('blue', this.time.now - 1)
    this.publish()
    this.scrapeFrom(this.time.now - HISTORY_MS)
    this.scrape()
  }

  get seconds(): number {
    return (this.time.now - START - HISTORY_MS) / 1000
  }

  note(line: string): void {
    this.log.push(`${this.seconds.toFixed(1).padStart(7)}  ${line}`)
  }

  private put(manifest: Manifest): StoredObject {
    const metadata = { ...manifest.metadata, namespace: NAMESPACE }
    return this.api.put(manifest.kind, { ...manifest, metadata })
  }

  get route(): StoredObject | undefined {
    return this.api.find('VirtualService', NAMESPACE, SERVICE)
  }

  /** The weights of our two destinations, route by route; undefined where they are not written. */
  weights(object: StoredObject | undefined = this.route): readonly Readonly<Record<Colour, number>>[] {
    const http = (object?.spec?.['http'] ?? []) as HttpRoute[]
    return http.filter(isTheirs).flatMap(({ route }) => {
      const of = (colour: Colour) => route.find(({ destination }) => destination.subset === colour)?.weight
      const [blue, green] = [of('blue'), of('green')]
      return blue === undefined && green === undefined ? [] : [{ blue: blue ?? 0, green: green ?? 0 }]
    })
  }

  /** The candidate's percent of the default route. */
  share(colour: Colour): number {
    const last = this.weights().at(-1)
    return last === undefined ? 0 : last[colour]
  }

  /** Whether a route of the release's own sends an audience to the colour. */
  private hasAudience(colour: Colour): boolean {
    const http = (this.route?.spec?.['http'] ?? []) as HttpRoute[]
    return http.some((one) => isOwn(one) && one.route.some(({ destination }) => destination.subset === colour))
  }

  /** Somebody else writes the object. */
  foreign(change: (object: StoredObject) => void): void {
    const object = this.route
    if (object === undefined) return
    const copy = structuredClone(object)
    change(copy)
    this.foreignAt = this.time.now
    this.api.put('VirtualService', copy)
  }

  /** What a person or another controller sets the weights to. */
  foreignWeights(candidate: number): void {
    this.foreign((object) => {
      for (const { route } of (object.spec?.['http'] ?? []) as HttpRoute[]) {
        const ours = route.filter(({ destination }) => destination.subset !== undefined)
        const sum = ours.reduce((all, { weight = 0 }) => all + weight, 0)
        const [blue, green] = ours
        if (blue === undefined || green === undefined) continue
        green.weight = Math.round((sum * candidate) / 100)
        blue.weight = sum - green.weight
      }
    })
  }

  recreate(afterS: number): void {
    this.isForgotten = true
    this.foreignAt = this.time.now
    this.api.remove('VirtualService', NAMESPACE, SERVICE)
    this.time.at(this.time.now + afterS * 1000, () => {
      this.foreignAt = this.time.now
      this.put(chartRoute(this.scenario.isCrowded))
      this.note('the chart makes the VirtualService again')
    })
  }

  // Pods: each colour has two, ready a while after it was deployed.

  /** What helm does: a new version rolls out. */
  deploy(colour: Colour, version: string): void {
    const isSame = this.versions.get(colour) === version
    this.versions.set(colour, version)
    const before = this.api.find('Deployment', NAMESPACE, `${SERVICE}-${colour}`)
    const revision = Number(before?.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0) + (isSame ? 0 : 1)
    const manifest = exampleDeployment(SERVICE, NAMESPACE, colour, version)
    const annotations = { 'deployment.kubernetes.io/revision': String(revision) }
    this.put({ ...manifest, metadata: { ...manifest.metadata, annotations } })
    if (!isSame) {
      const isNever = this.scenario.isNeverReady && version !== '1.0'
      this.readyAt.set(colour, isNever ? Number.POSITIVE_INFINITY : this.time.now + READY_MS)
      this.time.at(this.time.now + READY_MS, () => {
        this.publish()
      })
    }
    this.publish()
  }

  /** What helm does when it uninstalls. */
  undeploy(colour: Colour): void {
    this.versions.delete(colour)
    this.readyAt.delete(colour)
    this.api.remove('Deployment', NAMESPACE, `${SERVICE}-${colour}`)
    for (const index of [0, 1]) this.api.remove('Pod', NAMESPACE, `${SERVICE}-${colour}-${index}`)
    this.publish()
  }

  isReady(colour: Colour): boolean {
    return !this.down.has(colour) && (this.readyAt.get(colour) ?? Number.POSITIVE_INFINITY) <= this.time.now
  }

  /** Writes what the kubelet and the controllers would: pods, endpoints, status. */
  publish(): void {
    const ready: string[] = []
    for (const colour of COLOURS) {
      const deployment = this.api.find('Deployment', NAMESPACE, `${SERVICE}-${colour}`)
      if (deployment === undefined) continue
      const isReady = this.isReady(colour)
      const replicas = (deployment.spec as { replicas?: number }).replicas ?? 2
      const count = isReady ? replicas : 0
      const { generation } = deployment.metadata
      const status = { observedGeneration: generation, replicas, updatedReplicas: replicas, availableReplicas: count }
      this.api.put('Deployment', { ...deployment, status })
      for (let index = 0; index < 2; index += 1) {
        const name = `${SERVICE}-${colour}-${index}`
        if (index >= replicas) {
          this.api.remove('Pod', NAMESPACE, name)
          continue
        }
        if (isReady) ready.push(name)
        const state = isReady ? { running: {} } : { waiting: { reason: 'CrashLoopBackOff' } }
        this.api.put('Pod', {
          metadata: { name, namespace: NAMESPACE, labels: { app: SERVICE, colour } },
          status: {
            phase: 'Running',
            conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
            containerStatuses: [{ name: 'app', ready: isReady, restartCount: 0, state }],
          },
        })
      }
    }
    this.api.put('EndpointSlice', {
      metadata: { name: `${SERVICE}-1`, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': SERVICE } },
      endpoints: ready.map((name) => ({ conditions: { ready: true }, targetRef: { kind: 'Pod', name } })),
      ports: [{ name: 'http', port: 80 }],
    })
  }

  // Metrics: counters of what flows, scraped every 15 seconds.

  isBad(colour: Colour): boolean {
    return this.versions.get(colour) !== '1.0' && this.share(colour) >= this.scenario.badFrom
  }

  private scrapeFrom(from: number): void {
    const zero = { blue: [0, 0], green: [0, 0] } as const
    this.scrapes = [{ at: from, counts: zero }]
    while ((this.scrapes.at(-1)?.at ?? 0) + SCRAPE_MS <= this.time.now) {
      this.addScrape((this.scrapes.at(-1)?.at ?? 0) + SCRAPE_MS)
    }
  }

  private addScrape(at: number): void {
    const last = this.scrapes.at(-1)?.counts
    const next = (colour: Colour): readonly [number, number] => {
      const [fine, bad] = last?.[colour] ?? [0, 0]
      const audience = this.hasAudience(colour) ? AUDIENCE_RPS : 0
      const requests = Math.round((SCRAPE_MS / 1000) * ((RPS * this.share(colour)) / 100 + audience))
      const share = this.isReady(colour) || at < this.time.now ? (this.isBad(colour) ? BAD : FINE) : 1
      const failed = this.random.binomial(requests, share)
      return [fine + requests - failed, bad + failed]
    }
    this.scrapes.push({ at, counts: { blue: next('blue'), green: next('green') } })
  }

  private scrape(): void {
    this.time.at(this.time.now + SCRAPE_MS, () => {
      this.addScrape(this.time.now)
      this.scrape()
    })
  }

  setMetricFault(fault: MetricFault | null): void {
    if (fault === 'stale') this.staleScrapes = [...this.scrapes]
    this.metricFault = fault
    this.metricFaultSince = this.time.now
  }

  /** Prometheus' HTTP API: the one query of the query gate, and counters as the evidence gate reads them. */
  readonly fetch: typeof fetch = async (input, init) => {
    const signal = init?.signal ?? null
    await this.time.sleep(20 + 60 * chanceOf(this.scenario.seed, 'metrics', this.time.now))
    if (signal?.aborted === true) throw new Error('aborted')
    const { metricFault: fault } = this
    if (fault === 'hang') {
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new Error('no answer'))
        })
      })
    }
    if (fault === 'down') throw new Error(`connect ECONNREFUSED (${SECRET})`)
    if (fault === '500') return new Response(`boom ${SECRET}`, { status: 500 })
    if (fault === 'html') return new Response(`<html>${SECRET}</html>`)
    const query = new URL(input).searchParams.get('query') ?? ''
    const range = /\[(\d+)s\]$/.exec(query)
    const data = range === null ? this.instant(query, fault) : this.range(Number(range[1]) * 1000, fault)
    return Response.json({ status: 'success', data })
  }

  private instant(query: string, fault: MetricFault | null): unknown {
    if (fault === 'empty') return { resultType: 'vector', result: [] }
    const colour: Colour = query.includes('green') ? 'green' : 'blue'
    const value = fault === 'nan' ? 'NaN' : String(this.isReady(colour) ? (this.isBad(colour) ? BAD : FINE) : 1)
    const one = { metric: {}, value: [this.time.now / 1000, value] }
    return { resultType: 'vector', result: fault === 'duplicate' ? [one, one] : [one] }
  }

  private range(lengthMs: number, fault: MetricFault | null): unknown {
    if (fault === 'empty') return { resultType: 'matrix', result: [] }
    const source = fault === 'stale' ? this.staleScrapes : this.scrapes
    const scrapes = source.filter(({ at }) => at > this.time.now - lengthMs)
    const series = COLOURS.flatMap((colour) =>
      (['200', '500'] as const).map((code, index) => ({
        metric: { destination_workload: `${SERVICE}-${colour}`, response_code: code, pod: `${SERVICE}-${colour}-0` },
        values: scrapes.map(({ at, counts }) => [
          at / 1000,
          fault === 'nan' ? 'NaN' : String(counts[colour][index === 0 ? 0 : 1]),
        ]),
      })),
    )
    return { resultType: 'matrix', result: fault === 'duplicate' ? [...series, ...series] : series }
  }
}
