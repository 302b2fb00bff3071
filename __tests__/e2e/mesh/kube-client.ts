import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where an API server is and who asks. */
export interface KubeAccess {
  readonly server: string
  readonly token: string
  readonly ca: string
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly resourceVersion?: string
    readonly deletionTimestamp?: string
    readonly uid?: string
  }
  readonly [key: string]: unknown
}

interface Resource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

/** Asks the API server as JSON, typed models left out: they drop fields that they do not know. */
export class KubeClient {
  private readonly access: KubeAccess
  private readonly agent: Agent
  private readonly discovered = new Map<string, Promise<readonly Resource[]>>()

  constructor(access: KubeAccess) {
    this.access = access
    this.agent = new Agent({ keepAlive: true, ca: access.ca, maxSockets: 20 })
  }

  close(): void {
    this.agent.destroy()
  }

  async ask<T>(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<T> {
    const { status, text } = await this.send(method, path, body, contentType)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
    return JSON.parse(text) as T
  }

  /** As it is: a refusal is an answer. */
  send(method: string, path: string, body: unknown, contentType: string) {
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers: Record<string, string> = { authorization: `Bearer ${this.access.token}` }
      const payload = body === undefined ? '' : JSON.stringify(body)
      if (payload !== '') {
        headers['content-type'] = contentType
        // Node frames no body of a DELETE by itself, and the rest would be read as the next request.
        headers['content-length'] = String(Buffer.byteLength(payload))
      }
      const sent = request(`${this.access.server}${path}`, { method, headers, agent: this.agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        answer.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(payload)
    })
  }

  /** Streams a watch until it ends; the caller lists and starts again. */
  watch(path: string, onEvent: (event: { type: string; object: KubeObject }) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.access.token}` }
      const sent = request(`${this.access.server}${path}`, { headers, agent: this.agent }, (answer) => {
        let rest = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) if (line !== '') onEvent(JSON.parse(line) as { type: string; object: KubeObject })
        })
        answer.on('end', resolve)
        answer.on('error', reject)
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  private async resourceOf(apiVersion: string, kind: string): Promise<Resource> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const known = this.discovered.get(root) ?? this.ask<{ resources: Resource[] }>('GET', root).then((r) => r.resources)
    this.discovered.set(root, known)
    const found = (await known).find((each) => each.kind === kind && !each.name.includes('/'))
    if (found !== undefined) return found
    this.discovered.delete(root)
    throw new Error(`the API server knows no ${kind} in ${apiVersion}`)
  }

  async pathOf({ apiVersion, kind, metadata }: KubeObject, namespace?: string): Promise<string> {
    const { name, namespaced } = await this.resourceOf(apiVersion, kind)
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const inside = namespaced ? `/namespaces/${metadata.namespace ?? namespace ?? 'default'}` : ''
    return `${root}${inside}/${name}/${metadata.name}`
  }

  async apply(object: KubeObject, namespace?: string): Promise<void> {
    const path = await this.pathOf(object, namespace)
    await this.ask('PATCH', `${path}?fieldManager=rig&force=true`, object, 'application/apply-patch+yaml')
  }
}

/** Asks again until there is an answer; the last refusal is the reason when there is none in time. */
export async function eventually<T>(what: string, ask: () => Promise<T | null>, timeoutMs = 30_000): Promise<T> {
  const until = Date.now() + timeoutMs
  let last = 'not yet'
  for (;;) {
    const found = await ask().catch((thrown: unknown) => {
      last = (thrown as Error).message
      return null
    })
    if (found !== null) return found
    if (Date.now() > until) throw new Error(`${what}: not within ${timeoutMs / 1000} s (${last})`)
    await sleep(50)
  }
}
