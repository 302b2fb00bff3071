import type { Summarised } from './summary.ts'

/** The versioned report other programs read. */
export function toJson(report: Summarised): string {
  const { outcome, reason, release, state, journal } = report
  return JSON.stringify({ schema: 1, outcome, reason, release, state, journal }, null, 2)
}
