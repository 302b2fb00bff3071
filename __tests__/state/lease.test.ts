import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src/platform/clock.ts'
import { lease, toMicroTime } from '../../src/state/lease.ts'
import type { Lock } from '../../src/ports.ts'
import { istio } from '../../src/traffic/istio.ts'
import { release } from '../../src/release.ts'
import { NAMESPACE, SERVICE, World } from '../helpers/world.ts'

let world: World
beforeEach(async () => {
  world = await new World().open()
})
afterEach(() => {
  world.close()
})

const never = new AbortController().signal
const patient = { seize: false, signal: never }
/** Time runs 50 times as fast: a lease of 30 s is over after 600 ms. */
const clock = systemClock(50)
const connect = (): Lock => lease({ service: SERVICE, namespace: NAMESPACE })({ ...world.platform(), clock })

it('is held by one, and the other is told by whom and since when', async () => {
  const held = await connect().acquire('run-1', 1, patient)
  await expect(connect().acquire('run-2', 1, patient)).rejects.toMatchObject({
    code: 'LOCK_HELD',
    message: expect.stringMatching(/run-1 drives this release since 20\d\d-/) as string,
  })
  await held.release()
  const next = await connect().acquire('run-2', 1, patient)
  expect(next.fence).toBeGreaterThan(held.fence)
  await next.release()
})

it('is renewed while it is held', async () => {
  const lock = connect()
  const held = await lock.acquire('run-1', 1, patient)
  await new Promise((done) => setTimeout(done, 1500))
  expect(await lock.status()).toMatchObject({ holder: 'run-1', expired: false })
  await held.release()
  expect(await lock.status()).toMatchObject({ holder: '' })
})

it('is taken from a dead holder only after its record stood still for its whole time', async () => {
  const dead = {
    holderIdentity: 'dead',
    leaseDurationSeconds: 30,
    leaseTransitions: 7,
    renewTime: '2020-01-01T00:00:00.000000Z',
  }
  world.api.put('Lease', { metadata: { name: `gray-release-${SERVICE}`, namespace: NAMESPACE }, spec: dead })
  const begun = clock.now()
  const held = await connect().acquire('run-1', 1, patient)
  expect(clock.now() - begun).toBeGreaterThanOrEqual(30_000)
  expect(held.fence).toBe(8)
  await held.release()
})

it('is not taken from a holder whose clock is wrong but who renews', async () => {
  const name = { name: `gray-release-${SERVICE}`, namespace: NAMESPACE }
  const slow = { holderIdentity: 'slow', leaseDurationSeconds: 30, leaseTransitions: 1 }
  world.api.put('Lease', { metadata: name, spec: { ...slow, renewTime: '2020-01-01T00:00:00.000000Z' } })
  setTimeout(() => {
    world.api.put('Lease', { metadata: name, spec: { ...slow, renewTime: '2020-01-01T00:00:10.000000Z' } })
  }, 50)
  await expect(connect().acquire('run-1', 1, patient)).rejects.toMatchObject({ code: 'LOCK_HELD' })
})

it('that was seized is lost to its holder', async () => {
  const held = await connect().acquire('run-1', 1, patient)
  const taken = await connect().acquire('run-2', 1, { seize: true, signal: never })
  await new Promise((done) => setTimeout(done, 700))
  expect(held.lost.aborted).toBe(true)
  expect(taken.lost.aborted).toBe(false)
  await held.release()
  await taken.release()
})

it('has times with six fractional digits, as the API server wants them', () => {
  expect(toMicroTime(Date.parse('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02T03:04:05.678000Z')
})

it('keeps a second release out within two seconds', async () => {
  const real = { lock: lease({ service: SERVICE, namespace: NAMESPACE }) }
  const now = { clock: systemClock() }
  let second: Promise<unknown> | undefined
  let tookMs = 0
  world.duringBake = async () => {
    if (second !== undefined) return
    const begun = Date.now()
    const options = world.options('1.1', { ...real, holder: 'run-2', platform: { ...world.platform(), ...now } })
    second = release(options).catch((error: unknown) => error)
    await second
    tookMs = Date.now() - begun
  }
  const plan = {
    ...world.plan(),
    settleMs: 0,
    intervalMs: 10,
    stages: world.plan().stages.map((one) => ({ ...one, minMs: 20 })),
  }
  const report = await release(world.options('1.1', { ...real, plan, platform: { ...world.platform(), ...now } }))
  expect(report.outcome).toBe('promoted')
  expect(await second).toMatchObject({ code: 'LOCK_HELD', message: expect.stringContaining('run-1') as string })
  expect(tookMs).toBeLessThan(2000)
})

it('once lost does not let its holder write, even before it notices', async () => {
  const traffic = istio({ service: SERVICE, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } })
  const write = (number: number, holder: string, green: number) =>
    traffic(world.platform()).write({
      shares: { blue: 100 - green, green },
      audience: null,
      notes: {},
      fence: { number, holder },
      expected: null,
    })
  await write(1, 'run-1', 5)
  await write(2, 'run-2', 0)
  await expect(write(1, 'run-1', 25)).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
  expect(world.weights()).toEqual([[100, 0]])
})
