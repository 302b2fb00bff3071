import { describe, expect, it } from 'vitest'
import { goalEvidence } from '../../src/core/goal.ts'
import { Random } from '../../scripts/gate-bench/random.ts'

/** How often one of two versions was chosen when somebody looked after every hundred trials. */
function choices(stable: number, candidate: number, share: number, runs: number) {
  const random = new Random(5)
  const chosen = { candidate: 0, stable: 0, nobody: 0 }
  const looks: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const tally = { candidate: { trials: 0, successes: 0 }, stable: { trials: 0, successes: 0 } }
    let winner: keyof typeof chosen = 'nobody'
    for (let look = 1; look <= 200 && winner === 'nobody'; look += 1) {
      const n = Math.round(200 * share)
      tally.candidate.trials += n
      tally.candidate.successes += random.binomial(n, candidate)
      tally.stable.trials += 200 - n
      tally.stable.successes += random.binomial(200 - n, stable)
      const found = goalEvidence(tally)
      if (found.odds < 20) continue
      winner = found.candidate > found.stable ? 'candidate' : 'stable'
      looks.push(look)
    }
    chosen[winner] += 1
  }
  return chosen
}

describe('a test of two versions', () => {
  it.each([
    [0.05, 0.5],
    [0.3, 0.5],
    [0.02, 0.1],
    [0.5, 0.1],
  ])('of %d success, %d of the trials: two equal ones are told apart at most once in twenty tests', (rate, share) => {
    const { nobody } = choices(rate, rate, share, 1000)
    expect(nobody).toBeGreaterThanOrEqual(950)
  })

  it('chooses the better one, also when it is the old one', () => {
    expect(choices(0.1, 0.13, 0.5, 200).candidate).toBeGreaterThanOrEqual(198)
    expect(choices(0.13, 0.1, 0.5, 200).stable).toBeGreaterThanOrEqual(198)
  })

  it('says nothing of a handful of trials', () => {
    const few = { candidate: { trials: 90, successes: 90 }, stable: { trials: 10_000, successes: 0 } }
    expect(goalEvidence(few).odds).toBe(1)
    const none = { candidate: { trials: 0, successes: 0 }, stable: { trials: 0, successes: 0 } }
    expect(goalEvidence(none)).toMatchObject({ candidate: Number.NaN, odds: 1 })
  })
})
