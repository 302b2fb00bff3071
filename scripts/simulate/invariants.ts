import type { ReleaseEvent } from '../../src/core/events.ts'
import { decodeFence, decodeSaved } from '../../src/core/saved.ts'
import { isFinished, replay, type ReleaseState } from '../../src/core/state.ts'
import type { Release } from '../../src/core/events.ts'
import type { Report } from '../../src/drive.ts'
import { ReleaseError } from '../../src/errors.ts'
import type { StoredObject } from '../../src/sandbox/api-server.ts'
import { COLOURS, isOwn, SECRET, SERVICE, type Colour, type HttpRoute, type World } from './world.ts'

/** A rule that was broken, and when. */
export interface Violation {
  readonly rule: string
  readonly detail: string
}

/** What the rules need to know about a process. */
export interface Witness {
  readonly name: string
  /** As whom it writes; a post step has the holder of its main step. */
  readonly holder: string
  /** Ready pods of each colour as the process last saw them, and when. */
  readonly pods: Map<string, { readonly ready: number; readonly at: number }>
  /** The weight at which a verdict failed, by release. */
  readonly failedAt: Map<string, number>
  /** Green's weight as the process last read it from the route. */
  readonly readBack: number | null
  readonly maySeize: boolean
  readonly isOver: boolean
  lastVerdict: string
  hasRevertStarted: boolean
}

/** What was seen of pods before is no reason to send requests to them. */
const SEEN_LATELY_S = 40
/** After trouble with the lock, who drives may change hands for a while. */
const CALM_MS = 120_000
/** A look that began while Prometheus still answered is over by then. */
const BLIND_MS = 35_000
/** A change by others must be found by then. */
const FOUND_MS = 30_000

const note = (object: StoredObject | undefined, name: string): string | null =>
  object?.metadata.annotations?.[`${name}.gray-release/${SERVICE}`] ?? null

/** Everything of the object that is not ours to change. */
function foreignPart(object: StoredObject): string {
  const { annotations = {}, labels = {} } = object.metadata
  const others = Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.includes('.gray-release/')))
  const spec = structuredClone(object.spec ?? {})
  const http = (spec['http'] ?? []) as HttpRoute[]
  spec['http'] = http.filter((one) => !isOwn(one))
  for (const one of http) {
    if (COLOURS.includes(one.mirror?.subset as Colour)) {
      delete one.mirror
      delete one.mirrorPercentage
    }
  }
  for (const { route } of http) {
    for (const one of route) if (COLOURS.includes(one.destination.subset as Colour)) delete one.weight
  }
  return JSON.stringify([others, labels, spec])
}

const sums = (weights: readonly Readonly<Record<Colour, number>>[]): string =>
  weights.map(({ blue, green }) => blue + green).join(',')

/** Looks at every write, every event and every end, and says which rule was broken. */
export class Invariants {
  readonly violations: Violation[] = []
  private readonly world: World
  /** Whose request is being answered; null for somebody who is not the product. */
  writer: Witness | null = null
  private before: StoredObject | undefined
  private foreign = ''
  private ourSums = ''
  private readonly holders = new Map<number, string>()
  private readonly saved = new Set<string>()
  private readonly drivers = new Map<string, Witness>()
  /** The release whose weights were last written by the product, and when. */
  private writtenAt = 0

  constructor(world: World) {
    this.world = world
    this.take(world.route)
    world.api.onChange((type, object) => {
      if (object.kind !== 'VirtualService') return
      if (type === 'DELETED') this.take(undefined)
      else if (this.writer === null) this.take(object)
      else this.onWrite(this.writer, object)
    })
  }

  private take(object: StoredObject | undefined): void {
    this.before = object === undefined ? undefined : structuredClone(object)
    if (object === undefined) return
    this.foreign = foreignPart(object)
    this.ourSums = sums(this.world.weights(object))
    if (note(object, 'fence') === null) this.holders.clear()
  }

  broken(rule: string, detail: string): void {
    this.violations.push({ rule, detail })
    this.world.note(`VIOLATION ${rule}: ${detail}`)
  }

  private onWrite(witness: Witness, object: StoredObject): void {
    const { before, world } = this
    const [was, is] = [world.weights(before), world.weights(object)]
    const shown = is.map(({ blue, green }) => `${blue}/${green}`).join(' ')
    const state = decodeSaved(note(object, 'state'))?.state
    world.note(`${witness.name} wrote ${shown} (${state?.phase ?? 'no state'}, fence ${note(object, 'fence') ?? '-'})`)
    if (foreignPart(object) !== this.foreign) this.broken('foreign bytes are untouched', `by ${witness.name}`)
    if (is.some(({ blue, green }) => ![blue, green].every((one) => Number.isInteger(one) && one >= 0))) {
      this.broken('weights are whole numbers', shown)
    }
    if (sums(is) !== this.ourSums) this.broken('our weights add up to our share', `${shown}, wanted ${this.ourSums}`)
    this.checkRaise(witness, was, is, object)
    this.checkFence(witness, before, object)
    const saved = decodeSaved(note(object, 'state'))
    if (saved !== undefined) this.saved.add(`${saved.release.id} ${saved.state.phase} ${saved.state.weight}`)
    if (JSON.stringify(was) !== JSON.stringify(is)) this.writtenAt = world.time.now
    this.before = structuredClone(object)
  }

  private checkRaise(
    witness: Witness,
    was: readonly Readonly<Record<Colour, number>>[],
    is: readonly Readonly<Record<Colour, number>>[],
    object: StoredObject,
  ): void {
    const saved = decodeSaved(note(object, 'state'))
    const isRollback = saved?.state.plan.strategy === 'rollback'
    for (const colour of COLOURS) {
      const isRaised = is.some((one, index) => one[colour] > (was[index]?.[colour] ?? 0))
      // The way back to stable waits for nothing.
      if (!isRaised || (saved?.release.stable === colour && !isRollback)) continue
      const seen = witness.pods.get(colour)
      const ageS = (this.world.time.now - (seen?.at ?? 0)) / 1000
      if (seen !== undefined && seen.ready > 0 && (isRollback || ageS <= SEEN_LATELY_S)) continue
      const what = seen === undefined ? 'never looked' : `saw ${seen.ready} ready pods ${ageS.toFixed(0)} s ago`
      this.broken('no weight is raised onto a colour without ready pods', `${witness.name} raised ${colour}, ${what}`)
    }
  }

  private checkFence(witness: Witness, before: StoredObject | undefined, object: StoredObject): void {
    const [was, is] = [decodeFence(note(before, 'fence')), decodeFence(note(object, 'fence'))]
    const isRequestOnly =
      note(before, 'state') === note(object, 'state') &&
      JSON.stringify(this.world.weights(before)) === JSON.stringify(this.world.weights(object))
    if (isRequestOnly) return
    if (is === undefined) {
      this.broken('every write carries a fence', `by ${witness.name}`)
      return
    }
    if (was !== undefined && is.number < was.number) {
      this.broken('a fence never goes down', `${was.number} to ${is.number} by ${witness.name}`)
    }
    this.checkPush(witness, was?.holder ?? '')
    const holder = this.holders.get(is.number) ?? is.holder
    this.holders.set(is.number, holder)
    if (holder !== is.holder || is.holder !== witness.holder) {
      this.broken('one driver writes with a fence', `${is.number}: ${holder}, ${is.holder}, by ${witness.name}`)
    }
  }

  /** A driver that lives and reaches its lock is not pushed out by anybody but an abort. */
  private checkPush(witness: Witness, before: string): void {
    this.drivers.set(witness.holder, witness)
    const other = this.drivers.get(before)
    if (other === undefined || other === witness || other.isOver || witness.maySeize) return
    if (this.world.time.now - this.world.troubleAt < CALM_MS || other.hasRevertStarted) return
    this.broken('a living driver is not pushed out', `${other.name} by ${witness.name}`)
  }

  /** An event that a process told its listeners of. */
  onEvent(witness: Witness, event: ReleaseEvent, state: ReleaseState, release: Release): void {
    const { world } = this
    if (event.type === 'analysis-completed') {
      witness.lastVerdict = event.verdict
      if (event.verdict === 'fail') witness.failedAt.set(release.id, state.weight)
      this.checkVerdict(witness, event)
      this.checkDrift(witness, state, release)
      return
    }
    world.note(`${witness.name} tells ${event.type} (${state.phase} ${state.weight} %)`)
    if (event.type === 'revert-started' || event.type === 'abort-requested') witness.hasRevertStarted = true
    if (event.type === 'traffic-shifted') {
      const green = release.candidate === 'green' ? event.weight : 100 - event.weight
      const isRead = witness.readBack === green
      if (!isRead) this.broken('a shift is told once it was read back', `${green} %, read ${witness.readBack ?? '-'}`)
    }
    const limit = witness.failedAt.get(release.id)
    if (event.type === 'traffic-shifted' && limit !== undefined && event.weight > limit && state.plan.base === 0) {
      this.broken('a failed verdict is never followed by a higher weight', `${limit} to ${event.weight}`)
    }
    if (event.type === 'stage-passed' && ['no-data', 'error', 'fail'].includes(witness.lastVerdict)) {
      this.broken('nothing passes without data', `stage ${event.stage} after ${witness.lastVerdict}`)
    }
    if (!this.saved.has(`${release.id} ${state.phase} ${state.weight}`)) {
      this.broken('nothing is told that was not saved', `${event.type} in ${state.phase} ${state.weight} %`)
    }
  }

  private checkDrift(witness: Witness, state: ReleaseState, release: Release): void {
    const { world } = this
    const share = world.share(release.candidate as Colour)
    const isOld = [world.foreignAt, world.troubleAt, this.writtenAt].every((at) => world.time.now - at > FOUND_MS)
    if (world.route === undefined || world.time.now < world.deafUntil || !isOld || share === state.weight) return
    this.broken(
      'weights of others are not overlooked',
      `${witness.name} goes on at ${state.weight} %, there are ${share}`,
    )
  }

  private checkVerdict(witness: Witness, event: Extract<ReleaseEvent, { type: 'analysis-completed' }>): void {
    const { metricFault, metricFaultSince, time } = this.world
    const isBlind = metricFault !== null && metricFault !== 'stale' && time.now - metricFaultSince > BLIND_MS
    // The evidence gate may pass on what it counted before; two series of one owner are summed there.
    const asksNow = this.world.scenario.gate === 'query' && event.measurements.length > 0
    if (isBlind && asksNow && event.verdict === 'pass') {
      this.broken('no answer, NaN and emptiness are never a pass', `${witness.name} passed with ${metricFault}`)
    }
  }

  /** How a process ended; an error is one of the closed list, and not a defect. */
  onEnd(witness: Witness, report: Report | null, thrown: unknown): void {
    const { world } = this
    if (report === null) {
      const isKnown = thrown instanceof ReleaseError && thrown.code !== 'INTERNAL'
      world.note(
        `${witness.name} ends: ${thrown instanceof ReleaseError ? `${thrown.code} ${thrown.message}` : String(thrown)}`,
      )
      if (!isKnown) this.broken('every error is one of the closed list', String((thrown as Error).stack))
      if (thrown instanceof Error && thrown.message.includes(SECRET)) this.broken('no secret is told', 'in an error')
      return
    }
    const { outcome, journal, state } = report
    world.note(`${witness.name} ends: ${outcome} (${report.reason})`)
    if (JSON.stringify(report).includes(SECRET)) this.broken('no secret is told', 'in the report')
    const beginnings = journal.filter(({ type }) => type === 'release-started' || type === 'rollback-started')
    if (beginnings.length > 1) this.broken('a journal is of one release', `${beginnings.length} begin in it`)
    // A run that could not write any more has a state that nobody was told of; one that was replaced has the other’s.
    const isWhole = (outcome === 'promoted' || outcome === 'paused') && journal.length > 0
    if (isWhole && JSON.stringify(replay(journal)) !== JSON.stringify(state)) {
      this.broken(
        'the journal replayed is the state',
        `${JSON.stringify(replay(journal))}, saved ${JSON.stringify(state)}`,
      )
    }
    if (witness.hasRevertStarted && !['reverted', 'stuck', 'interrupted'].includes(outcome)) {
      this.broken('a revert that began is finished', outcome)
    }
    if ((outcome === 'reverted' || outcome === 'promoted') && world.foreignAt === 0 && !world.isForgotten) {
      const http = (world.route?.spec?.['http'] ?? []) as HttpRoute[]
      const isLeft = http.some((one) => isOwn(one) || COLOURS.includes(one.mirror?.subset as Colour))
      if (isLeft) this.broken('no audience is left when it is over', outcome)
    }
    const isTouched = world.foreignAt >= this.writtenAt || world.isForgotten
    if (outcome === 'reverted' && !isTouched && report.release.stable !== '') {
      const stable = report.release.stable as Colour
      const other = stable === 'blue' ? 'green' : 'blue'
      if (report.state.plan.base === 0 && world.weights().some((one) => one[other] > 0)) {
        this.broken('what is reverted is on stable', JSON.stringify(world.weights()))
      }
    }
  }

  /** The saved release on the route. */
  get savedState(): ReleaseState | null {
    return decodeSaved(note(this.world.route, 'state'))?.state ?? null
  }

  get savedVersion(): string {
    return decodeSaved(note(this.world.route, 'state'))?.release.version ?? ''
  }

  get isSettled(): boolean {
    const { savedState } = this
    return savedState === null || isFinished(savedState)
  }
}
