import type { Result } from '../command.ts'
import { isSwapped, type ReleaseState } from '../core/state.ts'
import { encodeRecord, type ReleaseRecord } from '../report/record.ts'

function stageOf(state: ReleaseState, journal: NonNullable<Result['report']>['journal']): string {
  if ('stage' in state) return state.plan.stages[state.stage]?.name ?? ''
  const last = journal.findLast((event) => event.type === 'stage-passed' || event.type === 'analysis-completed')
  return last !== undefined && 'stage' in last ? last.stage : ''
}

/** The record of a release, or what another command found, as JSON. */
export function toText(result: Result, record: ReleaseRecord | null): string {
  return record === null ? JSON.stringify(result.details, null, 2) : encodeRecord(record)
}

/** Where the files of a run are; empty for none. */
export interface Files {
  readonly report: string
  readonly journal: string
}

/** A job may have outputs of 1 MB altogether. */
const MOST_OUTPUT_BYTES = 600_000

/** The Action's outputs. */
export function toOutputs(
  result: Result,
  text: string,
  files: Files,
  tookMs: number,
): Readonly<Record<string, string>> {
  const { report } = result
  const own = {
    outcome: result.outcome,
    reason: result.reason,
    'report-path': files.report,
    'journal-path': files.journal,
    'duration-seconds': String(Math.round(tookMs / 1000)),
    // What is too long for an output is in the file.
    json: Buffer.byteLength(text) <= MOST_OUTPUT_BYTES ? text : '',
  }
  if (report === null) return own
  const { release, state } = report
  const swapped = isSwapped(state)
  return {
    ...own,
    'stable-colour': swapped ? release.candidate : release.stable,
    'candidate-colour': swapped ? release.stable : release.candidate,
    weight: String(state.weight),
    stage: stageOf(state, report.journal),
    'previous-version': release.previousVersion ?? '',
    'release-id': release.id,
  }
}
