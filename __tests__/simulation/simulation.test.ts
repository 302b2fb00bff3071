import { describe, expect, it } from 'vitest'
import { simulate } from '../../scripts/simulate/run.ts'
import { scenarioOf } from '../../scripts/simulate/scenario.ts'
import { REGRESSIONS } from './regressions.ts'

/** Vitest's limit is no measure: the command `npm run simulate` is. */
const LONG_MS = 120_000

describe('simulated releases under faults', () => {
  it.each([0, 1, 2, 3])(
    'keep every rule: seeds %d00000 and on',
    async (part) => {
      const ends = new Set<string>()
      for (let seed = part * 100_000; seed < part * 100_000 + 250; seed += 1) {
        const { violations, end } = await simulate(scenarioOf(seed))
        expect(violations, `npm run simulate -- --show --from ${seed}`).toEqual([])
        ends.add(end)
      }
      // A simulation in which nothing ever goes through, or nothing is ever taken back, proves nothing.
      expect([...ends]).toEqual(expect.arrayContaining(['promoted', 'reverted']))
    },
    LONG_MS,
  )

  it.each(Object.entries(REGRESSIONS))('no more: %s', async (_name, scenario) => {
    const { violations, log } = await simulate(scenario)
    expect(violations, log.join('\n')).toEqual([])
  })

  it('come to the same each time', async () => {
    for (const seed of [1, 27, 88, 256, 1546]) {
      const [one, other] = [await simulate(scenarioOf(seed)), await simulate(scenarioOf(seed))]
      expect(other.log).toEqual(one.log)
    }
  })
})
