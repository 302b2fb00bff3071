import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Behaviour } from '../mesh/behaviour.ts'
import type { Load } from '../mesh/load.ts'
import type { Shop } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

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
  expect(code, endFirst(text)).toBe(1)
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
  expect(text).toMatch(
    /evidence fail: errors: candidate \d.* of \d+ requests, stable .*; the limit is 1.5 × stable \+ 0.1 points; evidence [\d.]+ to 1/,
  )
})

scenario('slow answers at 25 % are taken back', RUNNING, async (shop) => {
  const { text, load } = await takenBack(shop, { delayMs: 250 }, 25)
  expect(text).toMatch(/evidence fail: slower than/)
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
    expect(code, endFirst(text)).toBe(1)
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
  expect(code, endFirst(text)).toBe(0)
  await load.stop()
  expect(load.all().failed).toEqual([])
})

/** The default question, which takes its time: what the next weight may cost is a thousandth of the requests. */
const STRICT = (mesh: { readonly address: { readonly prometheusUrl: string } }) => ({
  gates: { prometheus: { url: mesh.address.prometheusUrl }, 'warm-up': '2s' },
})

for (const share of [0.02, 0.05]) {
  scenario(
    `${share * 100} % errors at 25 % of 300 requests a second are found by the default gate`,
    {
      ...RUNNING,
      settings: (mesh) => ({ ...STRICT(mesh), stages: [25, 100].map((weight) => ({ weight, min: '5s', max: '5m' })) }),
    },
    async (shop) => {
      await shop.behave('green', { errors: share })
      const { text } = await takenBack(shop, { errors: share }, 25)
      expect(text).toMatch(
        /evidence fail: errors: candidate \d.* of \d+ requests, stable .*; the limit is 1.5 × stable \+ 0.1 points; evidence [\d.]+ to 1/,
      )
    },
  )
}

scenario(
  'one percent of errors on both colours is no reason against a release',
  {
    ...RUNNING,
    // At 100 % there is no stable beside it any more, and milliseconds on two shared cores are not what this asks about:
    // nothing must speak against the candidate there, but no more than that.
    settings: (mesh) => ({
      ...STRICT(mesh),
      stages: [
        { weight: 50, min: '5s', max: '5m' },
        { weight: 100, min: '5s', max: '30s' },
      ],
      policies: { 'on-inconclusive': 'continue' },
    }),
  },
  async (shop) => {
    await Promise.all(['blue', 'green'].map((colour) => shop.behave(colour, { errors: 0.01 })))
    const load = await shop.load(300)
    const { code, text } = await shop.release('1.1.0').ended
    expect(code, endFirst(text)).toBe(0)
    expect(text).toMatch(/is ruled out/)
    await load.stop()
    expect(load.all().failed.every(({ colour }) => colour !== '')).toBe(true)
  },
)
