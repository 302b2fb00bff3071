import { requesting } from '../../src/platform/cluster-requests.ts'
import type { Cluster, ClusterRequest } from '../../src/ports.ts'
import type { World } from './world.ts'

class Death extends Error {}

/** Ends the process at the n-th request to the API server, before or after it took effect. */
export interface Reaper {
  readonly at: number
  readonly moment: 'before' | 'after'
  calls: number
  isDead: boolean
}

export const reaper = (at: number, moment: Reaper['moment']): Reaper => ({ at, moment, calls: 0, isDead: false })

/** One that dies of nothing. */
export const NEVER = (): Reaper => reaper(-1, 'before')

/** The sandbox's API server without a network in between. */
export function mortalCluster(world: World, state: Reaper): Cluster {
  const send = (request: ClusterRequest) => {
    if (state.isDead) throw new Death()
    state.calls += 1
    const isNow = state.calls === state.at
    if (isNow) state.isDead = true
    if (isNow && state.moment === 'before') throw new Death()
    const { status, body } = world.api.respond({
      method: request.method,
      path: request.path,
      text: request.body === undefined ? '' : JSON.stringify(request.body),
      contentType: request.contentType ?? 'application/json',
    })
    if (isNow) throw new Death()
    return Promise.resolve({ status, text: JSON.stringify(body), retryAfter: '' })
  }
  const pause = () => Promise.resolve()
  const request = requesting({ host: 'sandbox', send, pause, reload: () => undefined, isClosing: () => state.isDead })
  const nothing = () => undefined
  return { server: 'sandbox', request, watch: nothing, skewMs: () => 0, takeWarnings: () => [], close: nothing }
}
