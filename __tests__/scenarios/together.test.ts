import { afterEach, describe, expect, it } from 'vitest'
import { abort, rollback } from '../../src/control.ts'
import { canary } from '../../src/core/strategies.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import { ReleaseError } from '../../src/errors.ts'
import type { Platform, WorkloadStatus } from '../../src/ports.ts'
import { release } from '../../src/release.ts'
import { inOrder, together, type TogetherService } from '../../src/together/together.ts'
import { istio } from '../../src/traffic/istio.ts'
import type { ReleaseOptions } from '../../src/wire.ts'
import { exampleManifests } from '../../src/sandbox/sandbox.ts'
import { HandLock, NAMESPACE, World } from '../helpers/world.ts'
import { mortalCluster, NEVER, reaper, type Reaper } from '../helpers/mortal.ts'

const SERVICES = ['cart', 'pay', 'stock'] as const
type Service = (typeof SERVICES)[number]
/** The one whose roles are the other way round. */
const SWAPPED: Service = 'pay'

/** Three services with a route each; one of them serves from green. */
class Mall extends World {
  readonly locks = new Map<string, HandLock>(SERVICES.map((name) => [name, new HandLock()]))
  readonly log: string[] = []
  verdictOf: (service: Service, weight: number) => Verdict = () => 'pass'

  constructor() {
    super()
    for (const service of SERVICES) this.apply(exampleManifests(service, NAMESPACE))
    this.setWeights(SWAPPED, 0)
  }

  private http(service: Service) {
    const object = this.api.find('VirtualService', NAMESPACE, service)
    return { object, route: (object?.spec?.['http'] as { route: { weight: number }[] }[])[0]?.route ?? [] }
  }

  setWeights(service: Service, blue: number): void {
    const { object, route } = this.http(service)
    const [first, second] = route
    if (object === undefined || first === undefined || second === undefined) throw new Error('no route')
    const http = [
      {
        name: 'default',
        route: [
          { ...first, weight: blue },
          { ...second, weight: 100 - blue },
        ],
      },
    ]
    this.api.put('VirtualService', { ...object, spec: { ...object.spec, http } })
  }

  /** Weights of blue and green of each service. */
  split(): Readonly<Record<string, readonly number[]>> {
    return Object.fromEntries(SERVICES.map((name) => [name, this.http(name).route.map(({ weight }) => weight)]))
  }

  notes(service: Service): readonly string[] {
    const { annotations = {} } = this.api.find('VirtualService', NAMESPACE, service)?.metadata ?? {}
    return Object.keys(annotations).map((key) => key.replace(/\.gray-release.*/, ''))
  }

  forget(): void {
    for (const lock of this.locks.values()) lock.forget()
  }

  outside(death: Reaper): Platform {
    return {
      cluster: mortalCluster(this, death),
      fetch: globalThis.fetch,
      shell: { run: () => Promise.reject(new Error('no shell')) },
      clock: this.clock,
      random: () => 0.5,
      timeout: () => new AbortController().signal,
      say: () => undefined,
      mask: (text) => text,
      env: {},
    }
  }

  one(service: Service, death: Reaper): ReleaseOptions {
    const lock = this.locks.get(service) ?? new HandLock()
    const status: WorkloadStatus = {
      ...{ exists: true, ready: true, readyPods: 2, wantedPods: 2, problem: '' },
      ...{ fingerprint: `${service} as it is`, version: '1.0' },
    }
    return {
      service,
      namespace: NAMESPACE,
      version: '1.1',
      plan: canary({
        stages: [5, 25, 100].map((weight) => ({ weight, minMs: 60_000, maxMs: 300_000, gates: ['errors'] })),
      }),
      traffic: istio({ service, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } }),
      gates: {
        errors: () => ({
          measure: ({ weight, release: { service: asked, candidate } }) => {
            this.log.push(`ask ${asked} ${candidate} ${weight}`)
            const verdict = this.verdictOf(service, weight)
            return Promise.resolve({
              verdict,
              reason: `${asked} ${verdict}`,
              value: 0,
              limit: 0,
              baseline: 0,
              query: '',
            })
          },
        }),
      },
      deployer: () => ({
        deploy: ({ colour, version }) => {
          if (death.isDead) throw new Error('dead')
          this.log.push(`deploy ${service} ${colour} ${version}`)
          return Promise.resolve()
        },
        retire: () => Promise.resolve(),
      }),
      workloads: () => ({
        needs: [],
        inspect: () => Promise.resolve(status),
        readyPods: (backends) => Promise.resolve(Object.fromEntries(Object.keys(backends).map((one) => [one, 2]))),
        scaleDown: () => Promise.resolve(false),
      }),
      lock: () => ({
        needs: [],
        status: () => lock.status(),
        acquire: async (who, atLeast, options) => {
          const held = await lock.acquire(who, atLeast, options)
          return { ...held, release: () => (death.isDead ? Promise.resolve() : held.release()) }
        },
      }),
    }
  }

  all(death: Reaper = NEVER(), holder = 'run-1', names: readonly Service[] = SERVICES): ReleaseOptions {
    const services = names.map((name): TogetherService => {
      return {
        options: this.one(name, death),
        after: name === 'cart' ? ['stock', 'pay'].filter((one) => names.includes(one as Service)) : [],
      }
    })
    const made = together({ service: `mall-${names.length}`, namespace: NAMESPACE, services })
    return {
      ...made,
      platform: this.outside(death),
      holder,
      journal: () => ({ needs: [], load: () => Promise.resolve([]), save: () => Promise.resolve() }),
    }
  }
}

const open: Mall[] = []
const mall = (): Mall => {
  const made = new Mall()
  open.push(made)
  return made
}
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

const STABLE = { cart: [100, 0], pay: [0, 100], stock: [100, 0] }
const NEW = { cart: [0, 100], pay: [100, 0], stock: [0, 100] }
const PAY_FAILS = (service: Service, weight: number): Verdict => (service === 'pay' && weight === 25 ? 'fail' : 'pass')

describe('three services in lock step', () => {
  it('are deployed in order and raised together, each with its own roles', async () => {
    const world = mall()
    const seen: unknown[] = []
    const listeners = [
      (event: { readonly type: string }) => {
        if (event.type === 'traffic-shifted') seen.push(world.split())
      },
    ]
    const report = await release({ ...world.all(), listeners })
    expect([report.outcome, report.release.version]).toEqual(['promoted', '1.1'])
    const deployed = world.log.filter((line) => line.startsWith('deploy'))
    expect(deployed).toEqual(['deploy stock green 1.1', 'deploy pay blue 1.1', 'deploy cart green 1.1'])
    expect(seen).toContainEqual({ cart: [75, 25], pay: [25, 75], stock: [75, 25] })
    expect(world.split()).toEqual(NEW)
    expect(world.log).toEqual(expect.arrayContaining(['ask cart green 25', 'ask pay blue 25', 'ask stock green 25']))
  })

  it('one gate takes all of them back, and says whose it was', async () => {
    const world = mall()
    world.verdictOf = PAY_FAILS
    const report = await release(world.all())
    expect(report.outcome).toBe('reverted')
    expect(report.reason).toBe('stage 25%: pay/errors: pay fail')
    expect(world.split()).toEqual(STABLE)
    for (const name of SERVICES) expect(world.notes(name)).not.toContain('part')
  })

  it('come back together after a promotion', async () => {
    const world = mall()
    await release(world.all())
    const report = await rollback(world.all(NEVER(), 'run-2'))
    expect([report.outcome, world.split()]).toEqual(['promoted', STABLE])
  })

  it.each([
    ['healthy', (): Verdict => 'pass', 'promoted', NEW],
    ['faulty', PAY_FAILS, 'reverted', STABLE],
  ] as const)(
    '%s: dying at any request ends the same when it is started again',
    { timeout: 60_000 },
    async (...row) => {
      const [, verdictOf, outcome, split] = row
      const counting = NEVER()
      const first = mall()
      first.verdictOf = verdictOf
      await release(first.all(counting))
      expect(counting.calls).toBeGreaterThan(60)
      for (const moment of ['before', 'after'] as const) {
        for (let at = 1; at <= counting.calls; at += 1) {
          const world = mall()
          world.verdictOf = verdictOf
          await release(world.all(reaper(at, moment))).catch(() => undefined)
          world.forget()
          const report = await release(world.all(NEVER(), 'run-2'))
          expect([moment, at, report.outcome, report.reason]).toEqual([moment, at, outcome, report.reason])
          expect([moment, at, world.split()]).toEqual([moment, at, split])
          for (const name of SERVICES) expect(world.notes(name)).not.toContain('part')
          for (const one of open.splice(0)) one.close()
        }
      }
    },
  )

  it('dying at any request is brought back by abort', { timeout: 60_000 }, async () => {
    const counting = NEVER()
    await release(mall().all(counting))
    for (let at = 1; at <= counting.calls; at += 1) {
      const world = mall()
      await release(world.all(reaper(at, 'after'))).catch(() => undefined)
      world.forget()
      const saved = world.api.find('VirtualService', NAMESPACE, 'stock')?.metadata.annotations?.[
        'state.gray-release/stock'
      ]
      const report = await abort(world.all(NEVER(), 'run-2')).catch((thrown: unknown) => thrown)
      const isSettled = saved === undefined || saved.includes('"phase":"promoted"')
      if (!isSettled)
        expect([at, (report as { outcome?: string }).outcome, world.split()]).toEqual([at, 'reverted', STABLE])
      for (const one of open.splice(0)) one.close()
    }
  })

  it('none of them is released alone meanwhile', async () => {
    // Killed in the first stage, as soon as its gates are asked.
    const death = NEVER()
    const world = mall()
    world.verdictOf = () => {
      death.isDead = true
      return 'pass'
    }
    await release(world.all(death)).catch(() => undefined)
    world.forget()
    expect(world.split()).toEqual({ cart: [95, 5], pay: [5, 95], stock: [95, 5] })
    const alone = { ...world.one('cart', NEVER()), platform: world.outside(NEVER()), holder: 'run-2' }
    await expect(release(alone)).rejects.toMatchObject({
      code: 'UNFINISHED_RELEASE',
      message: expect.stringContaining('takes part in the release of mall-3') as string,
    })
    await expect(abort(alone)).rejects.toBeInstanceOf(ReleaseError)
  })

  it('weights that somebody else changed stop all of them', async () => {
    const world = mall()
    world.verdictOf = (service, weight) => {
      if (service === 'stock' && weight === 25) world.setWeights('cart', 40)
      return weight === 25 ? 'undecided' : 'pass'
    }
    const report = await release(world.all())
    expect([report.outcome, world.split()['cart']]).toEqual(['stuck', [40, 60]])
  })
})

describe('two releases that share services', () => {
  it('never wait for each other: one is refused, and holds nothing', async () => {
    const world = mall()
    const held = await world.locks.get('pay')?.acquire('somebody', 0, { seize: false })
    await expect(release(world.all())).rejects.toMatchObject({ code: 'LOCK_HELD' })
    expect([...world.locks].map(([name, { holder }]) => [name, holder])).toEqual([
      ['cart', ''],
      ['pay', 'somebody'],
      ['stock', ''],
    ])
    await held?.release()
    const [one, two] = await Promise.allSettled([
      release(world.all(NEVER(), 'run-1', ['cart', 'pay'])),
      release(world.all(NEVER(), 'run-2', ['pay', 'stock'])),
    ])
    const outcomes = [one, two].map((each) => (each.status === 'fulfilled' ? each.value.outcome : 'refused')).sort()
    expect(outcomes).toEqual(['promoted', 'refused'])
  })
})

describe('the order of services', () => {
  const service = (name: string, ...after: readonly string[]): TogetherService => ({
    options: { service: name } as ReleaseOptions,
    after,
  })
  it('follows what they wait for', () => {
    const names = inOrder([service('a', 'c'), service('b'), service('c', 'b')]).map(({ options }) => options.service)
    expect(names).toEqual(['b', 'c', 'a'])
  })
  it('refuses circles and strangers', () => {
    expect(() => inOrder([service('a', 'b'), service('b', 'a')])).toThrow(/services wait for each other: a → b → a/)
    expect(() => inOrder([service('a', 'x')])).toThrow(/a: after names x, which is none of the services/)
  })
})
