import { Invariants, type Violation } from './invariants.ts'
import { SimProcess, type Order } from './process.ts'
import type { Happening, Scenario } from './scenario.ts'
import { World, type Colour } from './world.ts'

/** What a scenario came to. */
export interface Outcome {
  readonly scenario: Scenario
  readonly violations: readonly Violation[]
  readonly log: readonly string[]
  /** How the release on the route ended. */
  readonly end: string
}

/** A process that runs this long after the last fault hangs. */
const PATIENCE_MS = 3 * 3_600_000
/** Sweeps and releases that may be needed until all is settled, once nothing goes wrong any more. */
const CALM_ROUNDS = 5
const ROUND_MS = 90_000

class Simulation {
  readonly world: World
  readonly invariants: Invariants
  private readonly processes: SimProcess[] = []

  constructor(scenario: Scenario) {
    this.world = new World(scenario)
    this.invariants = new Invariants(this.world)
  }

  private start(order: Order, isCalm = false): SimProcess {
    const made = new SimProcess(this.processes.length, order, this.world, this.invariants)
    made.isCalm = isCalm
    this.processes.push(made)
    void made.run()
    return made
  }

  /** The step that the runner starts after main, with what main saved. */
  private startPost(of: SimProcess): void {
    this.world.time.at(this.world.time.now + of.postAfterMs, () => {
      this.start({ command: 'post', version: '1.1', skewMs: 0, holder: of.holder })
    })
  }

  private happen(one: Happening): void {
    const { world, invariants } = this
    const { time } = world
    const later = (forS: number, act: () => void): void => void time.at(time.now + forS * 1000, act)
    if (one.what !== 'command')
      world.note(`-- ${one.what} ${JSON.stringify({ ...one, at: undefined, what: undefined })}`)
    switch (one.what) {
      case 'command':
        this.start({ command: one.command, version: one.version, skewMs: one.skewMs, holder: '' })
        return
      case 'signal': {
        const target = this.processes[one.process]
        if (target === undefined || target.isOver) return
        target.signal()
        if (!one.isRunnerLost)
          time.at(time.now + 8_000, () => {
            this.startPost(target)
          })
        return
      }
      case 'kill': {
        const target = this.processes[one.process]
        if (target === undefined || target.isOver) return
        target.kill()
        if (one.hasPost) this.startPost(target)
        return
      }
      case 'weights':
        world.foreignWeights(one.candidate)
        return
      case 'foreign-field':
        world.foreign((object) => {
          object.metadata.annotations = { ...object.metadata.annotations, 'example.com/at': String(time.now) }
        })
        return
      case 'fighter':
        world.isFought = true
        later(one.forS, () => {
          world.isFought = false
        })
        return
      case 'drop-notes':
        world.isForgotten = true
        world.foreign((object) => {
          const notes = Object.entries(object.metadata.annotations ?? {})
          object.metadata.annotations = Object.fromEntries(notes.filter(([key]) => !key.includes('.gray-release/')))
        })
        return
      case 'recreate':
        world.recreate(one.afterS)
        return
      case 'drop-journal':
        world.api.remove('ConfigMap', 'demo', 'gray-release-shop')
        return
      case 'drop-lease':
        world.troubleAt = time.now
        world.api.remove('Lease', 'demo', 'gray-release-shop')
        return
      case 'steal-lease': {
        const lease = world.api.find('Lease', 'demo', 'gray-release-shop')
        if (lease === undefined) return
        world.troubleAt = time.now
        const transitions = Number(lease.spec?.['leaseTransitions'] ?? 0) + 1
        world.api.put('Lease', {
          ...lease,
          spec: { ...lease.spec, holderIdentity: 'a thief', leaseTransitions: transitions },
        })
        return
      }
      case 'api-down':
        world.isApiDown = true
        world.troubleAt = time.now + one.forS * 1000
        later(one.forS, () => {
          world.isApiDown = false
        })
        return
      case 'api-status':
        world.apiStatus = one.status
        world.troubleAt = time.now + one.forS * 1000
        later(one.forS, () => {
          world.apiStatus = 0
        })
        return
      case 'watch-dead':
        world.isWatchDead = true
        world.deafUntil = time.now + (one.forS + 120) * 1000
        later(one.forS, () => {
          world.isWatchDead = false
        })
        return
      case 'metrics':
        world.setMetricFault(one.fault)
        later(one.forS, () => {
          world.setMetricFault(null)
        })
        return
      case 'pods-down':
        this.podsDown(one.colour, one.forS)
        return
      default:
        invariants.broken('a happening is known', JSON.stringify(one satisfies never))
    }
  }

  private podsDown(colour: Colour, forS: number): void {
    const { world } = this
    world.down.add(colour)
    world.publish()
    world.time.at(world.time.now + forS * 1000, () => {
      world.down.delete(colour)
      world.publish()
    })
  }

  private get isIdle(): boolean {
    return this.processes.every((one) => one.isOver)
  }

  async run(): Promise<Outcome> {
    const { world, invariants } = this
    const { time, scenario } = world
    const begun = time.now
    for (const one of scenario.happenings.filter(({ at }) => at <= scenario.calmAt))
      time.at(begun + one.at * 1000, () => {
        this.happen(one)
      })
    await time.run(begun + scenario.calmAt * 1000)
    this.calm()
    await time.run(time.now + PATIENCE_MS, () => this.isIdle)
    for (const one of this.processes) {
      if (!one.isOver) invariants.broken('every run ends', `${one.name} still runs`)
    }
    await this.settle()
    return { scenario, violations: invariants.violations, log: world.log, end: invariants.savedState?.phase ?? 'none' }
  }

  /** Nothing goes wrong any more. */
  private calm(): void {
    const { world } = this
    world.note('-- all is calm')
    Object.assign(world, { isApiDown: false, apiStatus: 0, isWatchDead: false, isFought: false })
    world.setMetricFault(null)
    world.down.clear()
    world.publish()
    for (const one of this.processes) one.isCalm = true
  }

  /** Once nothing goes wrong, a sweep or a release of the same version ends everything. */
  private async settle(): Promise<void> {
    const { world, invariants } = this
    for (let round = 0; round < CALM_ROUNDS && !invariants.isSettled; round += 1) {
      await world.time.run(world.time.now + ROUND_MS)
      const isPaused = invariants.savedState?.phase === 'paused'
      const command = round % 2 === 0 ? 'sweep' : isPaused ? 'promote' : 'release'
      const one = this.start({ command, version: invariants.savedVersion, skewMs: 0, holder: '' }, true)
      await world.time.run(world.time.now + PATIENCE_MS, () => one.isOver)
      if (!one.isOver) invariants.broken('every run ends', `${one.name} still runs in calm`)
    }
    const phase = invariants.savedState?.phase
    if (!invariants.isSettled && phase !== 'paused') {
      invariants.broken('a sweep or a release ends everything', `still ${phase ?? ''}`)
    }
    if (phase === 'stuck' || phase === 'paused') await this.unstick()
  }

  /** Stuck is not the end, nor a pause by policy: the advice is to abort. */
  private async unstick(): Promise<void> {
    const { world, invariants } = this
    const one = this.start({ command: 'abort', version: '', skewMs: 0, holder: '' }, true)
    await world.time.run(world.time.now + PATIENCE_MS, () => one.isOver)
    const phase = invariants.savedState?.phase ?? ''
    if (phase !== 'reverted') invariants.broken('abort ends what is stuck', phase)
  }
}

/** Runs a scenario; the same one comes to the same. */
export function simulate(scenario: Scenario): Promise<Outcome> {
  return new Simulation(scenario).run()
}
