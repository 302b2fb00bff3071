import { expect } from 'vitest'
import type { Shop } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

const SHORT = {
  running: { blue: '1.0.0' },
  settings: { stages: [25, 100].map((weight) => ({ weight, min: '6s', max: '60s' })) },
}

/** Where a driver is killed, as what it says or does just before. */
const MOMENTS: Readonly<Record<string, RegExp>> = {
  deploy: /DEPLOYMENT_TYPE=green .*helmfile/,
  shift: /green: ready/,
  bake: /read back: .*green 25 /,
  promote: /stage 100%: passed/,
}

async function killedAt(shop: Shop, moment: RegExp): Promise<void> {
  const run = shop.release('1.1.0')
  await run.line(moment)
  run.signal('SIGKILL')
  await run.ended
}

for (const [name, moment] of Object.entries(MOMENTS)) {
  scenario(`kill -9 at ${name}, then sweep`, SHORT, async (shop) => {
    const load = await shop.load(100)
    await killedAt(shop, moment)
    // The lease must have run out and stood still before anybody may say that its driver is gone.
    await shop.untilSwept()
    const weights = await shop.weights()
    expect(weights['blue']).toBe(name === 'promote' ? weights['blue'] : 100)
    expect([0, 100]).toContain(weights['green'])
    await load.stop()
    expect(load.all().failed).toEqual([])
  })

  scenario(`kill -9 at ${name}, then release again`, SHORT, async (shop) => {
    const load = await shop.load(100)
    await killedAt(shop, moment)
    const { code, text } = await shop.releaseAgain('1.1.0')
    expect(code, endFirst(text)).toBe(0)
    expect(await shop.weights()).toEqual({ blue: 0, green: 100 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  })
}
