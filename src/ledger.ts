import type { Release, ReleaseEvent } from './core/events.ts'
import { encodeSaved, type Saved } from './core/saved.ts'
import type { Shares } from './core/shares.ts'
import { evolve, type ReleaseState } from './core/state.ts'
import { toReleaseError, type ReleaseError } from './errors.ts'
import type { Clock, Fence, Journal, Listener, LiveRoute, TrafficProvider } from './ports.ts'

/** An event as the loop makes it; the time is put in when it happens. */
export type Draft<Event = ReleaseEvent> = Event extends ReleaseEvent ? Omit<Event, 'at'> : never

/** Where a ledger writes, and whom it tells. */
export interface LedgerPorts {
  readonly traffic: TrafficProvider
  readonly journal: Journal
  readonly listeners: readonly Listener[]
  readonly clock: Clock
  readonly say: (line: string) => void
  readonly mask: (text: string) => string
  readonly fence: Fence
}

/** Listeners that have not finished by then are left behind when the run ends. */
const LAST_WORDS_MS = 10_000

/** Fields that carry what a cluster, a program or a person said; names and verdicts are never touched. */
const FREE_TEXTS: ReadonlySet<string> = new Set(['reason', 'message', 'summary', 'query'])

/** Masked once, where everything begins that is kept or shown. */
function withoutSecrets(event: ReleaseEvent, mask: (text: string) => string): ReleaseEvent {
  const text = JSON.stringify(event, (key, value: unknown) =>
    typeof value === 'string' && FREE_TEXTS.has(key) ? mask(value) : value,
  )
  return JSON.parse(text) as ReleaseEvent
}

/**
 * What happened: evolves the state, saves it together with the weights it belongs to, and tells the listeners after
 * that, never before. Listeners run beside the loop, in order, so that a slow one delays nothing.
 */
export class Ledger {
  state: ReleaseState
  /** A note another run left for us; taken away by the next write. */
  request: string | null = null
  /** Why the last try to save failed; null when it did not. */
  problem: ReleaseError | null = null
  private told: ReleaseEvent[]
  private unsaved: ReleaseEvent[] = []
  /** What each listener is still being told; one that is slow keeps no other waiting. */
  private readonly telling: Promise<void>[]
  private readonly saved: Saved
  private readonly ports: LedgerPorts

  constructor(saved: Saved, journal: readonly ReleaseEvent[], ports: LedgerPorts) {
    this.saved = saved
    this.state = saved.state
    this.told = [...journal]
    this.ports = ports
    this.telling = ports.listeners.map(() => Promise.resolve())
  }

  get release(): Release {
    return this.saved.release
  }

  get journal(): readonly ReleaseEvent[] {
    return this.told
  }

  /** The newest event that is not saved yet. */
  get latest(): ReleaseEvent | undefined {
    return this.unsaved.at(-1)
  }

  happen(draft: Draft): void {
    // The cast only puts back the field that Draft took away.
    const event = withoutSecrets({ ...draft, at: this.ports.clock.now() }, this.ports.mask)
    this.state = evolve(this.state, event)
    this.unsaved.push(event)
  }

  /** Tells without saving: for observations, which another run makes anew. */
  observe(): void {
    const fresh = this.unsaved
    this.unsaved = []
    this.tell(fresh)
  }

  /** Tells of events that are saved elsewhere. */
  tell(events: readonly ReleaseEvent[]): void {
    this.told = [...this.told, ...events]
    const { state, release } = this
    const { listeners, say } = this.ports
    listeners.forEach((listener, index) => {
      this.telling[index] = (this.telling[index] ?? Promise.resolve()).then(async () => {
        for (const event of events) {
          try {
            await listener(event, state, release)
          } catch (thrown) {
            say(`a listener failed and was ignored: ${toReleaseError(thrown).message}`)
          }
        }
      })
    })
  }

  /** Writes shares and state in one change; nobody is told yet. */
  async write(shares: Shares | null, expected: readonly Shares[] | null): Promise<LiveRoute> {
    const { request, saved, state } = this
    const { fence } = this.ports
    const note = encodeSaved({ ...saved, holder: fence.holder, state })
    const notes = { state: note, ...(request === null ? {} : { request: null }) }
    const audience = shares === null ? null : { ...state.audience, colour: saved.release.candidate }
    const live = await this.ports.traffic.write({ shares, audience, expected, fence, notes })
    this.request = null
    return live
  }

  /** Writes shares as the consequence of an event; when that fails, the event did not happen. */
  async writeWith(draft: Draft, shares: Shares, expected: readonly Shares[] | null): Promise<void> {
    const before = { state: this.state, unsaved: [...this.unsaved] }
    this.happen(draft)
    try {
      const begun = this.ports.clock.now()
      await this.write(shares, expected)
      const tookMs = this.ports.clock.now() - begun
      this.unsaved = this.unsaved.map((one) => (one.type === 'traffic-shifted' ? { ...one, tookMs } : one))
    } catch (thrown) {
      this.state = before.state
      this.unsaved = before.unsaved
      throw thrown
    }
  }

  /** After a write: the journal, then the listeners. */
  async announce(): Promise<void> {
    if (this.unsaved.length === 0) return
    const fresh = this.unsaved
    this.unsaved = []
    this.tell(fresh)
    try {
      await this.ports.journal.save(this.release, this.told)
    } catch (thrown) {
      this.ports.say(`the journal could not be written: ${toReleaseError(thrown).message}`)
    }
  }

  async save(): Promise<void> {
    if (this.unsaved.length === 0) return
    await this.write(null, null)
    await this.announce()
  }

  /** Saves if it can; an API server that is away for a while must not end the release. */
  async trySave(): Promise<boolean> {
    try {
      await this.save()
      this.problem = null
      return true
    } catch (thrown) {
      const error = toReleaseError(thrown)
      if (error.code === 'STATE_CONFLICT') throw error
      this.problem = error
      this.ports.say(`the release could not be saved, trying again: ${error.message}`)
      return false
    }
  }

  /** Waits for the listeners, but not for ever. */
  async close(): Promise<void> {
    const done = new AbortController()
    const { clock } = this.ports
    const all = Promise.all(this.telling).finally(() => {
      done.abort()
    })
    await Promise.race([all, clock.sleepUntil(clock.now() + LAST_WORDS_MS, done.signal)])
  }
}
