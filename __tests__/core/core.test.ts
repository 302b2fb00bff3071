import { describe, expect, it } from 'vitest'
import { decide, refusal } from '../../src/core/decide.ts'
import { parseDuration, toDuration } from '../../src/core/duration.ts'
import { checkPlan, NOBODY } from '../../src/core/plan.ts'
import { decodeFence, decodeSaved, overtakenBy } from '../../src/core/saved.ts'
import { splitWeights } from '../../src/core/shares.ts'
import { evolve, type ReleaseState } from '../../src/core/state.ts'
import { blueGreen, canary } from '../../src/core/strategies.ts'
import { fill } from '../../src/core/template.ts'
import { judge, worst, type Measurement, type Verdict } from '../../src/core/verdict.ts'

const NOW = 1_000_000
const plan = canary({ stages: [{ weight: 5, minMs: 60_000, maxMs: 120_000, gates: ['errors'] }, { weight: 100 }] })
const common = { plan, weight: 5, audience: NOBODY, failures: 0, notBefore: 0, pauseWanted: false }

function baking(verdict: Verdict, heldMs: number, analysedAgoMs: number): ReleaseState {
  const at = NOW - heldMs
  const seen = { verdict, analysedAt: NOW - analysedAgoMs, fails: verdict === 'fail' ? 1 : 0, reason: 'as said' }
  return { ...common, phase: 'baking', stage: 0, enteredAt: at, ...seen }
}

describe('decide in a bake', () => {
  it.each<[string, ReleaseState, string]>([
    ['waits until the minimum has passed', baking('pass', 30_000, 0), 'wait'],
    ['passes when the gates pass after the minimum', baking('pass', 60_000, 0), 'pass'],
    ['reverts at the first fail, whatever the time', baking('fail', 1_000, 0), 'revert'],
    ['looks again when the interval is over', baking('undecided', 70_000, 15_000), 'analyse'],
    ['reverts at the maximum without a decision', baking('undecided', 120_000, 0), 'revert'],
    ['reverts at the maximum without data', baking('no-data', 120_000, 0), 'revert'],
    ['takes a last look at the maximum before it gives up', baking('undecided', 121_000, 14_000), 'analyse'],
  ])('%s', (_rule, state, wanted) => {
    expect(decide(state, NOW).do).toBe(wanted)
  })

  it('pauses after a stage that asks for approval', () => {
    const stages = plan.stages.map((stage) => ({ ...stage, approval: true }))
    const state = { ...baking('pass', 60_000, 0), plan: { ...plan, stages } }
    expect(decide(state, NOW)).toMatchObject({ do: 'pause' })
  })
})

describe('decide elsewhere', () => {
  it('brings traffic back in every revert, even when memory says it is there', () => {
    const state: ReleaseState = { ...common, weight: 0, phase: 'reverting', routed: false, retired: false, reason: 'x' }
    expect(decide(state, NOW)).toEqual({ do: 'shift', weight: 0, audience: NOBODY })
  })

  it('empties a colour before it deploys to it', () => {
    expect(decide({ ...common, weight: 1, phase: 'deploying' }, NOW)).toMatchObject({ do: 'shift', weight: 0 })
    expect(decide({ ...common, weight: 0, phase: 'deploying' }, NOW)).toEqual({ do: 'deploy', track: 'candidate' })
  })

  it('asks for ready pods before it raises the weight', () => {
    const shifting = {
      phase: 'shifting' as const,
      stage: 0,
      since: NOW,
      inspectedAt: 0,
      capable: false,
      waitingFor: '',
    }
    expect(decide({ ...common, weight: 0, ...shifting }, NOW)).toEqual({ do: 'inspect', weight: 5 })
    expect(decide({ ...common, weight: 0, ...shifting, capable: true }, NOW)).toMatchObject({ do: 'shift', weight: 5 })
  })

  it('replaces stable, routes to it and retires the candidate, in this order', () => {
    const replace = { ...plan, ending: 'replace' as const }
    const state = (stableReplaced: boolean, routed: boolean, retired: boolean): ReleaseState => ({
      ...common,
      plan: replace,
      phase: 'promoting',
      stableReplaced,
      routed,
      retired,
      reason: '',
    })
    expect(decide(state(false, false, false), NOW)).toEqual({ do: 'deploy', track: 'stable' })
    expect(decide(state(true, false, false), NOW)).toMatchObject({ do: 'shift', weight: 0 })
    expect(decide(state(true, true, false), NOW)).toEqual({ do: 'retire', track: 'candidate' })
    expect(decide(state(true, true, true), NOW)).toMatchObject({ do: 'finish', outcome: 'promoted' })
  })
})

describe('evolve', () => {
  const failed = { type: 'step-failed' as const, at: NOW, step: 'shift', code: 'X', message: 'away', final: false }

  it('tries a step forward again a few times, then turns back', () => {
    let state: ReleaseState = baking('pass', 0, 0)
    for (let count = 1; count < plan.limits.steps; count += 1) state = evolve(state, failed)
    expect(state.phase).toBe('baking')
    expect(decide(state, NOW).do).toBe('wait')
    expect(evolve(state, failed).phase).toBe('reverting')
  })

  it('is stuck when stable was replaced and the promotion cannot be completed', () => {
    const promoting = { stableReplaced: true, routed: false, retired: false, reason: '' }
    const state: ReleaseState = { ...common, plan: { ...plan, ending: 'replace' }, phase: 'promoting', ...promoting }
    expect(evolve(state, { ...failed, final: true }).phase).toBe('stuck')
    expect(refusal('abort', state)).toContain('already runs the new version')
  })

  it('counts the fails of a stage', () => {
    const measurement: Measurement = {
      gate: 'e',
      verdict: 'fail',
      reason: 'r',
      value: 1,
      limit: 0,
      baseline: 0,
      query: '',
    }
    const seen = { type: 'analysis-completed' as const, at: NOW, stage: '5%', measurements: [measurement] }
    expect(evolve(baking('pass', 0, 0), { ...seen, verdict: 'fail' })).toMatchObject({ fails: 1, reason: 'e: r' })
  })
})

describe('refusal', () => {
  it.each<[Parameters<typeof refusal>[0], ReleaseState, number | null, string | undefined]>([
    ['promote', baking('pass', 0, 0), 100, undefined],
    ['promote', baking('pass', 0, 0), 30, 'there is no stage of 30 %'],
    ['promote', baking('pass', 0, 0), 5, 'already has 5 %'],
    ['promote', { ...common, phase: 'promoted', at: 0, reason: '' }, null, 'has ended'],
    ['abort', { ...common, phase: 'promoted', at: 0, reason: '' }, null, 'use rollback'],
    ['abort', { ...common, phase: 'stuck', at: 0, reason: '' }, null, undefined],
    ['pause', { ...common, phase: 'reverting', routed: false, retired: false, reason: '' }, null, 'being reverted'],
  ])('%s in %o', (command, state, to, wanted) => {
    if (wanted === undefined) expect(refusal(command, state, to)).toBeUndefined()
    else expect(refusal(command, state, to)).toContain(wanted)
  })
})

describe('verdicts', () => {
  it('of a stage are the worst of its gates', () => {
    expect(worst(['pass', 'undecided', 'no-data'])).toBe('no-data')
    expect(worst(['error', 'fail', 'pass'])).toBe('fail')
    expect(worst([])).toBe('pass')
  })

  it.each([
    [0.5, 'pass'],
    [1, 'pass'],
    [1.1, 'fail'],
    [Number.NaN, 'no-data'],
    [Number.POSITIVE_INFINITY, 'no-data'],
  ])('of %d against at most 1 is %s', (value, verdict) => {
    expect(judge(value, { min: null, max: 1 })).toBe(verdict)
  })
})

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['2d', 172_800_000],
    ['5', undefined],
    ['5 m', undefined],
    ['m5', undefined],
    ['-5m', undefined],
  ])('%s is %s', (text, wanted) => {
    expect(parseDuration(text)).toBe(wanted)
  })

  it.each([
    [0, '0s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [250, '250ms'],
  ])('%d shows as %s', (length, wanted) => {
    expect(toDuration(length)).toBe(wanted)
  })
})

describe('split weights', () => {
  it('are whole, add up to our share and never lose a colour', () => {
    for (let ours = 2; ours <= 100; ours += 1) {
      for (let weight = 0; weight <= 100; weight += 1) {
        const [stable, candidate] = splitWeights(ours, weight)
        expect(stable + candidate).toBe(ours)
        expect(Number.isInteger(candidate)).toBe(true)
        if (weight > 0 && weight < 100) expect(Math.min(stable, candidate)).toBeGreaterThan(0)
        else expect(Math.min(stable, candidate)).toBe(0)
      }
    }
  })
})

describe('plans', () => {
  const supports = { precision: 1, match: [], mirror: false }

  it('are refused with every problem at once', () => {
    const stage = (weight: number) => ({ weight, minMs: 60_000, maxMs: 30_000, gates: ['no such gate'] })
    const problems = checkPlan(canary({ stages: [stage(50), stage(20)] }), supports, ['errors'])
    expect(problems.join('\n')).toMatch(/does not rise above 50/)
    expect(problems.join('\n')).toMatch(/max 30s is shorter than min 1m/)
    expect(problems.join('\n')).toMatch(/there is no gate "no such gate" \(there are: errors\)/)
    expect(problems.join('\n')).toMatch(/the last stage has weight 20, it must be 100/)
  })

  it('are refused where the router has coarser steps or cannot match', () => {
    const [first] = canary({ stages: [5, 100] }).stages
    if (first === undefined) throw new Error('no stage')
    const matching = {
      ...first,
      route: { weight: 5, match: [{ by: 'header' as const, name: 'x', value: 'y' }], mirror: 10 },
    }
    const problems = checkPlan({ ...plan, stages: [matching] }, { ...supports, precision: 10 }, ['errors'])
    expect(problems.join()).toMatch(
      /cannot be reached in steps of 10.*cannot tell requests by header \(it can not at all\).*cannot mirror requests/,
    )
  })

  it('of blue/green check at weight 0 and switch once', () => {
    expect(blueGreen({ gates: ['errors'] }).stages.map((stage) => stage.route.weight)).toEqual([0, 100])
  })
})

describe('notes on the route', () => {
  it('of other schemas are not taken for ours', () => {
    for (const text of ['', '{}', '[]', 'null', '{"schema":2}', '{"schema":1,"release":{},"state":{"phase":"odd"}}']) {
      expect(decodeSaved(text)).toBeUndefined()
    }
  })

  it('let the higher fence win, and of equal ones only the same holder', () => {
    expect(decodeFence('7 owner/repo#1/1')).toEqual({ number: 7, holder: 'owner/repo#1/1' })
    expect(overtakenBy('7 a', { number: 8, holder: 'b' })).toBeUndefined()
    expect(overtakenBy('8 a', { number: 8, holder: 'b' })).toBe('a')
    expect(overtakenBy('8 b', { number: 8, holder: 'b' })).toBeUndefined()
    expect(overtakenBy('9 a', { number: 8, holder: 'b' })).toBe('a')
  })
})

it('templates fill known names and leave PromQL alone', () => {
  const filled = fill('rate(x{version="{version}",a=~"b{2}"}[{window}]){colour}', {
    version: '1',
    window: '60s',
    colour: 'blue',
  })
  expect(filled).toBe('rate(x{version="1",a=~"b{2}"}[60s])blue')
})
