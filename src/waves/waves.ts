import { abort, rollback, status } from '../control.ts'
import { toDuration } from '../core/duration.ts'
import { isFinished } from '../core/state.ts'
import type { Report } from '../drive.ts'
import { ReleaseError, toReleaseError } from '../errors.ts'
import type { Lock, Platform } from '../ports.ts'
import { release } from '../release.ts'
import type { ReleaseOptions } from '../wire.ts'
import { isOver, WavesStore, type WavesState } from './wave-state.ts'

/** One place of a wave: a namespace, a cluster, or a partition with Deployments of its own. */
export interface Group {
  /** For people, unique in the release. */
  readonly name: string
  /** Its release; its platform is that of its own cluster. */
  readonly options: ReleaseOptions
}

/** Groups that are released before the next wave begins. */
export interface Wave {
  readonly groups: readonly Group[]
  /** Nothing begins for so long after it; default 0. */
  readonly pauseMs?: number
}

/** A service that is released in one group after the other. */
export interface WavesOptions {
  readonly service: string
  /** Where the state of the whole is kept. */
  readonly namespace: string
  readonly version: string
  readonly waves: readonly Wave[]
  /** How many groups of a wave are released at the same time; default 1. */
  readonly sideBySide?: number
  /** What becomes of earlier waves when one fails; default `revert-all`. */
  readonly onFailure?: 'revert-all' | 'keep-before'
  /** The outside of the whole: its state and its lock. */
  readonly platform: Platform
  readonly lock: Lock
  readonly holder: string
  readonly signal?: AbortSignal
}

/** How one group ended. */
export interface GroupReport {
  readonly name: string
  readonly wave: number
  readonly outcome: Report['outcome'] | 'untouched'
  readonly reason: string
}

/** How the whole ended, with what every group came to. */
export interface WavesReport {
  readonly outcome: Report['outcome']
  readonly reason: string
  readonly groups: readonly GroupReport[]
}

/** Runs at most so many at once; after a failure nothing more is begun. */
async function pool<Item>(
  items: readonly Item[],
  most: number,
  run: (item: Item) => Promise<'go-on' | 'stop'>,
): Promise<void> {
  const waiting = [...items]
  let isStopped = false
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !isStopped; item = waiting.shift()) {
      if ((await run(item)) === 'stop') isStopped = true
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.max(1, most) }, worker))
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

class Waves {
  private readonly options: WavesOptions
  private readonly store: WavesStore
  private readonly reports = new Map<string, Pick<GroupReport, 'outcome' | 'reason'>>()

  constructor(options: WavesOptions) {
    this.options = options
    this.store = new WavesStore(options.platform, options.namespace, options.service)
    const names = options.waves.flatMap(({ groups }) => groups.map(({ name }) => name))
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new ReleaseError('INVALID_CONFIG', `waves: the group ${twice} is there twice`)
    if (names.length === 0) throw new ReleaseError('INVALID_CONFIG', 'waves: there are no groups')
  }

  private now(): number {
    return this.options.platform.clock.now()
  }

  private async enter(
    state: WavesState,
    phase: WavesState['phase'],
    more: Partial<WavesState> = {},
  ): Promise<WavesState> {
    const next = { ...state, phase, since: this.now(), ...more }
    await this.store.save(next)
    this.options.platform.say(
      `waves of ${this.options.service}: ${phase}, wave ${next.wave + 1} of ${this.options.waves.length}${next.reason === '' ? '' : `; ${next.reason}`}`,
    )
    return next
  }

  private get allGroups(): readonly Group[] {
    return this.options.waves.flatMap(({ groups }) => groups)
  }

  private async begin(): Promise<WavesState> {
    const { version } = this.options
    const found = await Promise.all(
      this.allGroups.map(async ({ name, options }) => {
        const { release: one, state } = await status(options)
        return state?.phase === 'promoted' && one?.version === version ? [name] : []
      }),
    )
    const start = { schema: 1, version, wave: 0, since: this.now(), reason: '', untouched: found.flat() } as const
    return this.enter({ ...start, phase: 'rising' }, 'rising')
  }

  /** Releases the groups of the wave; those that are through already answer at once. */
  private async rise(state: WavesState): Promise<WavesState> {
    const { signal, sideBySide = 1, version, waves } = this.options
    const { groups = [] } = waves[state.wave] ?? {}
    const failures: string[] = []
    const stop = new AbortController()
    const cancel = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])])
    await pool(groups, sideBySide, async ({ name, options }) => {
      if (cancel.aborted) return 'stop'
      const report = await release({ ...options, version, signal: cancel })
      this.reports.set(name, report)
      if (report.outcome === 'promoted') return 'go-on'
      if (report.outcome === 'paused') {
        failures.push('')
        return 'stop'
      }
      failures.push(`${name}: ${report.reason}`)
      // What runs beside it goes back with it, and does not go on towards what nobody wants any more.
      stop.abort()
      return 'stop'
    })
    if (signal?.aborted === true) return state
    const [why] = failures.filter((one) => one !== '')
    if (why !== undefined) return this.enter(state, 'going-back', { reason: why })
    if (failures.length > 0) return state
    const isLast = state.wave + 1 >= waves.length
    return isLast ? this.enter(state, 'promoted', { reason: 'every wave passed' }) : this.enter(state, 'resting')
  }

  private async rest(state: WavesState): Promise<WavesState> {
    const { platform, signal = new AbortController().signal, waves } = this.options
    const end = state.since + (waves[state.wave]?.pauseMs ?? 0)
    if (this.now() < end) {
      platform.say(`the next wave begins in ${toDuration(end - this.now())}`)
      await platform.clock.sleepUntil(end, signal)
      if (signal.aborted) return state
    }
    return this.enter(state, 'rising', { wave: state.wave + 1 })
  }

  /** Brings one group back from wherever it is; answers why it cannot, '' for done. */
  private async bringBack({ name, options }: Group, isKept: boolean): Promise<string> {
    const { release: one, state } = await status(options)
    if (one === null || state === null) return ''
    const isRollback = state.plan.strategy === 'rollback'
    try {
      if (!isFinished(state)) {
        const ended = isRollback ? await release({ ...options, version: one.version }) : await abort(options)
        if (!isRollback) this.reports.set(name, ended)
        return ended.outcome === 'stuck' ? `${name}: ${ended.reason}` : ''
      }
      if (isRollback || isKept || state.phase !== 'promoted' || one.version !== this.options.version) return ''
      const back = await rollback(options)
      this.reports.set(name, { outcome: back.outcome === 'promoted' ? 'reverted' : back.outcome, reason: back.reason })
      return back.outcome === 'promoted' ? '' : `${name}: ${back.reason}`
    } catch (thrown) {
      const { code, message } = toReleaseError(thrown)
      if (code !== 'COMMAND_REFUSED') throw thrown
      return `${name} cannot be brought back: ${message}`
    }
  }

  private async goBack(state: WavesState): Promise<WavesState> {
    const { onFailure = 'revert-all', waves } = this.options
    const problems: string[] = []
    for (let index = state.wave; index >= 0; index -= 1) {
      const isKept = index < state.wave && onFailure === 'keep-before'
      for (const group of [...(waves[index]?.groups ?? [])].reverse()) {
        if (state.untouched.includes(group.name)) continue
        const problem = await this.bringBack(group, isKept)
        if (problem !== '') problems.push(problem)
      }
    }
    return problems.length === 0
      ? this.enter(state, 'reverted')
      : this.enter(state, 'stuck', { reason: `${state.reason}; ${problems.join('; ')}` })
  }

  private report(outcome: Report['outcome'], state: WavesState): WavesReport {
    const groups = this.options.waves.flatMap((wave, index) =>
      wave.groups.map(({ name }): GroupReport => {
        const known = this.reports.get(name) ?? { outcome: 'untouched', reason: '' }
        return { name, wave: index, outcome: known.outcome, reason: known.reason }
      }),
    )
    return { outcome, reason: state.reason, groups }
  }

  private async load(): Promise<WavesState> {
    const saved = await this.store.load()
    if (saved === null || isOver(saved)) return this.begin()
    if (saved.version === this.options.version) return saved
    throw new ReleaseError(
      'UNFINISHED_RELEASE',
      `${this.options.service} has an unfinished release of ${saved.version} in waves (${saved.phase}, wave ${saved.wave + 1})`,
      { hint: `go on with it (version ${saved.version}), or bring it back with abort` },
    )
  }

  async run(isWayBack: boolean): Promise<WavesReport> {
    const { signal } = this.options
    let state = isWayBack ? await this.turn() : await this.load()
    for (;;) {
      const before = state
      if (isOver(state)) return this.report(state.phase as 'promoted' | 'reverted' | 'stuck', state)
      if (signal?.aborted === true && state.phase !== 'going-back') return this.report('interrupted', state)
      if (state.phase === 'rising') state = await this.rise(state)
      else if (state.phase === 'resting') state = await this.rest(state)
      else state = await this.goBack(state)
      if (state === before) return this.report(signal?.aborted === true ? 'interrupted' : 'paused', state)
    }
  }

  /** A person wants all of it back. */
  private async turn(): Promise<WavesState> {
    const saved = await this.store.load()
    if (saved === null || (isOver(saved) && saved.phase !== 'promoted')) {
      throw new ReleaseError('NO_RELEASE', `there is no release of ${this.options.service} in waves to bring back`)
    }
    if (saved.phase === 'going-back') return saved
    return this.enter(saved, 'going-back', { reason: `aborted by ${this.options.holder}` })
  }
}

async function locked(options: WavesOptions, isWayBack: boolean): Promise<WavesReport> {
  const waves = new Waves(options)
  const signal = options.signal ?? new AbortController().signal
  const held = await options.lock.acquire(options.holder, 0, { seize: false, signal })
  try {
    return await waves.run(isWayBack)
  } finally {
    await held.release()
  }
}

/**
 * Releases a version in one wave of groups after the other, or goes on with an unfinished one. A group that fails goes
 * back by itself; those of its wave, and by policy those before, follow.
 * @throws ReleaseError when it could not be driven; a revert is an outcome and is returned
 */
export function releaseWaves(options: WavesOptions): Promise<WavesReport> {
  return locked(options, false)
}

/** Brings every group back that this release, or the last one, has moved. @throws ReleaseError NO_RELEASE for none */
export function abortWaves(options: WavesOptions): Promise<WavesReport> {
  return locked({ ...options, onFailure: 'revert-all' }, true)
}
