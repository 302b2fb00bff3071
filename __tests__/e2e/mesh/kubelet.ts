// A kubelet without containers: every pod gets an address, a small HTTP server and a status.
// It runs as a process of its own; what the pods do is set over HTTP.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { behaviourKey, NODE, type Behaviour } from './behaviour.ts'
import { KubeClient, type KubeAccess, type KubeObject } from './kube-client.ts'

interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string
    readonly containers: readonly {
      readonly name: string
      readonly image: string
      readonly ports?: readonly { readonly containerPort: number }[]
    }[]
  }
}

/** The label by which charts tell colours apart, first match wins; the article's first. */
const COLOUR_LABELS = ['app.vividcode.io/deployment-type', 'colour', 'color', 'version']

const behaviours = new Map<string, Behaviour>()

/** Requests that pods answered, as the pods themselves would count them. */
const counted = new Map<string, number>()

const metrics = (): string =>
  [
    '# TYPE pod_requests_total counter',
    ...[...counted].map(([labels, count]) => `pod_requests_total{${labels}} ${count}`),
  ]
    .map((line) => `${line}\n`)
    .join('')

/** Requests of the current second for each colour. */
const seconds = new Map<string, { second: number; count: number }>()

function rateOf(key: string): number {
  const second = Math.floor(Date.now() / 1000)
  const entry = seconds.get(key)
  if (entry?.second === second) {
    entry.count += 1
    return entry.count / Math.max(0.1, (Date.now() % 1000) / 1000)
  }
  seconds.set(key, { second, count: 1 })
  return 0
}

const complain = (thrown: unknown): void => void process.stderr.write(`${(thrown as Error).message}\n`)

class RunningPod {
  readonly key: string
  private readonly pod: Pod
  private readonly address: string
  private readonly colour: string
  private readonly version: string
  private readonly since = Date.now()
  private readonly client: KubeClient
  private server: Server | null = null
  private said = ''
  private restarts = 0

  constructor(pod: Pod, address: string, client: KubeClient) {
    this.pod = pod
    this.address = address
    this.client = client
    const labels = pod.metadata.labels ?? {}
    const label = COLOUR_LABELS.find((name) => labels[name] !== undefined)
    this.colour = label === undefined ? '' : (labels[label] ?? '')
    this.version = pod.spec.containers[0]?.image.split(':').at(-1) ?? ''
    this.key = behaviourKey(pod.metadata.namespace ?? '', this.colour)
  }

  private get path(): string {
    return `/api/v1/namespaces/${this.pod.metadata.namespace ?? ''}/pods/${this.pod.metadata.name}`
  }

  private get behaviour(): Behaviour {
    return behaviours.get(this.key) ?? {}
  }

  async bind(): Promise<void> {
    if (this.pod.spec.nodeName !== undefined) return
    const target = { apiVersion: 'v1', kind: 'Node', name: NODE }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: this.pod.metadata.name }, target }
    await this.client.ask('POST', `${this.path}/binding`, body)
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { errors = 0, errorsAboveRps = 0, errorsForHeader = '', delayMs = 0 } = this.behaviour
    const [name = '', value = ''] = errorsForHeader.split(': ')
    const isMeant = errorsForHeader === '' || request.headers[name] === value
    const isBusy = rateOf(this.key) >= errorsAboveRps
    const isBad = isMeant && isBusy && Math.random() < errors
    const headers = { 'x-colour': this.colour, 'x-version': this.version, 'x-pod': this.pod.metadata.name }
    const send = (): void => {
      this.count(isBad ? 500 : 200)
      response.writeHead(isBad ? 500 : 200, { ...headers, 'content-type': 'text/plain' })
      response.end(isBad ? 'broken\n' : 'fine\n')
    }
    request.resume()
    if (delayMs > 0) setTimeout(send, delayMs)
    else send()
  }

  private count(code: number): void {
    const { name, namespace = '' } = this.pod.metadata
    // Named by its ReplicaSet, which is named by its Deployment.
    const workload = name.replace(/-[^-]+-[^-]+$/, '')
    const labels = `namespace="${namespace}",workload="${workload}",pod="${name}",code="${code}"`
    counted.set(labels, (counted.get(labels) ?? 0) + 1)
  }

  private listen(): void {
    const port = this.pod.spec.containers.flatMap((each) => each.ports ?? [])[0]?.containerPort ?? 8080
    const server = createServer((request, response) => this.answer(request, response))
    // Envoy keeps connections: a server that closes idle ones answers some requests with a reset.
    server.keepAliveTimeout = 0
    server.listen({ port, host: this.address, reusePort: true })
    this.server = server
  }

  close(): void {
    this.server?.closeAllConnections()
    this.server?.close()
    this.server = null
  }

  /** Compares what should be with what is: called whenever something may have changed. */
  async settle(): Promise<void> {
    const { crash = false, neverReady = false, startMs = 0 } = this.behaviour
    if (crash && this.server !== null) {
      this.close()
      this.restarts += 1
    }
    if (!crash && this.server === null) this.listen()
    const age = Date.now() - this.since
    const isReady = !crash && !neverReady && age >= startMs
    if (!crash && !neverReady && age < startMs) setTimeout(() => void this.settle().catch(complain), startMs - age)
    await this.report(isReady, crash)
  }

  private async report(isReady: boolean, isCrashed: boolean): Promise<void> {
    const status = isReady ? 'True' : 'False'
    const saying = `${status} ${String(isCrashed)}`
    if (saying === this.said) return
    this.said = saying
    const startedAt = new Date(this.since).toISOString()
    const state = isCrashed
      ? { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } }
      : { running: { startedAt } }
    const reason = isReady ? {} : { reason: 'ContainersNotReady', message: 'containers with unready status' }
    const condition = (type: string) => ({ type, status, lastTransitionTime: new Date().toISOString(), ...reason })
    await this.client.ask(
      'PATCH',
      `${this.path}/status`,
      {
        status: {
          phase: 'Running',
          podIP: this.address,
          podIPs: [{ ip: this.address }],
          startTime: startedAt,
          conditions: [condition('Ready'), condition('ContainersReady')],
          containerStatuses: this.pod.spec.containers.map(({ name, image }) => ({
            name,
            image,
            imageID: image,
            ready: isReady,
            restartCount: this.restarts,
            state,
          })),
        },
      },
      'application/strategic-merge-patch+json',
    )
  }

  async remove(): Promise<void> {
    // Endpoints leave before the process does, as behind a preStop hook: istiod and Envoy need a while to hear of it.
    await sleep(3000)
    this.close()
    const { uid } = this.pod.metadata
    await this.client.ask('DELETE', this.path, { gracePeriodSeconds: 0, preconditions: { uid } })
  }
}

class Kubelet {
  private readonly client: KubeClient
  private readonly pods = new Map<string, RunningPod>()
  private next = 0

  constructor(client: KubeClient) {
    this.client = client
  }

  private newAddress(): string {
    this.next += 1
    return `10.44.${100 + Math.floor(this.next / 250)}.${1 + (this.next % 250)}`
  }

  private async see(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    let running = this.pods.get(uid)
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.pods.delete(uid)
      await running?.remove()
      return
    }
    if (running !== undefined) return
    running = new RunningPod(pod, this.newAddress(), this.client)
    this.pods.set(uid, running)
    await running.bind()
    await running.settle()
  }

  private forget(uid: string): void {
    this.pods.get(uid)?.close()
    this.pods.delete(uid)
  }

  async settle(key: string): Promise<void> {
    await Promise.all([...this.pods.values()].filter((pod) => pod.key === key).map((pod) => pod.settle()))
  }

  /** Lists, then watches, for ever: also over a restart of the API server. */
  async run(): Promise<never> {
    for (;;) {
      try {
        const list = await this.client.ask<{ metadata: { resourceVersion: string }; items: Pod[] }>(
          'GET',
          '/api/v1/pods',
        )
        const there = new Set(list.items.map((pod) => pod.metadata.uid ?? ''))
        for (const uid of this.pods.keys()) if (!there.has(uid)) this.forget(uid)
        for (const pod of list.items) void this.see(pod).catch(complain)
        const from = list.metadata.resourceVersion
        await this.client.watch(`/api/v1/pods?watch=1&resourceVersion=${from}`, ({ type, object }) => {
          if (type === 'DELETED') this.forget(object.metadata.uid ?? '')
          else if (type !== 'ERROR') void this.see(object as Pod).catch(complain)
        })
      } catch (thrown) {
        complain(thrown)
      }
      await sleep(200)
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

const [accessFile = '', port = ''] = process.argv.slice(2)
const kubelet = new Kubelet(new KubeClient(JSON.parse(readFileSync(accessFile, 'utf8')) as KubeAccess))
// GET /metrics is for Prometheus; PUT /namespace/colour sets how the pods of the colour behave, those that come later too.
createServer((request, response) => {
  const key = decodeURIComponent((request.url ?? '').slice(1))
  if (request.method === 'GET') {
    response.end(key === 'metrics' ? metrics() : '')
    return
  }
  void bodyOf(request)
    .then(async (text) => {
      behaviours.set(key, JSON.parse(text) as Behaviour)
      await kubelet.settle(key)
      response.end()
    })
    .catch((thrown: unknown) => {
      response.writeHead(500).end((thrown as Error).message)
    })
}).listen(Number(port), '127.0.0.1')
await kubelet.run()
