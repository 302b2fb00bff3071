import type { Odds } from '../core/evidence-judge.ts'
import type { Measurement } from '../core/verdict.ts'
import type { StageRow } from './stages.ts'

/** A share of requests: `1.3 %`. */
export const percent = (share: number | null): string =>
  share === null ? '–' : `${Number((share * 100).toPrecision(3))} %`

export const count = (value: number): string => Math.round(value).toLocaleString('en-US').replaceAll(',', ' ')

/** Odds to one: `77 to 1`. */
export const odds = (value: number): string =>
  value >= 1000 ? `${value.toExponential(1)} to 1` : `${Number(value.toPrecision(3))} to 1`

/** A moment as an incident review wants it: `2026-03-01 12:00:05 UTC`. */
export const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** What a stage measured of one metric, on both colours. */
export interface Measured {
  readonly metric: string
  readonly candidate: number
  readonly candidateShare: number | null
  readonly stable: number
  readonly stableShare: number | null
}

const shareOf = (bad: number, total: number): number | null => (total > 0 ? bad / total : null)

/** The metrics of a stage, with what was counted in it. */
export function measuredIn({ measurements }: StageRow): readonly Measured[] {
  return measurements
    .flatMap(({ evidence = [] }) => evidence)
    .map(({ metric, counts: { nC, xC, nS, xS } }) => ({
      metric,
      candidate: nC,
      candidateShare: shareOf(xC, nC),
      stable: nS,
      stableShare: shareOf(xS, nS),
    }))
}

/** The metrics of all stages, each once. */
export const metricsOf = (rows: readonly StageRow[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => measuredIn(row).map(({ metric }) => metric))),
]

export const oddsOf = ({ measurements }: StageRow): Odds | null =>
  measurements.find((one) => one.odds !== undefined)?.odds ?? null

/** A measurement as one sentence, its gate first. */
export const sentence = ({ gate, verdict, reason }: Measurement): string => `${gate} ${verdict}: ${reason}`
