import { expect } from 'vitest'
import { ARTICLE } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

scenario(
  'the first release of all serves everything, from the article’s files as written',
  { istio: ARTICLE },
  async (shop) => {
    const run = shop.release('1.0.0')
    const { code, text } = await run.ended
    expect(text).toContain('first release')
    expect(code).toBe(0)
    const load = await shop.load(100)
    await load.stop()
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  },
)

const STAGES = [5, 25, 50, 100].map((weight) => ({ weight, min: '11s', max: '60s' }))

scenario(
  'a healthy release goes through its stages and the way back is one command',
  { running: { blue: '1.0.0' }, settings: { stages: STAGES } },
  async (shop) => {
    const load = await shop.load(600)
    const run = shop.release('1.1.0')
    const spans: { weight: number; from: number; to: number }[] = []
    for (const { weight } of STAGES) {
      const begun = await run.line(new RegExp(`read back: .*green ${weight} `))
      const passed = await run.line(new RegExp(`stage ${weight}%: passed`))
      // The mesh obeys a weight after a tenth of a second.
      spans.push({ weight, from: begun.at + 500, to: passed.at })
    }
    const { code, text } = await run.ended
    expect(code, endFirst(text)).toBe(0)
    expect(await shop.weights()).toEqual({ blue: 0, green: 100 })
    for (const { weight, from, to } of spans) {
      const { total, byColour } = load.between(from, to)
      expect(total).toBeGreaterThanOrEqual(6000)
      const share = weight / 100
      // Three standard deviations of 2,000 requests, over three times as many: chance alone passes that once in 5 million.
      const deviation = Math.sqrt((share * (1 - share)) / 2000)
      expect(Math.abs((byColour['green'] ?? 0) / total - share)).toBeLessThanOrEqual(3 * deviation)
    }
    await shop.untilReady('blue')
    const back = await shop.command('rollback').ended
    expect(back.code, endFirst(back.text)).toBe(0)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    const settled = back.endedAt + 1000
    await load.stop()
    expect(load.lastOf('green')).toBeLessThan(settled)
    expect(load.all().failed).toEqual([])
  },
)
