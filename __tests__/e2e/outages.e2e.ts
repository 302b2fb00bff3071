import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from './mesh/kube-client.ts'
import type { Part } from './mesh/up.ts'
import type { Shop, ShopOptions } from './mesh/shop.ts'
import { inShop } from './scenario.ts'
import { endFirst } from './mesh/product.ts'

const RUNNING = {
  running: { blue: '1.0.0' },
  settings: { stages: [5, 25, 100].map((weight) => ({ weight, min: '5s', max: '60s' })) },
}

/** One at a time: these take parts of the mesh down. Whatever happens, the part runs again afterwards. */
function outage(name: string, part: Part, options: ShopOptions, body: (shop: Shop) => Promise<void>): void {
  test(name, (context) =>
    inShop(context, options, async (shop) => {
      try {
        await body(shop)
      } finally {
        if (!shop.mesh.processes.isRunning(part)) await shop.mesh.start(part)
        // After an outage it backs off for up to half a minute before it follows the API server again.
        if (part === 'apiserver') {
          await shop.mesh.stop('istiod')
          await shop.mesh.start('istiod')
        }
      }
    }),
  )
}

outage('the API server is killed and restarted in mid-bake', 'apiserver', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(/read back: .*green 25 /)
  await sleep(2000)
  await shop.mesh.stop('apiserver')
  await sleep(5000)
  await shop.mesh.start('apiserver')
  const { code, text } = await run.ended
  expect(code, endFirst(text)).toBe(0)
  expect(await shop.weights()).toEqual({ blue: 0, green: 100 })
  await load.stop()
  expect(load.all().failed).toEqual([])
})

outage('the API server is away when the revert begins', 'apiserver', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(/read back: .*green 25 /)
  await shop.mesh.stop('apiserver')
  await shop.behave('green', { errors: 0.2 }).catch(() => undefined)
  // What follows from it is told once it is saved.
  const verdict = await run.line(/stage 25%: fail/)
  await sleep(3000)
  await shop.mesh.start('apiserver')
  const written = await run.line(/read back: .*green 0 /, verdict)
  const { code, text } = await run.ended
  expect(code, endFirst(text)).toBe(1)
  expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  // The mesh is as late as istiod is to come back to the API server: its own back-off, at most half a minute.
  await eventually('the mesh follows', () => Promise.resolve(Date.now() - load.lastOf('green') > 2000 || null), 40_000)
  await load.stop()
  expect(load.lastOf('green')).toBeLessThanOrEqual(written.at + 30_000)
  expect(load.all().failed.filter(({ colour }) => colour !== 'green')).toEqual([])
})

outage('istiod is away during a shift: the weight that is written is not served', 'istiod', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(/read back: .*green 5 /)
  // The mesh follows the 5 %, and then nothing any more.
  await sleep(3000)
  await shop.mesh.stop('istiod')
  const written = await run.line(/read back: .*green 25 /)
  await sleep(10_000)
  // Written, read back, and not served: the stage waits.
  expect(run.text).not.toMatch(/stage 25%: passed/)
  const { total, byColour } = load.between(written.at + 1000, Date.now())
  expect((byColour['green'] ?? 0) / total).toBeLessThan(0.1)
  await shop.mesh.start('istiod')
  const { code, text } = await run.ended
  expect(code, endFirst(text)).toBe(0)
  await load.stop()
  expect(load.answers.at(-1)?.colour).toBe('green')
  expect(load.all().failed).toEqual([])
})

outage('Prometheus is away for less than the stage may last', 'prometheus', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(/read back: .*green 25 /)
  await shop.mesh.stop('prometheus')
  await run.line(/stage 25%: error/)
  await shop.mesh.start('prometheus')
  const { code, text } = await run.ended
  expect(code, endFirst(text)).toBe(0)
  await load.stop()
  expect(load.all().failed).toEqual([])
})

const IMPATIENT = { ...RUNNING, settings: { stages: [25, 100].map((weight) => ({ weight, min: '5s', max: '15s' })) } }

outage(
  'Prometheus is away for longer: never a pass, the release is taken back',
  'prometheus',
  IMPATIENT,
  async (shop) => {
    const load = await shop.load(300)
    const run = shop.release('1.1.0')
    await run.line(/read back: .*green 25 /)
    await shop.mesh.stop('prometheus')
    const { code, text } = await run.ended
    expect(code, endFirst(text)).toBe(1)
    expect(text).not.toMatch(/stage 25%: passed/)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)
