import type { Block } from '../core/evidence.ts'
import type { Odds } from '../core/evidence-judge.ts'
import { isBeginning, type ReleaseEvent } from '../core/events.ts'
import type { Measurement } from '../core/verdict.ts'
import type { Point } from './thin.ts'

/** Whose line it is, which gives it its colour. */
export type Owner = 'stable' | 'candidate' | 'neutral' | 'against' | 'goingOn'

export interface Line {
  readonly name: string
  readonly owner: Owner
  readonly points: readonly Point[]
  /** The value holds until the next point. */
  readonly isStep: boolean
}

/** A value that decides something when a line reaches it. */
export interface Threshold {
  readonly name: string
  readonly owner: Owner
  readonly value: number
}

/** One chart of the report. */
export interface Panel {
  readonly title: string
  readonly unit: '%' | 'odds' | ''
  readonly lines: readonly Line[]
  readonly thresholds: readonly Threshold[]
}

interface Look {
  readonly at: number
  readonly stage: string
  readonly measurements: readonly Measurement[]
}

const PERCENT = 100
/** Odds are drawn on a logarithmic axis, which has no zero. */
const LEAST_ODDS = 1e-3

const line = (name: string, owner: Owner, points: readonly Point[], isStep = false): Line => ({
  name,
  owner,
  points,
  isStep,
})
const hasValues = ({ points }: Line): boolean => points.some(([, value]) => value !== null)

function weights(journal: readonly ReleaseEvent[]): Panel {
  const points: Point[] = []
  for (const event of journal) {
    if (event.type === 'gap-found') points.push([event.at, event.state.weight])
    else if (isBeginning(event) || event.type === 'traffic-shifted') points.push([event.at, event.weight])
  }
  const end = journal.at(-1)?.at
  const last = points.at(-1)
  if (end !== undefined && last !== undefined) points.push([end, last[1]])
  const stable = points.map(([at, weight]): Point => [at, weight === null ? null : PERCENT - weight])
  return {
    title: 'Weights',
    unit: '%',
    lines: [line('stable', 'stable', stable, true), line('candidate', 'candidate', points, true)],
    thresholds: [],
  }
}

interface Counted {
  readonly at: number
  readonly stage: string
  readonly counts: Block
}

/** Shares between one look and the next; counts begin anew with each stage. */
function shares(looks: readonly Counted[], side: 'C' | 'S'): Point[] {
  const points: Point[] = []
  let before: Counted | null = null
  for (const now of looks) {
    const from: Block | null = before?.stage === now.stage ? before.counts : null
    const [total, bad] =
      side === 'C'
        ? [now.counts.nC - (from?.nC ?? 0), now.counts.xC - (from?.xC ?? 0)]
        : [now.counts.nS - (from?.nS ?? 0), now.counts.xS - (from?.xS ?? 0)]
    if (before !== null && from === null) points.push([now.at, null])
    if (total > 0) points.push([now.at, (PERCENT * Math.max(0, bad)) / total])
    // A look between two scrapes brought nothing new.
    if (from === null || now.counts.nC + now.counts.nS > from.nC + from.nS) before = now
  }
  return points
}

function metric(name: string, looks: readonly Look[]): Panel {
  const counted = looks.flatMap(({ at, stage, measurements }) => {
    const found = measurements.flatMap(({ evidence = [] }) => evidence).find((one) => one.metric === name)
    return found === undefined ? [] : [{ at, stage, counts: found.counts }]
  })
  const title = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`
  const lines = [line('stable', 'stable', shares(counted, 'S')), line('candidate', 'candidate', shares(counted, 'C'))]
  return { title, unit: '%', lines, thresholds: [] }
}

function odds(looks: readonly Look[]): Panel {
  const found = looks.flatMap(({ at, measurements }): readonly (readonly [number, Odds])[] => {
    const one = measurements.find((measurement) => measurement.odds !== undefined)?.odds
    return one === undefined ? [] : [[at, one]]
  })
  const last = found.at(-1)?.[1]
  const points = (value: (one: Odds) => number): Point[] =>
    found.map(([at, one]) => [at, Math.max(LEAST_ODDS, value(one))])
  const thresholds: Threshold[] =
    last === undefined
      ? []
      : [
          { name: `taken back at ${last.revertAt}`, owner: 'against', value: last.revertAt },
          { name: `passes at ${last.passAt}`, owner: 'goingOn', value: last.passAt },
        ]
  const lines = [
    line(
      'against the candidate',
      'against',
      points(({ against }) => against),
    ),
    line(
      'for going on',
      'goingOn',
      points(({ goingOn }) => goingOn),
    ),
  ]
  return { title: 'Evidence, odds to one', unit: 'odds', lines, thresholds }
}

function gate(name: string, looks: readonly Look[]): Panel {
  const points = (value: (one: Measurement) => number | null): Point[] =>
    looks.flatMap(({ at, measurements }): readonly Point[] => {
      const found = measurements.find((one) => one.gate === name)
      return found === undefined ? [] : [[at, value(found)]]
    })
  const lines = [
    line(
      'stable',
      'stable',
      points(({ baseline }) => baseline),
    ),
    line(
      'candidate',
      'candidate',
      points(({ value }) => value),
    ),
    line(
      'limit',
      'neutral',
      points(({ limit }) => limit),
      true,
    ),
  ]
  return { title: `Gate ${name}`, unit: '', lines, thresholds: [] }
}

/** The charts of a release: weights, what each metric was on both colours, the evidence, and every other gate. */
export function panels(journal: readonly ReleaseEvent[]): readonly Panel[] {
  const looks = journal.flatMap((event) => (event.type === 'analysis-completed' ? [event] : []))
  const all = looks.flatMap(({ measurements }) => measurements)
  const metrics = [...new Set(all.flatMap(({ evidence = [] }) => evidence.map((one) => one.metric)))]
  const gates = [...new Set(all.filter((one) => one.evidence === undefined).map((one) => one.gate))]
  const judged = metrics.map((name) => metric(name, looks))
  const found = [...judged, odds(looks), ...gates.map((name) => gate(name, looks))]
    .map((panel) => ({ ...panel, lines: panel.lines.filter(hasValues) }))
    .filter(({ lines }) => lines.length > 0)
  return [weights(journal), ...found]
}
