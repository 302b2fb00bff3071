import http from 'node:http'
import https from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { ReleaseError } from '../errors.ts'
import type { Cluster, ClusterRequest, KubeObject } from '../ports.ts'
import { requesting, type Answer } from './cluster-requests.ts'

/** Which API server. Without `server` and `kubeconfig` the usual places say (KUBECONFIG, ~/.kube/config, in-cluster). */
export interface ClusterOptions {
  readonly kubeconfig?: string
  readonly context?: string
  /** Address of a server that asks for no credentials, as `kubectl proxy` offers one. */
  readonly server?: string
  /** How long one request may take. */
  readonly timeoutMs: number
}

function loadConfig(options: ClusterOptions): KubeConfig {
  const config = new KubeConfig()
  const { kubeconfig = '', context = '', server } = options
  try {
    if (server !== undefined)
      config.loadFromClusterAndUser({ name: 'given', server, skipTLSVerify: false }, { name: 'none' })
    else if (kubeconfig === '') config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
    if (context !== '') {
      if (config.getContextObject(context) === null) {
        const known = config
          .getContexts()
          .map((one) => one.name)
          .join(', ')
        throw new Error(`there is no context "${context}" (there are: ${known})`)
      }
      config.setCurrentContext(context)
    }
  } catch (thrown) {
    // The lines after the first one show the place in the file, with whatever secret stands there.
    const [why = ''] = (thrown as Error).message.split('\n')
    throw new ReleaseError('INVALID_CONFIG', `the kubeconfig cannot be used: ${why}`, {
      hint: 'set KUBECONFIG or the input kubeconfig to a file this run can read',
    })
  }
  return config
}

/** @throws ReleaseError INVALID_CONFIG for what is no address */
function addressOf(server: string): URL {
  // Typed as a text, but whatever the file says.
  const base = typeof server === 'string' && URL.canParse(server) ? new URL(server) : null
  if (base?.protocol === 'https:' || base?.protocol === 'http:') return base
  throw new ReleaseError('INVALID_CONFIG', 'the kubeconfig names a server that is no address', {
    hint: 'a server is written like https://kubernetes.example:6443',
  })
}

/** When a token runs out, as the token itself says; null for one that says nothing. */
export function endOfToken(token: string): number | null {
  const [, payload] = token.split('.')
  try {
    const { exp } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8')) as { readonly exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : null
  } catch {
    return null
  }
}

/** The API server of a kubeconfig: plain JSON over one kept connection, credentials by the Kubernetes client. */
export function connectCluster(options: ClusterOptions): Cluster & { readonly secrets: readonly string[] } {
  let config = loadConfig(options)
  const endpoint = config.getCurrentCluster()
  if (endpoint === null) {
    throw new ReleaseError('INVALID_CONFIG', 'the kubeconfig names no cluster', {
      hint: 'set KUBECONFIG or the input kubeconfig',
    })
  }
  const base = addressOf(endpoint.server)
  const agentOptions = { keepAlive: true, maxSockets: 8 }
  const plain = new http.Agent(agentOptions)
  // A watch keeps its connection for minutes: many of them would leave none for requests.
  const following = new http.Agent()
  const warnings = new Set<string>()
  let skew: number | null = null
  const closing = new AbortController()

  const open = async (
    request: ClusterRequest,
    timeoutMs: number,
    onResponse: (response: http.IncomingMessage) => void,
    onError: (error: Error) => void,
    agent = plain,
  ): Promise<http.ClientRequest> => {
    const url = new URL(base.pathname.replace(/\/$/, '') + request.path, base)
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'gray-release' }
    let body = ''
    if (request.body !== undefined) {
      body = JSON.stringify(request.body)
      headers['content-type'] = request.contentType ?? 'application/json'
      headers['content-length'] = String(Buffer.byteLength(body))
    }
    const send: https.RequestOptions = { method: request.method, headers, agent, timeout: timeoutMs }
    if (url.protocol === 'https:') {
      // The client's own agents are kept per cluster and user, so connections are reused.
      delete send.agent
      await config.applyToHTTPSOptions(send)
    } else {
      const user = config.getCurrentUser()
      if (user?.token !== undefined) headers['authorization'] = `Bearer ${user.token}`
    }
    const made = (url.protocol === 'https:' ? https : http).request(url, send, onResponse)
    made.on('error', onError)
    made.on('timeout', () => made.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)))
    made.end(body)
    return made
  }

  const once = (request: ClusterRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.any([closing.signal, ...(request.signal === undefined ? [] : [request.signal])])
      if (signal.aborted) {
        reject(new Error('aborted'))
        return
      }
      const onResponse = (response: http.IncomingMessage): void => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const date = Date.parse(response.headers.date ?? '')
          // The header has whole seconds: the middle of the second is the best guess.
          if (!Number.isNaN(date)) skew = date + 500 - Date.now()
          for (const warning of [response.headers['warning'] ?? []].flat()) {
            warnings.add(/^\d+ \S+ "(.*)"$/.exec(warning)?.[1] ?? warning)
          }
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] ?? '' })
        })
      }
      open(request, options.timeoutMs, onResponse, reject).then((made) => {
        const stop = (): void => void made.destroy(new Error('aborted'))
        signal.addEventListener('abort', stop, { once: true })
        made.on('close', () => {
          signal.removeEventListener('abort', stop)
        })
      }, reject)
    })

  const pause = (lengthMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, lengthMs * (0.5 + Math.random())))

  // Typed as texts, but null where the file says nothing.
  const { token, password, keyData }: Readonly<Record<string, unknown>> = { ...config.getCurrentUser() }
  const secrets = [token, password, keyData].flatMap((one) => (typeof one === 'string' && one !== '' ? [one] : []))
  return {
    secrets,
    server: endpoint.server,
    request: requesting({
      host: base.host,
      send: once,
      pause,
      reload: () => {
        config = loadConfig(options)
      },
      isClosing: () => closing.signal.aborted,
    }),
    watch(path, onObject, onEnd, signal) {
      let rest = ''
      let ended = false
      const end = (): void => {
        if (!ended) onEnd()
        ended = true
      }
      const onResponse = (response: http.IncomingMessage): void => {
        response.on('error', end)
        response.on('end', end)
        if (response.statusCode !== 200) {
          response.resume()
          return
        }
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            if (line.trim() === '') continue
            const change = JSON.parse(line) as { type: string; object: KubeObject }
            onObject(change.type, change.object)
          }
        })
      }
      open({ method: 'GET', path }, 300_000, onResponse, end, following).then((made) => {
        const stop = (): void => void made.destroy()
        made.on('close', end)
        AbortSignal.any([signal, closing.signal]).addEventListener('abort', stop, { once: true })
        if (signal.aborted) stop()
      }, end)
    },
    skewMs: () => skew,
    tokenEndsAt: () => endOfToken(config.getCurrentUser()?.token ?? ''),
    takeWarnings() {
      const taken = [...warnings]
      warnings.clear()
      return taken
    },
    close() {
      closing.abort()
      plain.destroy()
      following.destroy()
    },
  }
}
