// Compares rules for a gate on the same simulated rollouts: `npm run bench:gate -- [runs of each scenario] [first seed]`.
import type { ProtocolStart } from '../../src/core/judge-protocol.ts'
import { argo, flagger, ours, ratio } from './rules.ts'
import { FAULTY, HEALTHY } from './scenarios.ts'
import { simulate, type Outcome, type Rule, type Scenario } from './simulator.ts'

const [runs = 100, from = 1] = process.argv.slice(2, 4).map(Number)
const only = process.argv[4]
const RULES: Readonly<Record<string, (start: ProtocolStart) => Rule>> = { ours, flagger, argo, 'ratio 1.5': ratio }

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
const part = (outcomes: readonly Outcome[], end: Outcome['end']): string => {
  const share = outcomes.filter((one) => one.end === end).length / Math.max(1, outcomes.length)
  return `${Number((100 * share).toPrecision(2))} %`
}
const row = (cells: readonly (string | number)[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`)

function play(scenario: Scenario, rule: (start: ProtocolStart) => Rule): Outcome[] {
  return Array.from({ length: runs }, (_, k) => simulate(scenario, from + k, rule))
}

row(['rule', 'scenario', 'reverted', 'inconclusive', 'promoted', 'minutes', 'bad requests'])
row(['---', '---', '---', '---', '---', '---', '---'])
const totals: (readonly (string | number)[])[] = []
for (const [name, rule] of Object.entries(RULES)) {
  if (only !== undefined && only !== name) continue
  const healthy: Outcome[] = []
  const faulty: Outcome[] = []
  const detect: number[] = []
  const bad: number[] = []
  for (const scenario of [...HEALTHY, ...FAULTY]) {
    const outcomes = play(scenario, rule)
    const reverted = outcomes.filter((one) => one.end === 'reverted').map((one) => one.detectMinutes)
    const promoted = outcomes.filter((one) => one.end === 'promoted').map((one) => one.minutes)
    if (scenario.isHealthy) healthy.push(...outcomes)
    else {
      // A fault that begins after the promotion is no question to a gate.
      faulty.push(...outcomes.filter((one) => one.hadBegun))
      detect.push(...reverted)
    }
    const harm = mean(outcomes.map((one) => one.badRequests))
    if (!scenario.isHealthy) bad.push(harm)
    const minutes = scenario.isHealthy ? median(promoted) : median(reverted)
    const ends = (['reverted', 'inconclusive', 'promoted'] as const).map((end) => part(outcomes, end))
    row([name, scenario.name, ...ends, minutes.toFixed(1), Math.round(harm)])
  }
  const promoted = healthy.filter((one) => one.end === 'promoted').map((one) => one.minutes)
  totals.push([
    name,
    part(healthy, 'reverted'),
    part(healthy, 'inconclusive'),
    median(promoted).toFixed(1),
    part(faulty, 'promoted'),
    part(faulty, 'inconclusive'),
    median(detect).toFixed(1),
    Math.round(mean(bad)),
  ])
}
process.stdout.write(`\nSeeds ${from} to ${from + runs - 1} of each scenario.\n\n`)
row([
  'rule',
  'false reverts',
  'healthy inconclusive',
  'min to promote',
  'missed',
  'faulty inconclusive',
  'min to detect',
  'bad requests',
])
row(Array.from({ length: 8 }, () => '---'))
for (const total of totals) row(total)
