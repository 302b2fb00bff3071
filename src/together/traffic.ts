import type { Member } from '../core/events.ts'
import type { Match } from '../core/plan.ts'
import { decodeFence, decodePart, decodeSaved, encodePart, type Saved } from '../core/saved.ts'
import { describeShares, MOST_LEFTOVER, type Colour, type Shares } from '../core/shares.ts'
import { isFinished } from '../core/state.ts'
import { ReleaseError, takingPart, toReleaseError } from '../errors.ts'
import type {
  Backend,
  Deployer,
  Finding,
  LiveRoute,
  Permission,
  RouteChange,
  TrafficProvider,
  Workloads,
} from '../ports.ts'

/** A service with its own parts, connected. */
export interface Part {
  readonly service: string
  readonly version: string
  readonly colours: readonly [Colour, Colour]
  readonly traffic: TrafficProvider
  readonly workloads: Workloads
  readonly deployer: Deployer
}

const other = (colours: readonly [Colour, Colour], colour: Colour): Colour =>
  colours[0] === colour ? colours[1] : colours[0]

/** The colour with the larger share. */
const leader = (shares: Shares | null, colours: readonly [Colour, Colour]): Colour =>
  (shares?.[colours[1]] ?? 0) > (shares?.[colours[0]] ?? 0) ? colours[1] : colours[0]

/** The first failure of several writes; a driver that was replaced matters most. */
function firstFailure(settled: readonly PromiseSettledResult<unknown>[]): ReleaseError | null {
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [toReleaseError(one.reason)] : []))
  return failures.find(({ code }) => code === 'STATE_CONFLICT') ?? failures[0] ?? null
}

/**
 * The routes of all services as one. Colours are those of the first service; the others may have their roles the
 * other way round. Weights are written to all routes, and what is saved, on the first one, comes last: it is never
 * ahead of what is live.
 */
export class TogetherTraffic implements TrafficProvider {
  readonly supports
  readonly needs: readonly Permission[]
  readonly parts: readonly Part[]
  private readonly first: Part
  private readonly name: string
  private roles: readonly Member[]
  private lives: readonly LiveRoute[] = []

  constructor(name: string, parts: readonly Part[]) {
    const [first] = parts
    if (first === undefined) throw new ReleaseError('INVALID_CONFIG', `${name}: there are no services`)
    this.name = name
    this.first = first
    this.parts = parts
    this.roles = parts.map((part) => this.memberOf(part, first.colours[0], part.colours[0]))
    this.needs = parts.flatMap(({ traffic }) => traffic.needs)
    const all = parts.map(({ traffic }) => traffic.supports)
    const inAll = (by: Match['by']): boolean => all.every(({ match }) => match.includes(by))
    this.supports = {
      precision: Math.max(...all.map(({ precision }) => precision)),
      match: (['header', 'cookie', 'custom'] as const).filter(inAll),
      mirror: all.every(({ mirror }) => mirror),
    }
  }

  private memberOf({ service, version, colours }: Part, ours: Colour, own: Colour): Member {
    const twin = other(this.first.colours, ours)
    return { service, version, colours: { [ours]: own, [twin]: other(colours, own) } }
  }

  members(): readonly Member[] {
    return this.roles
  }

  /** A colour of the release in the words of one service. */
  own(place: number, colour: Colour): Colour {
    return this.roles[place]?.colours[colour] ?? colour
  }

  private ownShares(place: number, shares: Shares): Shares {
    return Object.fromEntries(Object.entries(shares).map(([colour, weight]) => [this.own(place, colour), weight]))
  }

  /** Roles are fixed while a release is under way, and read from what is live otherwise. */
  private learn(lives: readonly LiveRoute[], saved: Saved | undefined): void {
    this.lives = lives
    const known = saved === undefined || isFinished(saved.state) ? [] : saved.release.members
    const ours = leader(lives[0]?.shares ?? null, this.first.colours)
    this.roles = this.parts.map((part, place) => {
      const fixed = known.find(({ service }) => service === part.service)
      const found = this.memberOf(part, ours, leader(lives[place]?.shares ?? null, part.colours))
      return fixed === undefined ? found : { ...found, colours: fixed.colours }
    })
  }

  /** Shares that all routes have, in the colours of the first one; null when they disagree. */
  private shares(): Shares | null {
    const [ours, theirs] = this.first.colours
    const weights = this.lives.map(({ shares }, place) => {
      return shares === null ? null : (shares[this.own(place, theirs)] ?? 0)
    })
    const [first = null] = weights
    if (first === null || weights.some((one) => one === null)) return null
    const known = weights.filter((one) => one !== null)
    const isTheirs = Math.min(...known) >= 100 - MOST_LEFTOVER
    const isOurs = Math.max(...known) <= MOST_LEFTOVER
    if (!known.every((one) => one === first) && !isTheirs && !isOurs) return null
    // Leftovers that differ are told by the largest of them.
    const weight = isTheirs ? Math.min(...known) : Math.max(...known)
    return { [ours]: 100 - weight, [theirs]: weight }
  }

  private isAsWritten(place: number): boolean {
    const live = this.lives[place]
    const note = decodePart(live?.notes.part ?? null)
    return live !== undefined && note !== undefined && note.of === this.name && live.has(note.shares)
  }

  /** The candidate's weight as each route was last given it; null where nothing is noted. */
  private written(candidate: Colour): readonly (number | null)[] {
    return this.lives.map(({ notes }, place) => decodePart(notes.part)?.shares[this.own(place, candidate)] ?? null)
  }

  /**
   * A write that reached some routes and not the others, or all of them and not what is saved. What others changed is
   * no write of ours.
   */
  private unfinished(): string {
    const inside = this.lives.map(({ unfinished }) => unfinished).filter((one) => one !== '')
    if (inside.length > 0) return inside.join('; ')
    const saved = decodeSaved(this.lives[0]?.notes.state ?? null)
    if (saved === undefined || isFinished(saved.state)) return ''
    const { state, release } = saved
    const written = this.written(release.candidate)
    if (written.every((one) => one === null || one === state.weight)) return ''
    if (!this.parts.every((_, place) => this.isAsWritten(place) || written[place] === null)) return ''
    const found = this.parts.map(
      ({ service }, place) => `${service} ${describeShares(this.lives[place]?.shares ?? null)}`,
    )
    return found.join(', ')
  }

  /** While a write is unfinished, the shares of the route that is furthest back. */
  private furthestBack(): Shares | null {
    const saved = decodeSaved(this.lives[0]?.notes.state ?? null)
    if (saved === undefined) return null
    const { candidate, stable } = saved.release
    const weights = this.lives.map(({ shares }, place) => shares?.[this.own(place, candidate)] ?? 0)
    const least = Math.min(...weights)
    return { [stable]: 100 - least, [candidate]: least }
  }

  private toLive(): LiveRoute {
    const [first] = this.lives
    const fences = this.lives.flatMap(({ notes }) => {
      const fence = decodeFence(notes.fence)
      return fence === undefined ? [] : [{ number: fence.number, text: notes.fence }]
    })
    const highest = [...fences].sort((one, two) => two.number - one.number)[0]
    const { lives } = this
    const unfinished = this.unfinished()
    return {
      object: lives.map(({ object }) => object).join(', '),
      shares: unfinished === '' ? this.shares() : this.furthestBack(),
      notes: {
        state: first?.notes.state ?? null,
        request: first?.notes.request ?? null,
        fence: highest?.text ?? null,
        part: null,
      },
      unfinished,
      has: (shares) => lives.every((live, place) => live.has(this.ownShares(place, shares))),
      serves: (audience, colour) => lives.every((live, place) => live.serves(audience, this.own(place, colour))),
    }
  }

  private refuseStrangers(lives: readonly LiveRoute[]): void {
    lives.forEach(({ notes, object }) => {
      const note = decodePart(notes.part)
      if (note !== undefined && note.of !== this.name) throw takingPart(object, note.of)
    })
  }

  async read(): Promise<LiveRoute> {
    const lives = await Promise.all(this.parts.map(({ traffic }) => traffic.read()))
    this.refuseStrangers(lives)
    this.learn(lives, decodeSaved(lives[0]?.notes.state ?? null))
    return this.toLive()
  }

  /** The change as one route gets it: its own colours, its own note, and what it was given last as one more beginning. */
  private changeOf(place: number, change: RouteChange, shares: Shares, isOver: boolean): RouteChange {
    const own = this.ownShares(place, shares)
    const last = decodePart(this.lives[place]?.notes.part ?? null)
    const { audience, expected } = change
    return {
      ...change,
      shares: own,
      audience: audience === null ? null : { ...audience, colour: this.own(place, audience.colour) },
      notes: { part: isOver ? null : encodePart({ of: this.name, shares: own }) },
      expected:
        expected === null
          ? null
          : [...expected.map((one) => this.ownShares(place, one)), ...(last === undefined ? [] : [last.shares])],
    }
  }

  /** Writes to several routes at once; all are tried, whatever becomes of the others. */
  private async writeAll(places: readonly number[], changeOf: (place: number) => RouteChange): Promise<void> {
    const lives = [...this.lives]
    const settled = await Promise.allSettled(
      places.map(async (place) => {
        const live = await this.parts[place]?.traffic.write(changeOf(place))
        if (live !== undefined) lives[place] = live
      }),
    )
    this.lives = lives
    const failure = firstFailure(settled)
    if (failure !== null) throw failure
  }

  async write(change: RouteChange): Promise<LiveRoute> {
    const text = change.notes.state ?? null
    const saved = decodeSaved(text)
    if (this.lives.length === 0) await this.read()
    this.learn(this.lives, saved ?? decodeSaved(this.lives[0]?.notes.state ?? null))
    const isOver = saved !== undefined && isFinished(saved.state)
    const others = this.parts.map((_, place) => place).slice(1)
    const { shares } = change
    if (shares === null) {
      // Whoever finds no note may release alone, so the notes go before the end is saved.
      if (isOver) await this.writeAll(others, () => ({ ...change, notes: { part: null } }))
      await this.writeAll([0], () => ({ ...change, notes: { ...change.notes, ...(isOver && { part: null }) } }))
      return this.toLive()
    }
    const everywhere = change.expected === null ? [0, ...others] : others
    await this.writeAll(everywhere, (place) => this.changeOf(place, change, shares, isOver))
    await this.writeAll([0], () => {
      const own = this.changeOf(0, change, shares, isOver)
      return { ...own, notes: { ...change.notes, ...own.notes } }
    })
    return this.toLive()
  }

  ask(request: string): Promise<void> {
    return this.first.traffic.ask(request)
  }

  watch(signal: AbortSignal): void {
    for (const { traffic } of this.parts) traffic.watch(signal)
  }

  ownBackend(place: number, colour: Colour): Promise<Backend> {
    return (this.parts[place] ?? this.first).traffic.backend(this.own(place, colour))
  }

  async backend(colour: Colour): Promise<Backend> {
    const all = await Promise.all(this.parts.map((_, place) => this.ownBackend(place, colour)))
    const [first] = all
    if (first === undefined) throw new ReleaseError('INTERNAL', 'no backends')
    const problem = all
      .map((one) => one.problem)
      .filter((one) => one !== '')
      .join('; ')
    return { ...first, problem, isScaledByRoute: all.some(({ isScaledByRoute }) => isScaledByRoute) }
  }

  async check(): Promise<readonly Finding[]> {
    return (await Promise.all(this.parts.map(({ traffic }) => traffic.check()))).flat()
  }
}
