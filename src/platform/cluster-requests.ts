import { ReleaseError, type ErrorCode } from '../errors.ts'
import type { Cluster, ClusterRequest } from '../ports.ts'

/** One answer of the API server. */
export interface Answer {
  readonly status: number
  readonly text: string
  /** Seconds, as the server wrote them; empty when it did not. */
  readonly retryAfter: string
}

/** What a request needs to go out, and to go out again. */
export interface Sending {
  /** The server's address, for people. */
  readonly host: string
  /** Sends once. Rejects when no answer came; the request may have taken effect all the same. */
  readonly send: (request: ClusterRequest) => Promise<Answer>
  readonly pause: (lengthMs: number) => Promise<void>
  /** Reads the credentials again: a short-lived token may have been renewed since. */
  readonly reload: () => void
  readonly isClosing: () => boolean
}

/** Waits before each new try; jitter keeps drivers from knocking in step. */
const RETRY_MS = [100, 300, 900, 2000]
const MOST_ASKED_MS = 5000

function describeRequest(request: ClusterRequest): string {
  return `${request.method} ${request.path.split('?')[0] ?? ''}`
}

function statusMessage(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: unknown }
    if (typeof status.message === 'string') return status.message
  } catch {
    // Not a Status object: a proxy in between answered.
  }
  return text.slice(0, 200)
}

function refusal(request: ClusterRequest, answer: Answer): ReleaseError {
  const what = `${describeRequest(request)}: ${answer.status} ${statusMessage(answer.text)}`
  const codes: Record<number, ErrorCode> = {
    401: 'CLUSTER_UNAUTHORIZED',
    403: 'CLUSTER_FORBIDDEN',
    404: 'CLUSTER_NOT_FOUND',
    409: 'CLUSTER_CONFLICT',
    429: 'CLUSTER_UNREACHABLE',
  }
  const code = codes[answer.status] ?? (answer.status >= 500 ? 'CLUSTER_UNREACHABLE' : 'CLUSTER_REJECTED')
  const hints: Record<number, string> = {
    401: 'the credentials of the kubeconfig are not (or no longer) accepted',
    403: 'grant the verb and resource named above; the README lists the minimal Role',
  }
  return new ReleaseError(code, what, { hint: hints[answer.status] ?? '' })
}

/** Whether the same request may be sent again without knowing if the first one took effect. */
const isRepeatable = (request: ClusterRequest): boolean => request.method !== 'POST'

/** Requests that are tried again when that may help, with clear errors when it cannot. */
export function requesting({ host, send, pause, reload, isClosing }: Sending): Cluster['request'] {
  return async <Result>(request: ClusterRequest): Promise<Result> => {
    let reloaded = false
    for (let attempt = 0; ; attempt += 1) {
      const waitMs = RETRY_MS[attempt]
      try {
        const answer = await send(request)
        if (answer.status < 300) return (answer.text === '' ? {} : JSON.parse(answer.text)) as Result
        if (answer.status === 401 && !reloaded) {
          reloaded = true
          reload()
          continue
        }
        const busy = answer.status === 429 || answer.status >= 500
        if (!busy || waitMs === undefined) throw refusal(request, answer)
        const asked = Number(answer.retryAfter)
        await pause(Number.isFinite(asked) && asked > 0 ? Math.min(asked * 1000, MOST_ASKED_MS) : waitMs)
      } catch (thrown) {
        if (thrown instanceof ReleaseError) throw thrown
        const gone = request.signal?.aborted === true || isClosing()
        if (gone || waitMs === undefined || !isRepeatable(request)) {
          throw new ReleaseError(
            'CLUSTER_UNREACHABLE',
            `${describeRequest(request)} at ${host}: ${(thrown as Error).message}`,
            { hint: 'is the API server of the kubeconfig reachable from this machine?', cause: thrown },
          )
        }
        await pause(waitMs)
      }
    }
  }
}
