import { afterEach, describe, expect, it } from 'vitest'
import { abort } from '../../src/control.ts'
import { canary } from '../../src/core/strategies.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import type { LiveRoute, Platform } from '../../src/ports.ts'
import { release } from '../../src/release.ts'
import type { ReleaseOptions } from '../../src/wire.ts'
import { NAMESPACE, SERVICE, World } from '../helpers/world.ts'
import { mortalCluster, NEVER, reaper, type Reaper } from '../helpers/mortal.ts'
import { WAYS, type Way } from '../contract/ways.ts'

/** Deployments have as many ready pods as they ask for, at once. */
function controllers(world: World): void {
  world.api.onChange((type, object) => {
    if (object.kind !== 'Deployment' || type === 'DELETED') return
    const { replicas = 1 } = (object.spec ?? {}) as { replicas?: number }
    if ((object.status as { readyReplicas?: number } | undefined)?.readyReplicas === replicas) return
    world.api.put('Deployment', { ...object, status: { readyReplicas: replicas } })
  })
}

function planOf(way: Way): Plan {
  const hasTracks = way.title === 'ingress-nginx' || way.title === 'replica ratio'
  const stage = { minMs: 60_000, maxMs: 300_000, gates: ['errors'] }
  const match = [{ by: 'header' as const, name: 'x-beta', value: 'yes' }]
  const hasRequests = !way.isWithoutRequests && way.title !== 'replica ratio'
  const audience = hasRequests ? [{ weight: 0, match, ...stage }] : []
  const mirror = hasRequests && !hasTracks ? [{ weight: 0, mirror: 50, ...stage }] : []
  return canary({
    stages: [...mirror, ...audience, ...[10, 50, 100].map((weight) => ({ weight, ...stage }))],
    ...(hasTracks && { ending: 'replace', retire: 'remove' }),
  })
}

const open: World[] = []
afterEach(() => {
  for (const world of open.splice(0)) world.close()
})

function begin(way: Way, verdict: (weight: number) => Verdict): World {
  const world = new World()
  open.push(world)
  controllers(world)
  for (const object of way.objects(SERVICE, NAMESPACE)) {
    world.api.put(object.kind ?? '', object as Parameters<World['api']['put']>[1])
  }
  world.verdict = verdict
  return world
}

function optionsOf(world: World, way: Way, death: Reaper, holder: string): ReleaseOptions {
  const platform: Platform = {
    cluster: mortalCluster(world, death),
    fetch: globalThis.fetch,
    shell: { run: () => Promise.reject(new Error('no shell')) },
    clock: world.clock,
    random: () => 0.5,
    timeout: () => new AbortController().signal,
    say: () => undefined,
    mask: (text) => text,
    env: {},
  }
  const lock = world.lock
  return {
    service: SERVICE,
    namespace: NAMESPACE,
    version: '1.1',
    plan: planOf(way),
    traffic: (outside) => way.connect(SERVICE, NAMESPACE, outside),
    gates: { errors: () => world.gate },
    deployer: () => world.deployer,
    workloads: () => world.workloads,
    journal: () => ({ needs: [], load: () => Promise.resolve([]), save: () => Promise.resolve() }),
    lock: () => ({
      needs: [],
      status: () => lock.status(),
      acquire: async (who, atLeast, options) => {
        const held = await lock.acquire(who, atLeast, options)
        // A dead process gives nothing back.
        return { ...held, release: () => (death.isDead ? Promise.resolve() : held.release()) }
      },
    }),
    platform,
    holder,
  }
}

const live = (world: World, way: Way): Promise<LiveRoute> =>
  way.connect(SERVICE, NAMESPACE, optionsOf(world, way, NEVER(), 'look').platform as Platform).read()

const HEALTHY = (): Verdict => 'pass'
const FAULTY = (weight: number): Verdict => (weight === 50 ? 'fail' : 'pass')

describe.each(WAYS)('$title: a release that dies at any request', (way) => {
  const endsSwapped = planOf(way).ending === 'swap'
  it.each([
    ['healthy', HEALTHY, 'promoted', endsSwapped ? { blue: 0, green: 100 } : { blue: 100, green: 0 }],
    ['faulty at 50 %', FAULTY, 'reverted', { blue: 100, green: 0 }],
  ] as const)('and is %s ends the same when it is started again', { timeout: 60_000 }, async (...row) => {
    const [, verdict, outcome, shares] = row
    const counting = NEVER()
    const first = begin(way, verdict)
    const whole = await release(optionsOf(first, way, counting, 'run-1'))
    expect([whole.outcome, whole.reason]).toEqual([outcome, whole.reason])
    const others = JSON.stringify(
      way.objects(SERVICE, NAMESPACE).map((one) => first.api.find(one.kind ?? '', NAMESPACE, one.metadata.name)?.spec),
    )
    expect(counting.calls).toBeGreaterThan(20)
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; at <= counting.calls; at += 1) {
        const world = begin(way, verdict)
        await release(optionsOf(world, way, reaper(at, moment), 'run-1')).catch(() => undefined)
        world.lock.forget()
        const label = `death ${moment} request ${at}`
        const report = await release(optionsOf(world, way, NEVER(), 'run-2'))
        expect([label, report.outcome, report.reason]).toEqual([label, outcome, report.reason])
        const found = await live(world, way)
        expect([label, found.shares, found.unfinished]).toEqual([label, shares, ''])
        const now = JSON.stringify(
          way
            .objects(SERVICE, NAMESPACE)
            .map((one) => world.api.find(one.kind ?? '', NAMESPACE, one.metadata.name)?.spec),
        )
        expect([label, now]).toEqual([label, others])
        for (const one of open.splice(0)) one.close()
      }
    }
  })

  it('is brought back by abort', { timeout: 60_000 }, async () => {
    const counting = NEVER()
    await release(optionsOf(begin(way, HEALTHY), way, counting, 'run-1'))
    for (let at = 1; at <= counting.calls; at += 1) {
      const world = begin(way, HEALTHY)
      await release(optionsOf(world, way, reaper(at, 'after'), 'run-1')).catch(() => undefined)
      world.lock.forget()
      const saved = (await live(world, way)).notes.state ?? ''
      const isTooLate = saved === '' || /"phase":"promoted"|"stableReplaced":true/.test(saved)
      const report = await abort(optionsOf(world, way, NEVER(), 'run-2')).catch(() => null)
      const found = await live(world, way)
      const { shares, unfinished } = found
      if (!isTooLate) {
        expect([at, report?.outcome, shares, unfinished]).toEqual([at, 'reverted', { blue: 100, green: 0 }, ''])
        expect([at, found.serves({ match: [], mirror: 0 }, 'green')]).toEqual([at, true])
      }
      for (const one of open.splice(0)) one.close()
    }
  })
})
