import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Behaviour } from './mesh/behaviour.ts'
import type { Load } from './mesh/load.ts'
import type { Shop } from './mesh/shop.ts'
import { scenario } from './scenario.ts'

const RUNNING = { running: { blue: '1.0.0' } }
/** The mesh itself needs about 110 ms to obey. */
const OBEYED_MS = 1000

/** A release that goes wrong at a weight and is taken back: what was said, and what was served. */
async function takenBack(shop: Shop, behaviour: Behaviour, weight: number): Promise<{ text: string; load: Load }> {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(new RegExp(`read back: .*green ${weight} `))
  await shop.behave('green', behaviour)
  const begun = Date.now()
  const verdict = await run.line(/: reverting;/)
  const written = await run.line(/read back: .*green 0 /, verdict)
  const { code, text } = await run.ended
  expect(code, text).toBe(1)
  expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  await sleep(2 * OBEYED_MS)
  await load.stop()
  // From the verdict, and from the read-back, to the last request that the candidate was given.
  expect(load.lastOf('green') - verdict.at).toBeLessThanOrEqual(OBEYED_MS)
  const after = load.between(written.at + OBEYED_MS, Date.now())
  expect(after.byColour).toEqual({ blue: after.total })
  // The candidate's own fault explains what failed: nothing before it, nothing of stable, nothing after.
  for (const failure of load.all().failed) {
    expect(failure.colour).not.toBe('blue')
    expect(failure.at).toBeGreaterThanOrEqual(begun - OBEYED_MS)
    expect(failure.sentAt).toBeLessThanOrEqual(written.at + OBEYED_MS)
  }
  return { text, load }
}

scenario('errors at 25 % are taken back', RUNNING, async (shop) => {
  const { text } = await takenBack(shop, { errors: 0.1 }, 25)
  expect(text).toMatch(/errors fail/)
})

scenario('slow answers at 25 % are taken back', RUNNING, async (shop) => {
  const { text, load } = await takenBack(shop, { delayMs: 250 }, 25)
  expect(text).toMatch(/latency fail/)
  expect(load.all().failed).toEqual([])
})

scenario('a crash at 25 % is taken back', RUNNING, async (shop) => {
  const { text } = await takenBack(shop, { crash: true }, 25)
  expect(text).toMatch(/address-service-green/)
})

scenario('pods that are no longer ready at 25 % are taken back', RUNNING, async (shop) => {
  await takenBack(shop, { neverReady: true }, 25)
})

scenario('an overload above half of the traffic is taken back', RUNNING, async (shop) => {
  // 300 requests a second: half of them is 150, all of them are too many.
  await takenBack(shop, { errors: 0.2, errorsAboveRps: 220 }, 50)
})

scenario(
  'a candidate that never becomes ready gets no traffic',
  { ...RUNNING, settings: { 'ready-timeout': '6s' } },
  async (shop) => {
    await shop.behave('green', { neverReady: true })
    const load = await shop.load(300)
    const { code, text } = await shop.release('1.1.0').ended
    expect(code, text).toBe(1)
    expect(text).toMatch(/readiness probe fails/)
    await load.stop()
    const { total, byColour, failed } = load.all()
    expect(byColour).toEqual({ blue: total })
    expect(failed).toEqual([])
  },
)

scenario('a candidate that starts slowly is waited for', RUNNING, async (shop) => {
  await shop.behave('green', { startMs: 4000 })
  const load = await shop.load(300)
  const { code, text } = await shop.release('1.1.0').ended
  expect(code, text).toBe(0)
  await load.stop()
  expect(load.all().failed).toEqual([])
})
