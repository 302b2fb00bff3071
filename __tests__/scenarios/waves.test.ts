import { afterEach, describe, expect, it } from 'vitest'
import { canary } from '../../src/core/strategies.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import type { WorkloadStatus } from '../../src/ports.ts'
import { istio } from '../../src/traffic/istio.ts'
import { abortWaves, releaseWaves, type Group, type WavesOptions } from '../../src/waves/waves.ts'
import { exampleManifests } from '../../src/sandbox/sandbox.ts'
import { Random } from '../../scripts/gate-bench/random.ts'
import { HandLock, NAMESPACE, World } from '../helpers/world.ts'
import { mortalCluster, NEVER, reaper, type Reaper } from '../helpers/mortal.ts'

const WAVES = 4
const GROUPS = 5
const nameOf = (wave: number, group: number): string => `w${wave}-g${group}`
const NAMES = Array.from({ length: WAVES }, (_, wave) =>
  Array.from({ length: GROUPS }, (_, group) => nameOf(wave, group)),
)

/** Twenty services in four waves. */
class Fleet extends World {
  readonly locks = new Map<string, HandLock>([...NAMES.flat(), 'all'].map((name) => [name, new HandLock()]))
  readonly deploys: string[] = []
  /** At most so many groups were under way at once. */
  most = 0
  private readonly under = new Set<string>()
  verdictOf: (name: string) => Verdict = () => 'pass'

  constructor() {
    super()
    for (const name of NAMES.flat()) this.apply(exampleManifests(name, NAMESPACE))
  }

  /** Percent of green, group by group; null where the route is torn. */
  greens(): readonly (readonly number[])[] {
    return NAMES.map((names) =>
      names.map((name) => {
        const object = this.api.find('VirtualService', NAMESPACE, name)
        const [route] = (object?.spec?.['http'] ?? []) as { route: { weight: number }[] }[]
        return route?.route[1]?.weight ?? -1
      }),
    )
  }

  forget(): void {
    for (const lock of this.locks.values()) lock.forget()
  }

  private lockOf(name: string, death: Reaper) {
    const lock = this.locks.get(name) ?? new HandLock()
    return {
      needs: [],
      status: () => lock.status(),
      acquire: async (...args: Parameters<HandLock['acquire']>) => {
        const held = await lock.acquire(...args)
        return { ...held, release: () => (death.isDead ? Promise.resolve() : held.release()) }
      },
    }
  }

  waves(death: Reaper = NEVER(), more: Partial<WavesOptions> = {}): WavesOptions {
    const platform = {
      cluster: mortalCluster(this, death),
      fetch: globalThis.fetch,
      shell: { run: () => Promise.reject(new Error('no shell')) },
      clock: this.clock,
      random: () => 0.5,
      timeout: () => new AbortController().signal,
      say: () => undefined,
      mask: (text: string) => text,
      env: {},
    }
    const status: WorkloadStatus = {
      ...{ exists: true, ready: true, readyPods: 2, wantedPods: 2, problem: '' },
      ...{ fingerprint: 'as it is', version: '1.0' },
    }
    const group = (name: string): Group => ({
      name,
      options: {
        service: name,
        namespace: NAMESPACE,
        plan: canary({
          stages: [50, 100].map((weight) => ({ weight, minMs: 60_000, maxMs: 300_000, gates: ['errors'] })),
        }),
        traffic: istio({ service: name, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } }),
        gates: {
          errors: () => ({
            measure: () => {
              if (death.isDead) throw new Error('dead')
              const verdict = this.verdictOf(name)
              return Promise.resolve({
                verdict,
                reason: `${name} ${verdict}`,
                value: 0,
                limit: 0,
                baseline: 0,
                query: '',
              })
            },
          }),
        },
        deployer: () => ({
          deploy: async () => {
            if (death.isDead) throw new Error('dead')
            this.deploys.push(name)
            this.under.add(name)
            this.most = Math.max(this.most, this.under.size)
            await Promise.resolve()
          },
          retire: () => Promise.resolve(),
        }),
        workloads: () => ({
          needs: [],
          inspect: () => Promise.resolve(status),
          readyPods: (backends) => Promise.resolve(Object.fromEntries(Object.keys(backends).map((one) => [one, 2]))),
          scaleDown: () => Promise.resolve(false),
        }),
        journal: () => ({ needs: [], load: () => Promise.resolve([]), save: () => Promise.resolve() }),
        lock: () => this.lockOf(name, death),
        listeners: [
          (event) => {
            if (event.type === 'release-finished') this.under.delete(name)
          },
        ],
        platform,
        holder: more.holder ?? 'run-1',
      },
    })
    return {
      service: 'fleet',
      namespace: NAMESPACE,
      version: '1.1',
      waves: NAMES.map((names) => ({ groups: names.map(group), pauseMs: 600_000 })),
      sideBySide: 2,
      platform,
      lock: this.lockOf('all', death),
      holder: 'run-1',
      ...more,
    }
  }
}

const open: Fleet[] = []
const fleet = (): Fleet => {
  const made = new Fleet()
  open.push(made)
  return made
}
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const all = (green: number) => NAMES.map((names) => names.map(() => green))
const FAILING = nameOf(2, 3)
const FAILS = (name: string): Verdict => (name === FAILING ? 'fail' : 'pass')

describe('waves', () => {
  it('follow each other with a pause between, some groups side by side', async () => {
    const world = fleet()
    const begun = world.clock.at
    const report = await releaseWaves(world.waves())
    expect([report.outcome, report.reason]).toEqual(['promoted', 'every wave passed'])
    expect(world.greens()).toEqual(all(100))
    expect(world.deploys.map((name) => name.slice(0, 2))).toEqual(NAMES.flat().map((name) => name.slice(0, 2)))
    expect(world.most).toBe(2)
    expect(world.clock.at - begun).toBeGreaterThanOrEqual((WAVES - 1) * 600_000)
    expect(report.groups.every(({ outcome }) => outcome === 'promoted')).toBe(true)
  })

  it('a group that fails takes all back, and no later wave begins', async () => {
    const world = fleet()
    world.verdictOf = FAILS
    const report = await releaseWaves(world.waves())
    expect(report.outcome).toBe('reverted')
    expect(report.reason).toBe(`${FAILING}: stage 50%: errors: ${FAILING} fail`)
    expect(world.greens()).toEqual(all(0))
    expect(world.deploys.some((name) => name.startsWith('w3'))).toBe(false)
  })

  it('by policy the waves before keep the version', async () => {
    const world = fleet()
    world.verdictOf = FAILS
    const report = await releaseWaves(world.waves(NEVER(), { onFailure: 'keep-before' }))
    expect(report.outcome).toBe('reverted')
    expect(world.greens()).toEqual([...all(100).slice(0, 2), ...all(0).slice(2)])
  })

  it('a group that served the version before is none of its doing', async () => {
    const world = fleet()
    const [first] = world.waves().waves
    await releaseWaves({ ...world.waves(), service: 'one', waves: [{ groups: first?.groups.slice(0, 1) ?? [] }] })
    world.verdictOf = FAILS
    const report = await releaseWaves(world.waves())
    expect([report.outcome, world.greens()[0]]).toEqual(['reverted', [100, 0, 0, 0, 0]])
  })

  it('abort brings all of them back, also after the end', async () => {
    const world = fleet()
    await releaseWaves(world.waves())
    expect((await abortWaves(world.waves(NEVER(), { holder: 'run-2' }))).outcome).toBe('reverted')
    expect(world.greens()).toEqual(all(0))
  })

  it('another version is refused while one is unfinished', async () => {
    const world = fleet()
    await releaseWaves(world.waves(reaper(300, 'after'))).catch(() => undefined)
    world.forget()
    const other = world.waves(NEVER(), { version: '1.2', holder: 'run-2' })
    await expect(releaseWaves(other)).rejects.toMatchObject({ code: 'UNFINISHED_RELEASE' })
  })

  it.each([
    ['healthy', (): Verdict => 'pass', 'promoted', all(100)],
    ['faulty', FAILS, 'reverted', all(0)],
  ] as const)('%s, killed at random and gone on with, a hundred times', { timeout: 120_000 }, async (...row) => {
    const [name, verdictOf, outcome, greens] = row
    const counting = NEVER()
    const whole = fleet()
    whole.verdictOf = verdictOf
    await releaseWaves(whole.waves(counting))
    const random = new Random(name.length)
    for (let turn = 0; turn < 100; turn += 1) {
      const world = fleet()
      world.verdictOf = verdictOf
      let report: Awaited<ReturnType<typeof releaseWaves>> | null = null
      // Killed up to three times, each time at another request.
      for (let run = 1; report === null && run <= 4; run += 1) {
        const at = run === 4 ? -1 : 1 + Math.floor(random.next() * counting.calls)
        const death = reaper(at, random.next() < 0.5 ? 'before' : 'after')
        const ended = await releaseWaves(world.waves(death, { holder: `run-${run}` })).catch(() => null)
        if (!death.isDead) report = ended
        world.forget()
      }
      expect([turn, report?.outcome, report?.reason]).toEqual([turn, outcome, report?.reason])
      expect([turn, world.greens()]).toEqual([turn, greens])
      for (const one of open.splice(0)) one.close()
    }
  })
})
