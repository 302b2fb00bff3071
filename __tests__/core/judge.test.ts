import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { judgeLines } from '../../src/cli/backtest.ts'
import { Counters } from '../../src/core/counters.ts'
import { forecastStages, passBlocks, revertBlocks } from '../../src/core/forecast.ts'
import { EvidenceJudge, passDeltaOf } from '../../src/core/evidence-judge.ts'
import { ERRORS, errorsMetric, pickBoundaries } from '../../src/core/golden.ts'
import { defaultRules } from '../../src/core/judge-protocol.ts'
import { Random } from '../../scripts/gate-bench/random.ts'
import { ours } from '../../scripts/gate-bench/rules.ts'
import { FAULTY, HEALTHY } from '../../scripts/gate-bench/scenarios.ts'
import { simulate } from '../../scripts/gate-bench/simulator.ts'

const SEEDS = Array.from({ length: 6 }, (_, index) => 501 + index)

describe('simulated rollouts', () => {
  it.each(HEALTHY.map((one) => [one.name, one] as const))('healthy, %s: never reverted', (_name, scenario) => {
    for (const seed of SEEDS) expect(simulate(scenario, seed, ours).end).not.toBe('reverted')
  })

  it.each(FAULTY.map((one) => [one.name, one] as const))('faulty, %s: never promoted', (_name, scenario) => {
    for (const seed of SEEDS) {
      const { end, hadBegun } = simulate(scenario, seed, ours)
      if (hadBegun) expect(end).not.toBe('promoted')
    }
  })
})

it('a stage that was held far too long leaves money to find a fault that begins at 100 %', () => {
  const judge = new EvidenceJudge(defaultRules(15_000, [50, 100]), [errorsMetric(ERRORS, 1, 0.01)])
  const random = new Random(3)
  const block = (nC: number, nS: number, share: number) => {
    const counts = { nC, xC: random.binomial(nC, share), nS, xS: random.binomial(nS, 0.002) }
    return [{ block: counts, pods: [] }]
  }
  const interval = { stage: 0, weight: 50, nextWeight: 100, stageMs: 0, maxMs: Infinity }
  for (let k = 0; k < 20; k += 1) judge.learn(block(0, 1500, 0))
  // Five hours: nobody drove, and the weights stayed.
  for (let k = 1; k <= 1200; k += 1)
    judge.observe({ ...interval, stageMs: k * 15_000, counted: block(750, 750, 0.002) })
  const last = { stage: 1, weight: 100, nextWeight: 100, maxMs: Infinity }
  let blocks = 0
  while (judge.judgement.ruling !== 'revert' && blocks < 40) {
    blocks += 1
    judge.observe({ ...last, stageMs: blocks * 15_000, counted: block(1500, 0, 0.2) })
  }
  expect(blocks).toBeLessThanOrEqual(9)
})

describe('at 100 %', () => {
  const BLOCK_MS = 15_000
  const MAX_MS = 300_000

  /** Judges a last stage of five minutes after a stable of 2 % slow requests; returns the ruling of each block. */
  function rulings(slow: number, stragglers = 0): readonly string[] {
    const judge = new EvidenceJudge(defaultRules(BLOCK_MS, [50, 100]), [errorsMetric(ERRORS, 1, 0.001)])
    for (let k = 0; k < 20; k += 1) judge.learn([{ block: { nC: 0, xC: 0, nS: 1500, xS: 30 }, pods: [] }])
    const found: string[] = []
    for (let k = 1; k <= MAX_MS / BLOCK_MS; k += 1) {
      const block = { nC: 1500, xC: 1500 * slow, nS: stragglers, xS: 0 }
      const age = { stageMs: k * BLOCK_MS, maxMs: MAX_MS }
      judge.observe({ stage: 0, weight: 100, nextWeight: 100, ...age, counted: [{ block, pods: [] }] })
      found.push(judge.judgement.ruling)
    }
    return found
  }

  it('a handful of requests that stable still gets are no baseline', () => {
    expect(rulings(0.02, 2)).toEqual(rulings(0.02))
    expect(rulings(0.02, 2)).toContain('advance')
  })

  it('a cluster that got slower as a whole ends the watch when nothing speaks against the candidate', () => {
    const found = rulings(0.0713)
    expect(found.slice(0, -2)).not.toContain('advance')
    expect(found.at(-1)).toBe('advance')
  })

  it('a candidate that is worse is reverted', () => {
    expect(rulings(0.2)).toContain('revert')
    expect(rulings(0.2)).not.toContain('advance')
  })
})

describe('counters', () => {
  const at = (side: 'candidate' | 'stable', pod: string, time: number, ...counts: number[]) => ({
    side,
    pod,
    at: time,
    counts,
  })

  it('are subtracted pod by pod: a restart, a missed scrape and a pod that comes later change nothing else', () => {
    const counters = new Counters(2, 15)
    counters.add(at('stable', 'a', 0, 1000, 5))
    counters.add(at('stable', 'b', 0, 2000, 0))
    expect(counters.advance(0).stable).toEqual([0, 0])
    counters.add(at('stable', 'a', 15, 1100, 6))
    counters.add(at('stable', 'b', 14, 30, 1))
    expect(counters.advance(15)).toMatchObject({
      stable: [130, 2],
      pods: [
        [100, 1],
        [30, 1],
      ],
    })
    counters.add(at('stable', 'b', 44, 90, 1))
    expect(counters.advance(30).stable).toEqual([0, 0])
    counters.add(at('stable', 'c', 45, 20, 2))
    expect(counters.advance(45).stable).toEqual([80, 2])
  })

  it('that are seen twice count once', () => {
    const counters = new Counters(1, 15)
    for (const count of [10, 10, 40]) counters.add(at('candidate', 'a', count === 40 ? 15 : 0, count))
    counters.add(at('candidate', 'a', 15, 40))
    expect(counters.advance(20).candidate).toEqual([30])
    expect(counters.advance(40).candidate).toEqual([0])
  })
})

describe('boundaries of the histogram', () => {
  it('are picked where stable has 4 % and 0.1 % above', () => {
    const found = pickBoundaries([10, 25, 50, 100], [500, 900, 962, 999], 1000)
    expect(found.map(({ bound }) => bound)).toEqual([50, 100])
    expect(pickBoundaries([10, 25, 50, 100], [500, 900, 962, 999], 1000, 0.9).map(({ bound }) => bound)).toEqual([
      25, 100,
    ])
    expect(pickBoundaries([1], [1000], 1000)).toHaveLength(1)
  })
})

describe('the line protocol', () => {
  it('answers one line for each, and goes on after a bad one', async () => {
    const input = new PassThrough()
    const answers: string[] = []
    const history = [{ t: 0, samples: [] }]
    const start = { type: 'start', run: 'x', stages: [5, 100], scrapeSeconds: 15, bucketBounds: [0.1], history }
    const tick = { type: 'tick', run: 'x', t: 15, stage: 0, weight: 5, nextWeight: 100, stageT: 15, samples: [] }
    for (const one of [tick, start, tick]) input.write(`${JSON.stringify(one)}\n`)
    input.write('no json\n')
    input.end()
    await judgeLines(input, (line) => void answers.push(line))
    expect(answers.map((line) => JSON.parse(line) as object)).toEqual([
      { error: 'a tick came before any start' },
      { ok: true },
      { decision: 'hold', reason: 'warming up' },
      { error: expect.stringContaining('JSON') as string },
    ])
  })
})

describe('a forecast', () => {
  const BLOCK_S = 15
  const metric = errorsMetric(ERRORS, 0.5, 0.001)
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

  /** Blocks until the judge decides, of a candidate with this share; the metric is the only one. */
  function measured(
    rps: number,
    weight: number,
    next: number,
    stable: number,
    fault: number,
    wanted: 'revert' | 'advance',
  ) {
    const random = new Random(11)
    const rules = { ...defaultRules(BLOCK_S * 1000, [weight, 100]), warmUpMs: 0 }
    const blocks: number[] = []
    for (let run = 0; run < 60; run += 1) {
      const judge = new EvidenceJudge(rules, [metric])
      const all = rps * BLOCK_S
      const nC = Math.round((all * weight) / 100)
      const quiet = { nC: 0, xC: 0, nS: all, xS: Math.round(all * stable) }
      for (let k = 0; k < 80; k += 1) judge.learn([{ block: quiet, pods: [] }])
      for (let k = 1; k <= 800; k += 1) {
        const block = { nC, xC: random.poisson(nC * fault), nS: all - nC, xS: random.poisson((all - nC) * stable) }
        const counted = [{ block, pods: [] }]
        judge.observe({ stage: 0, weight, nextWeight: next, stageMs: k * BLOCK_S * 1000, maxMs: Infinity, counted })
        if (judge.judgement.ruling === wanted) {
          blocks.push(k - 1)
          break
        }
      }
    }
    return median(blocks)
  }

  it.each([
    [200, 1, 5, 0.005, 0.05],
    [200, 5, 20, 0.005, 0.02],
    [200, 20, 50, 0.005, 0.0125],
  ])('of a revert at %d rps and %d % is within 30 % of what happens', (rps, weight, next, share, fault) => {
    const all = rps * BLOCK_S
    const nC = (all * weight) / 100
    const expected = { nC, nS: all - nC, share, fault, limit: metric.limit, phi: 1 }
    const found = revertBlocks(expected, { alpha: 0.02, part: 0.5, money: 0.5, ratios: 5 }, 0)
    const happened = measured(rps, weight, next, share, fault, 'revert')
    expect(Math.abs(found - happened)).toBeLessThanOrEqual(Math.max(1, 0.3 * happened))
  })

  it.each([
    [200, 5, 20, 0.005],
    [200, 50, 100, 0.005],
    [5, 50, 100, 0.005],
  ])('of a pass at %d rps and %d % is within 30 % of what happens', (rps, weight, next, share) => {
    const all = rps * BLOCK_S
    const nC = (all * weight) / 100
    const limit = { rho: 1.5, delta: passDeltaOf(metric, next, rps) }
    const found = passBlocks({ nC, nS: all - nC, share, fault: share, limit, phi: 1 }, 0.05, 1, 0)
    const happened = measured(rps, weight, next, share, share, 'advance')
    expect(Math.abs(found - happened)).toBeLessThanOrEqual(Math.max(1, 0.3 * happened))
  })

  it('says when a stage is pointless', () => {
    const stages = forecastStages(
      [1, 50, 100],
      { perSecond: 2, share: 0.01, phi: 1 },
      metric,
      defaultRules(15_000, [1, 50, 100]),
    )
    expect(stages.map(({ weight }) => weight)).toEqual([1, 50])
    expect(stages[0]?.passMs ?? 0).toBeGreaterThan(stages[1]?.passMs ?? 0)
  })
})
