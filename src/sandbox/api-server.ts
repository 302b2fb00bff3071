import http from 'node:http'
import { listenOnLoopback } from './listen.ts'
import { randomUUID } from 'node:crypto'
import type { StoredObject } from './stored-object.ts'
import { validate } from './validation.ts'
import { applyJsonPatch, applyMergePatch, Refusal, type Json } from './json-patch.ts'

export type { StoredObject } from './stored-object.ts'

/** An object before the server has stored it. */
export type NewObject = Omit<Partial<StoredObject>, 'metadata'> & {
  readonly metadata: Partial<StoredObject['metadata']> & { readonly name: string; readonly namespace: string }
}

type Change = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: StoredObject) => void

/** What a test or demo can do to the server while it runs. */
export interface ServerFaults {
  /** Answers nothing at all: connections are cut. */
  down: boolean
  /** Every answer waits this long (milliseconds of wall time). */
  delayMs: number
  /** Rights that are refused, as `verb resource`. */
  readonly forbidden: Set<string>
  /** Bearer token to ask for; empty accepts anybody. */
  token: string
}

const PLURALS: Readonly<Record<string, string>> = {
  VirtualService: '/apis/networking.istio.io/v1/namespaces/*/virtualservices',
  DestinationRule: '/apis/networking.istio.io/v1/namespaces/*/destinationrules',
  HTTPRoute: '/apis/gateway.networking.k8s.io/v1/namespaces/*/httproutes',
  GRPCRoute: '/apis/gateway.networking.k8s.io/v1/namespaces/*/grpcroutes',
  Ingress: '/apis/networking.k8s.io/v1/namespaces/*/ingresses',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/namespaces/*/horizontalpodautoscalers',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/*/poddisruptionbudgets',
  Deployment: '/apis/apps/v1/namespaces/*/deployments',
  Service: '/api/v1/namespaces/*/services',
  ServiceAccount: '/api/v1/namespaces/*/serviceaccounts',
  Pod: '/api/v1/namespaces/*/pods',
  ConfigMap: '/api/v1/namespaces/*/configmaps',
  EndpointSlice: '/apis/discovery.k8s.io/v1/namespaces/*/endpointslices',
  Lease: '/apis/coordination.k8s.io/v1/namespaces/*/leases',
}

const LONGEST_WATCH_MS = 1_800_000

/** One request, without its transport. */
export interface SandboxRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly text: string
  readonly contentType: string
  readonly authorization?: string | undefined
}

export interface SandboxAnswer {
  readonly status: number
  readonly body: unknown
}

interface Target {
  readonly collection: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

/** The Kubernetes API for the few kinds a release touches, over HTTP, with its conflicts and refusals. */
export class SandboxApiServer {
  readonly faults: ServerFaults = { down: false, delayMs: 0, forbidden: new Set(), token: '' }
  /** Requests so far, by `METHOD resource`. */
  readonly counts = new Map<string, number>()
  private readonly objects = new Map<string, StoredObject>()
  private readonly watchers = new Set<{ readonly target: Target; readonly name: string; readonly send: Change }>()
  private readonly listeners: Change[] = []
  private readonly server: http.Server
  private readonly now: () => number
  private version = 1000

  constructor(now: () => number) {
    this.now = now
    this.server = http.createServer((request, response) => {
      this.answer(request, response).catch((thrown: unknown) => {
        response.destroy(thrown as Error)
      })
    })
  }

  async listen(): Promise<string> {
    return (await listenOnLoopback(this.server)).url
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  /** Cuts every open connection, as a restart does. */
  cut(): void {
    this.server.closeAllConnections()
  }

  /** Is told of every change, for the controllers of the sandbox. */
  onChange(listener: Change): void {
    this.listeners.push(listener)
  }

  find(kind: string, namespace: string, name: string): StoredObject | undefined {
    return this.objects.get(`${this.collectionOf(kind, namespace)}/${name}`)
  }

  list(kind: string, namespace: string): StoredObject[] {
    const prefix = `${this.collectionOf(kind, namespace)}/`
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object)
  }

  /** Creates or replaces, as a controller or `kubectl apply` inside the sandbox would. */
  put(kind: string, object: NewObject): StoredObject {
    const key = `${this.collectionOf(kind, object.metadata.namespace)}/${object.metadata.name}`
    const before = this.objects.get(key)
    const merged = { ...before, ...object, kind, metadata: { ...before?.metadata, ...object.metadata } }
    return this.store(key, merged as StoredObject, before)
  }

  remove(kind: string, namespace: string, name: string): void {
    const key = `${this.collectionOf(kind, namespace)}/${name}`
    const object = this.objects.get(key)
    if (object === undefined) return
    this.objects.delete(key)
    this.tell('DELETED', key, object)
  }

  private collectionOf(kind: string, namespace: string): string {
    return (PLURALS[kind] ?? `/unknown/${kind}/*`).replace('*', namespace)
  }

  private tell(type: Parameters<Change>[0], key: string, object: StoredObject): void {
    for (const listener of this.listeners) listener(type, object)
    for (const watcher of this.watchers) {
      if (key === `${watcher.target.collection}/${watcher.name}`) watcher.send(type, object)
    }
  }

  private store(key: string, object: StoredObject, before: StoredObject | undefined): StoredObject {
    validate(object)
    this.version += 1
    const changedSpec = JSON.stringify(object.spec) !== JSON.stringify(before?.spec)
    object.metadata = {
      ...object.metadata,
      uid: before?.metadata.uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? new Date(this.now()).toISOString().slice(0, 19) + 'Z',
      generation: (before?.metadata.generation ?? 0) + (changedSpec || before === undefined ? 1 : 0),
      resourceVersion: String(this.version),
    }
    this.objects.set(key, object)
    this.tell(before === undefined ? 'ADDED' : 'MODIFIED', key, object)
    return object
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (this.faults.down) {
      request.socket.destroy()
      return
    }
    if (this.faults.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.faults.delayMs))
    const path = request.url ?? '/'
    const { pathname, searchParams } = new URL(path, 'http://sandbox')
    const target = parsePath(pathname)
    const isRefused = this.isUnauthorized(request.headers.authorization)
    if (!isRefused && target !== undefined && searchParams.get('watch') === 'true' && this.mayWatch(target)) {
      this.count('WATCH', target.resource)
      this.watch(target, searchParams, response)
      return
    }
    const answer = this.respond({
      method: request.method ?? 'GET',
      path,
      text: Buffer.concat(chunks).toString('utf8'),
      contentType: request.headers['content-type'] ?? '',
      authorization: request.headers.authorization,
    })
    send(response, answer.status, answer.body)
  }

  private isUnauthorized(authorization: string | undefined): boolean {
    return this.faults.token !== '' && authorization !== `Bearer ${this.faults.token}`
  }

  private mayWatch(target: Target): boolean {
    return !this.faults.forbidden.has(`watch ${target.resource}`)
  }

  /** Answers one request at once; a refusal is an answer too. */
  respond({ method, path, text, contentType, authorization }: SandboxRequest): SandboxAnswer {
    const url = new URL(path, 'http://sandbox')
    try {
      if (this.isUnauthorized(authorization)) throw new Refusal(401, 'Unauthorized', 'Unauthorized')
      const body = (text === '' ? null : JSON.parse(text)) as Json
      const target = parsePath(url.pathname)
      const isWatch = url.searchParams.get('watch') === 'true'
      this.count(isWatch ? 'WATCH' : method, target?.resource ?? url.pathname)
      const done = method === 'POST' ? 201 : 200
      if (target === undefined) return { status: done, body: this.outside(url.pathname, body) }
      this.authorize(isWatch ? 'watch' : verbOf(method, target), target.resource)
      const result = this.serve(method, target, url, body, contentType)
      return { status: done, body: result }
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      const { status, reason, message } = thrown
      return { status, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: status } }
    }
  }

  private count(method: string, resource: string): void {
    const key = `${method} ${resource}`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }

  private authorize(verb: string, resource: string): void {
    if (!this.faults.forbidden.has(`${verb} ${resource}`)) return
    throw new Refusal(403, 'Forbidden', `User "sandbox" cannot ${verb} resource "${resource}"`)
  }

  /** Discovery and access reviews, which are no stored objects. */
  private outside(path: string, body: Json): unknown {
    if (path === '/apis/networking.istio.io' || path === '/apis/gateway.networking.k8s.io') {
      return { kind: 'APIGroup', name: path.slice(6), preferredVersion: { version: 'v1' } }
    }
    const kinds = Object.entries(PLURALS).filter(([, plural]) => plural.startsWith(`${path}/namespaces/`))
    if (kinds.length > 0) {
      const resources = kinds.map(([kind, plural]) => ({ kind, name: plural.split('/').at(-1), namespaced: true }))
      return { kind: 'APIResourceList', groupVersion: path.replace(/^\/apis?\//, ''), resources }
    }
    if (path.endsWith('/selfsubjectaccessreviews')) {
      const review = body as { spec?: { resourceAttributes?: { verb?: string; resource?: string } } }
      const { verb = '', resource = '' } = review.spec?.resourceAttributes ?? {}
      return { ...review, status: { allowed: !this.faults.forbidden.has(`${verb} ${resource}`) } }
    }
    throw new Refusal(404, 'NotFound', `the server could not find the requested resource ${path}`)
  }

  private serve(method: string, target: Target, url: URL, body: Json, contentType: string): unknown {
    const key = `${target.collection}/${target.name}`
    if (target.name === '') {
      if (method === 'GET') return this.listed(target, url)
      return this.create(target, body)
    }
    const before = this.objects.get(key)
    if (method === 'PATCH' && contentType.includes('apply-patch')) return this.apply(key, target, before, url, body)
    if (before === undefined) {
      throw new Refusal(404, 'NotFound', `${target.resource} "${target.name}" not found`)
    }
    if (method === 'GET') return before
    if (method === 'DELETE') {
      this.objects.delete(key)
      this.tell('DELETED', key, before)
      return { kind: 'Status', status: 'Success' }
    }
    const manager = url.searchParams.get('fieldManager') ?? 'unknown'
    // Stored objects are plain JSON by construction; the patch functions work on nothing else.
    const current = before as unknown as Json
    const next =
      method === 'PUT'
        ? body
        : contentType.includes('json-patch')
          ? applyJsonPatch(current, body)
          : applyMergePatch(current, body)
    if (method === 'PATCH' && contentType.includes('strategic')) {
      throw new Refusal(415, 'UnsupportedMediaType', 'strategic merge patch is not supported')
    }
    return this.update(key, before, next as unknown as StoredObject, manager)
  }

  /** Server-side apply of one who forces: what is applied is laid over what is there; a new object is made of it. */
  private apply(key: string, target: Target, before: StoredObject | undefined, url: URL, body: Json): StoredObject {
    const manager = url.searchParams.get('fieldManager')
    if (manager === null) throw new Refusal(400, 'BadRequest', 'fieldManager: Required value')
    const applied = body as unknown as StoredObject
    if (applied.metadata.name !== target.name) throw new Refusal(400, 'BadRequest', 'the name of the object is another')
    const managedFields = [{ manager, operation: 'Apply' }]
    if (before === undefined) {
      const metadata = { ...applied.metadata, namespace: target.namespace, managedFields }
      return this.store(key, { ...applied, metadata }, undefined)
    }
    const next = applyMergePatch(before as unknown as Json, body) as unknown as StoredObject
    return this.update(key, before, next, manager, 'Apply')
  }

  private update(
    key: string,
    before: StoredObject,
    next: StoredObject,
    manager: string,
    operation = 'Update',
  ): StoredObject {
    const asked = next.metadata.resourceVersion as string | undefined
    if (asked !== undefined && asked !== before.metadata.resourceVersion) {
      throw new Refusal(
        409,
        'Conflict',
        `Operation cannot be fulfilled on "${before.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
      )
    }
    // A write that changes nothing keeps the version, as the real server does.
    if (JSON.stringify(next) === JSON.stringify(before)) return before
    const others = (before.metadata.managedFields ?? []).filter((one) => one.manager !== manager)
    const metadata = { ...next.metadata, managedFields: [...others, { manager, operation }] }
    return this.store(key, { ...next, metadata }, before)
  }

  private create(target: Target, body: Json): StoredObject {
    const object = body as unknown as StoredObject
    const key = `${target.collection}/${object.metadata.name}`
    if (this.objects.has(key)) {
      throw new Refusal(409, 'AlreadyExists', `${target.resource} "${object.metadata.name}" already exists`)
    }
    return this.store(key, { ...object, metadata: { ...object.metadata, namespace: target.namespace } }, undefined)
  }

  private listed(target: Target, url: URL): unknown {
    const prefix = `${target.collection}/`
    const selector = (url.searchParams.get('labelSelector') ?? '').split(',').filter((one) => one !== '')
    const items = [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([, object]) => object)
      .filter((object) =>
        selector.every((one) => {
          const [name = '', value] = one.split('=')
          return object.metadata.labels?.[name] === value
        }),
      )
    return { kind: 'List', metadata: { resourceVersion: String(this.version) }, items }
  }

  private watch(target: Target, search: URLSearchParams, response: http.ServerResponse): void {
    const name = /metadata\.name=([^,]+)/.exec(search.get('fieldSelector') ?? '')?.[1] ?? ''
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const write: Change = (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`)
    const since = Number(search.get('resourceVersion') ?? 0)
    const missed = this.objects.get(`${target.collection}/${name}`)
    if (missed !== undefined && Number(missed.metadata.resourceVersion) > since) write('MODIFIED', missed)
    const watcher = { target, name, send: write }
    this.watchers.add(watcher)
    const seconds = Number(search.get('timeoutSeconds') ?? 0)
    const end = setTimeout(() => response.end(), seconds > 0 ? seconds * 1000 : LONGEST_WATCH_MS)
    end.unref()
    response.on('close', () => {
      clearTimeout(end)
      this.watchers.delete(watcher)
    })
  }
}

function verbOf(method: string, target: Target): string {
  const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
  return verbs[method] ?? (target.name === '' ? 'list' : 'get')
}

function parsePath(path: string): Target | undefined {
  const found = /^(\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/namespaces\/([^/]+)\/([^/]+))(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
    path,
  )
  if (found === null) return undefined
  const [, collection = '', namespace = '', resource = '', name = '', subresource = ''] = found
  return { collection, namespace, resource, name, subresource }
}

function send(response: http.ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
