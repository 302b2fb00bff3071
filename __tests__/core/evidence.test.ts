import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bet,
  Bets,
  blockEvidence,
  Dispersion,
  evidence,
  gaugeEvidence,
  PASS_CAP,
  PASS_RATIOS,
  RATIOS,
  REVERT_CAP,
  ShareEstimate,
  STAKES,
  type Block,
  type Limit,
} from '../../src/core/evidence.ts'
import { distributionError, logBeta, logMixture, ratioInterval, shareInterval } from '../../src/core/intervals.ts'
import { passBlocks, revertBlocks } from '../../src/core/forecast.ts'
import { Random } from '../../scripts/gate-bench/random.ts'

interface Vectors {
  readonly ratios: number[]
  readonly blocks: Block[]
  readonly exactBet: number[]
  readonly exactBetEvenSplit: number[]
  readonly exactBets_block1: number[]
  readonly exactBets_block1_phi4: number[]
  readonly passBets_block1_delta0_0333: number[]
  readonly revertEvidence_money0_3: number[]
  readonly revertEvidence_money0_3_phi4: number[]
  readonly absoluteEvidence_slo1pct: number[]
  readonly blockBets_block1: number[]
  readonly blockEvidence_money0_3: number[]
  readonly dispersion: number
  readonly dispersionSums: [number, number]
  readonly logBetaMix: number
  readonly logBetaMixUpper_kappa100_theta0: number
  readonly stableRate: number
  readonly proportionCS: { x: number; n: number; alpha: number; cs: [number, number] }[]
  readonly ratioCS: { xC: number; nC: number; xS: number; nS: number; alpha: number; cs: [number, number] }[]
  readonly dkw: { n: number; alpha: number; eps: number }[]
  readonly planRevert: { nC: number; nS: number; s: number; pC: number; blocks: number }[]
  readonly planPass: { rps: number; weight: number; next: number; s: number; delta: number; blocks: number }[]
}

const known = JSON.parse(readFileSync('__tests__/fixtures/gate-vectors.json', 'utf8')) as Vectors
const LIMIT: Limit = { rho: 1.5, delta: 0.001 }
const S = 0.005

/** The part of a beta distribution above a point, by many small steps. */
function betaAbove(from: number, a: number, b: number): number {
  const STEPS = 2_000_000
  const width = (1 - from) / STEPS
  let sum = 0
  for (let k = 0; k < STEPS; k += 1) {
    const x = from + (k + 0.5) * width
    sum += Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log(1 - x) - logBeta(a, b)) * width
  }
  return sum
}

/** Equal to nine digits, as the values are given. */
const same = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found).toHaveLength(wanted.length)
  found.forEach((value, index) => {
    const one = wanted[index] ?? Number.NaN
    expect(Math.abs(value - one)).toBeLessThanOrEqual(Math.abs(one) * 1e-9)
  })
}

describe('known values of', () => {
  const [, second = { nC: 0, xC: 0, nS: 0, xS: 0 }] = known.blocks
  const split = second.nC / second.nS
  const played = (limit: Limit, phi: number): number[] =>
    known.ratios.map((r) => evidence(bet(r, limit, S, split), second, limit, phi, REVERT_CAP))

  it('the bets', () => {
    same(
      known.ratios.map((ratio) => bet(ratio, LIMIT, S, 30 / 2970)),
      known.exactBet,
    )
    same(
      known.ratios.map((ratio) => bet(ratio, LIMIT, S, 1)),
      known.exactBetEvenSplit,
    )
  })

  it('the evidence of a block, also with bursts', () => {
    same(played(LIMIT, 1), known.exactBets_block1)
    same(played(LIMIT, 4), known.exactBets_block1_phi4)
  })

  it('the evidence for going on', () => {
    const limit = { rho: 1.5, delta: 1 / 30 }
    const found = PASS_RATIOS.map((r) => evidence(bet(r, limit, S, split), second, limit, 1, PASS_CAP))
    same(found, known.passBets_block1_delta0_0333)
  })

  it.each([
    ['money of 0.3', 0.3, LIMIT, 1, known.revertEvidence_money0_3],
    ['money of 0.3 and bursts of 4', 0.3, LIMIT, 4, known.revertEvidence_money0_3_phi4],
    ['an absolute limit', 1, { rho: 0, delta: 0.01 }, 1, known.absoluteEvidence_slo1pct],
  ])('six blocks with %s', (_what, money, limit, phi, wanted) => {
    const bets = new Bets(known.ratios, REVERT_CAP)
    bets.put(money)
    const found = known.blocks.map((block) => {
      bets.play(block, limit, S, phi)
      return bets.worth + 1 - money
    })
    same(found, wanted)
  })

  it('whole blocks as one observation', () => {
    const both = (block: Block): number[] => STAKES.flatMap((stake) => blockEvidence(stake, block, LIMIT, S, 1))
    same(both(second), known.blockBets_block1)
    let wealth = STAKES.flatMap(() => [0.3 / 16, 0.3 / 16])
    const found = known.blocks.map((block) => {
      const won = both(block)
      wealth = wealth.map((one, index) => one * (won[index] ?? 0))
      return wealth.reduce((sum, one) => sum + one, 0.7)
    })
    same(found, known.blockEvidence_money0_3)
  })

  it('the mixtures, two-sided and above a share only', () => {
    same([logMixture(15, 102, 0.0101)], [known.logBetaMix])
    // The second opinion on the bets: with a constant split the mixture has a closed form.
    const share = (1.5 * 183) / (1.5 * 183 + 17844)
    const [a, b] = [100 * share, 100 * (1 - share)]
    const above = (x: number, y: number): number => Math.log(betaAbove(share, x, y)) + logBeta(x, y)
    const found = above(a + 15, b + 87) - above(a, b) - 15 * Math.log(share) - 87 * Math.log(1 - share)
    same([found], [known.logBetaMixUpper_kappa100_theta0])
  })

  it('the size of bursts from its sums', () => {
    const [numerator, denominator] = known.dispersionSums
    expect(numerator / denominator).toBeCloseTo(known.dispersion, 6)
  })

  it('stable’s share', () => {
    const estimate = new ShareEstimate()
    for (const { xS, nS } of known.blocks) estimate.add(xS, nS)
    same([estimate.value], [known.stableRate])
  })

  it('the intervals', () => {
    for (const { x, n, alpha, cs } of known.proportionCS) same(shareInterval(x, n, alpha), cs)
    for (const { xC, nC, xS, nS, alpha, cs } of known.ratioCS) {
      same(ratioInterval({ bad: xC, all: nC }, { bad: xS, all: nS }, alpha), cs)
    }
    for (const { n, alpha, eps } of known.dkw) same([distributionError(n, alpha)], [eps])
  })

  it('the forecasts', () => {
    for (const { nC, nS, s, pC, blocks } of known.planRevert) {
      const rules = { alpha: 0.01, part: 0.5, money: 0.3, ratios: known.ratios.length }
      expect(revertBlocks({ nC, nS, share: s, fault: pC, limit: LIMIT, phi: 1 }, rules)).toBe(blocks)
    }
    for (const { rps, weight, s, delta, blocks } of known.planPass) {
      const nC = (rps * 15 * weight) / 100
      const asked = { nC, nS: rps * 15 - nC, share: s, fault: s, limit: { rho: 1.5, delta }, phi: 1 }
      expect(passBlocks(asked, 0.05)).toBe(blocks)
    }
  })
})

describe('Ville’s bound', () => {
  const RUNS = 2000
  const LOOKS = 480
  const ALPHA = 0.01
  it.each([
    ['1 : 99 of 200 rps', 30, 2970, 0.005],
    ['even split', 1500, 1500, 0.005],
    ['nearly clean, 20 : 80', 600, 2400, 0.0001],
    ['few requests', 37, 38, 0.01],
  ])('holds at the limit under 480 looks: %s', (_what, nC, nS, share) => {
    const random = new Random(7)
    const atLimit = LIMIT.rho * share + LIMIT.delta
    let reverts = 0
    for (let run = 0; run < RUNS; run += 1) {
      const bets = new Bets(RATIOS, REVERT_CAP)
      bets.put(1)
      const stable = new ShareEstimate()
      stable.add(share * nS * 80, nS * 80)
      for (let look = 0; look < LOOKS && bets.worth < 1 / ALPHA && bets.worth > 1e-9; look += 1) {
        const block = { nC, xC: random.poisson(nC * atLimit), nS, xS: random.poisson(nS * share) }
        bets.play(block, LIMIT, stable.value, 1)
        stable.add(block.xS, block.nS)
      }
      if (bets.worth >= 1 / ALPHA) reverts += 1
    }
    expect(reverts / RUNS).toBeLessThanOrEqual(ALPHA)
  })
})

describe('bursts', () => {
  it('are measured between the pods of stable', () => {
    const random = new Random(3)
    const [single, bursts] = [new Dispersion(), new Dispersion()]
    for (let block = 0; block < 400; block += 1) {
      const pods = Array.from({ length: 10 }, () => 300)
      single.add(pods.map((n) => ({ n, x: random.poisson(1.5) })))
      bursts.add(pods.map((n) => ({ n, x: 8 * random.poisson(1.5 / 8) })))
    }
    expect(single.value).toBeLessThan(1.2)
    expect(bursts.value).toBeGreaterThan(6.5)
    expect(bursts.value).toBeLessThan(9)
  })

  it('count for one with a single pod', () => {
    const dispersion = new Dispersion()
    for (let block = 0; block < 50; block += 1) dispersion.add([{ n: 100, x: 30 }])
    expect(dispersion.value).toBe(1)
  })
})

it('a gauge at the limit is worth nothing, one above it something, one block at most the cap', () => {
  const limit = { rho: 1.25, delta: 0.05 }
  expect(gaugeEvidence(0.5, 1.3, 1, limit)).toBeCloseTo(1, 12)
  expect(gaugeEvidence(0.5, 2.6, 1, limit)).toBeCloseTo(1.5, 12)
  expect(gaugeEvidence(0.92, 1e6, 1, limit)).toBe(REVERT_CAP)
})
