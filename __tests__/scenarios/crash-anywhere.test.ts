import { describe, expect, it } from 'vitest'
import { abort, sweep } from '../../src/control.ts'
import { release } from '../../src/release.ts'
import { istio } from '../../src/traffic/istio.ts'
import type { Connect, TrafficProvider } from '../../src/ports.ts'
import type { ReleaseOptions } from '../../src/wire.ts'
import { NAMESPACE, SERVICE, World, wrapTraffic } from '../helpers/world.ts'

class Death extends Error {}

/** Ends the process at the n-th call of a port, before or after it took effect. */
class Reaper {
  calls = 0
  isDead = false
  private readonly at: number
  private readonly moment: 'before' | 'after'

  constructor(at: number, moment: 'before' | 'after') {
    this.at = at
    this.moment = moment
  }

  readonly around = (): (() => void) => {
    if (this.isDead) throw new Death()
    this.calls += 1
    const isNow = this.calls === this.at
    const die = (): void => {
      if (!isNow) return
      this.isDead = true
      throw new Death()
    }
    if (this.moment === 'before') die()
    return this.moment === 'after' ? die : () => undefined
  }
}

function mortal(world: World, reaper: Reaper): Partial<ReleaseOptions> {
  const through = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    const after = reaper.around()
    const answer = await call()
    after()
    return answer
  }
  const inner = istio({ service: SERVICE, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } })
  const traffic: Connect<TrafficProvider> = (platform) => wrapTraffic(inner(platform), reaper.around)
  return {
    traffic,
    deployer: () => ({
      deploy: (deployment, signal) => through(() => world.deployer.deploy(deployment, signal)),
      retire: (deployment, signal) => through(() => world.deployer.retire(deployment, signal)),
    }),
    workloads: () => ({
      ...world.workloads,
      inspect: (colour, backend) => through(() => world.workloads.inspect(colour, backend)),
      readyPods: (backends) => through(() => world.workloads.readyPods(backends)),
    }),
    gates: { errors: () => ({ measure: (window, signal) => through(() => world.gate.measure(window, signal)) }) },
    lock: () => ({
      needs: [],
      status: () => through(() => world.lock.status()),
      acquire: (holder, atLeast, options) =>
        through(async () => {
          const held = await world.lock.acquire(holder, atLeast, options)
          // A dead process gives nothing back.
          return { ...held, release: () => (reaper.isDead ? Promise.resolve() : held.release()) }
        }),
    }),
    journal: () => ({
      needs: [],
      load: () => through(() => Promise.resolve([])),
      save: () => through(() => Promise.resolve()),
    }),
  }
}

async function callsOf(verdict: World['verdict']): Promise<number> {
  const world = await new World().open()
  world.verdict = verdict
  const reaper = new Reaper(-1, 'before')
  await release(world.options('1.1', mortal(world, reaper)))
  world.close()
  return reaper.calls
}

async function dieAt(at: number, moment: 'before' | 'after', verdict: World['verdict']): Promise<World> {
  const world = await new World().open()
  world.verdict = verdict
  await release(world.options('1.1', mortal(world, new Reaper(at, moment)))).catch(() => undefined)
  world.lock.forget()
  return world
}

const sum = (weights: readonly (number | undefined)[]): number => weights.reduce<number>((a, b) => a + (b ?? 0), 0)

describe.each([
  ['healthy', (): 'pass' => 'pass', 'promoted', [0, 100]],
  ['faulty at 50 %', (weight: number) => (weight === 50 ? ('fail' as const) : ('pass' as const)), 'reverted', [100, 0]],
] as const)('a %s release that dies at any call', (_name, verdict, outcome, weights) => {
  it.each(['before', 'after'] as const)(
    '%s it took effect ends the same when it is started again',
    async (moment) => {
      const calls = await callsOf(verdict)
      expect(calls).toBeGreaterThan(20)
      for (let at = 1; at <= calls; at += 1) {
        const world = await dieAt(at, moment, verdict)
        expect(sum(world.weights()[0] ?? []), `weights after death ${moment} call ${at}`).toBe(100)
        const report = await release(world.options('1.1', { holder: 'run-2' }))
        // A revert that had been saved already is over: the same version may be tried anew and fails again.
        expect(report.outcome, `death ${moment} call ${at}`).toBe(outcome)
        expect(world.weights(), `death ${moment} call ${at}`).toEqual([weights])
        world.close()
      }
    },
    60_000,
  )
})

describe('a release that died at any call', () => {
  it('is brought back by abort or sweep', async () => {
    const calls = await callsOf(() => 'pass')
    for (let at = 1; at <= calls; at += 1) {
      const world = await dieAt(at, 'after', () => 'pass')
      const options = world.options('', { holder: 'run-2' })
      const notes = world.api.find('VirtualService', NAMESPACE, SERVICE)?.metadata.annotations ?? {}
      const text = notes[`state.gray-release/${SERVICE}`] ?? ''
      const saved = text === '' ? 'nothing' : (JSON.parse(text) as { state: { phase: string } }).state.phase
      const isSettled = saved === 'nothing' || saved === 'promoted'
      const isHeld = world.lock.holder !== ''
      if (at % 2 === 0) await sweep(options)
      else await abort(options).catch(() => undefined)
      // A run that gave its lock back in order and was not finished does not exist here: it died.
      const isBack = at % 2 === 1 || isHeld
      if (!isSettled && isBack) expect(world.weights(), `death after call ${at} in ${saved}`).toEqual([[100, 0]])
      expect(sum(world.weights()[0] ?? [])).toBe(100)
      world.close()
    }
  }, 60_000)
})
