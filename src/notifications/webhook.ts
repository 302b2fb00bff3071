import type { Release, ReleaseEvent } from '../core/events.ts'
import { describeShares, toShares } from '../core/shares.ts'
import type { ReleaseState } from '../core/state.ts'
import type { Connect, Listener, Platform } from '../ports.ts'

/** Moments of a release that somebody may want to hear of. */
export const MOMENTS = ['started', 'stage', 'paused', 'reverting', 'promoted', 'reverted', 'stuck'] as const
export type Moment = (typeof MOMENTS)[number]

/** Where to, and what. */
export interface WebhookOptions {
  /** The address is a secret: whoever knows it may post there. */
  readonly url: string
  /** `json` (default) is the body below; `slack` is what Slack, Mattermost and Teams' Slack connectors take. */
  readonly format?: 'json' | 'slack'
  /** Default: all but `stage`. */
  readonly on?: readonly Moment[]
  /** One try may take this long; default 2.5 s. */
  readonly timeoutMs?: number
}

/** The body of the format `json`. */
export interface Notification {
  readonly schema: 1
  readonly moment: Moment
  /** When it happened, ISO 8601. */
  readonly at: string
  readonly text: string
  readonly release: Release
  /** The candidate's percent. */
  readonly weight: number
  readonly reason: string
}

const DEFAULT_TIMEOUT_MS = 2_500
/** Waits before each new try; altogether below the time that a run gives its listeners at the end. */
const RETRY_MS = [300, 1000]
const LOUD: ReadonlySet<Moment> = new Set(['reverting', 'reverted', 'stuck'])

function momentOf(event: ReleaseEvent, state: ReleaseState): Moment | null {
  switch (event.type) {
    case 'release-started':
    case 'rollback-started':
      return 'started'
    case 'traffic-shifted':
      return state.phase === 'baking' ? 'stage' : null
    case 'release-paused':
      return 'paused'
    case 'revert-started':
    case 'abort-requested':
      return 'reverting'
    case 'release-finished':
      return event.outcome
    default:
      return null
  }
}

/** What there is to say about a moment; null for what is no moment. */
export function notificationOf(event: ReleaseEvent, state: ReleaseState, release: Release): Notification | null {
  const moment = momentOf(event, state)
  if (moment === null) return null
  const reason = 'reason' in event ? event.reason : ''
  const shares = describeShares(toShares(release.stable, release.candidate, state.weight))
  const said = reason === '' ? '' : `: ${reason}`
  return {
    schema: 1,
    moment,
    at: new Date(event.at).toISOString(),
    text: `${release.service} ${release.version} ${moment}${said} (${shares})`,
    release,
    weight: state.weight,
    reason,
  }
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function bodyOf(format: 'json' | 'slack', one: Notification): unknown {
  if (format === 'json') return one
  const { text, moment, release } = one
  const { run } = release.origin
  const link = run === '' ? '' : ` <${run}|run>`
  const colour = LOUD.has(moment) ? 'danger' : moment === 'promoted' ? 'good' : '#8a5a00'
  return {
    text: `${escape(release.service)} ${escape(release.version)}: ${moment}`,
    attachments: [{ color: colour, text: `${escape(text)}${link}`, fallback: escape(text) }],
  }
}

/** One try. Answers why it is worth another one; null when it arrived. @throws Error what no other try mends */
async function tryOnce(options: WebhookOptions, body: string, platform: Platform): Promise<string | null> {
  let status = 0
  try {
    const response = await platform.fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'gray-release' },
      body,
      // An address that sends on elsewhere is not the one that was given.
      redirect: 'manual',
      signal: platform.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    })
    await response.body?.cancel()
    status = response.status
  } catch (thrown) {
    return (thrown as Error).message
  }
  if (status >= 200 && status < 300) return null
  if (status >= 500 || status === 429) return `status ${status}`
  throw new Error(`status ${status}`)
}

async function post(options: WebhookOptions, body: string, platform: Platform): Promise<void> {
  const { clock } = platform
  let why = await tryOnce(options, body, platform)
  for (const waitMs of RETRY_MS) {
    if (why === null) return
    await clock.sleepUntil(clock.now() + waitMs, AbortSignal.any([]))
    why = await tryOnce(options, body, platform)
  }
  if (why !== null) throw new Error(why)
}

/** Tells an address of the moments of a release. It delays nothing: listeners run beside the release. */
export function webhook(options: WebhookOptions): Connect<Listener> {
  return (platform) => {
    const wanted = new Set<Moment>(options.on ?? MOMENTS.filter((moment) => moment !== 'stage'))
    return async (event, state, release) => {
      const one = notificationOf(event, state, release)
      if (one === null || !wanted.has(one.moment)) return
      try {
        await post(options, JSON.stringify(bodyOf(options.format ?? 'json', one)), platform)
      } catch (thrown) {
        // The host alone: the rest of the address is the secret.
        const { host } = new URL(options.url)
        platform.say(`warning: the notification "${one.moment}" did not reach ${host}: ${(thrown as Error).message}`)
      }
    }
  }
}
