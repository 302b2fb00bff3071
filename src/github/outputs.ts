import type { Result } from '../command.ts'
import { isFinished, type ReleaseState } from '../core/state.ts'
import { toJson } from '../report/json.ts'

function stageOf(state: ReleaseState, journal: NonNullable<Result['report']>['journal']): string {
  if ('stage' in state) return state.plan.stages[state.stage]?.name ?? ''
  const last = journal.findLast((event) => event.type === 'stage-passed' || event.type === 'analysis-completed')
  return last !== undefined && 'stage' in last ? last.stage : ''
}

/** The journal and the outcome as JSON. */
export function toText(result: Result): string {
  return result.report === null ? JSON.stringify(result.details, null, 2) : toJson(result.report)
}

/** The Action's outputs. */
export function toOutputs(result: Result, reportPath: string, tookMs: number): Readonly<Record<string, string>> {
  const { report } = result
  const own = {
    outcome: result.outcome,
    reason: result.reason,
    'report-path': reportPath,
    'duration-seconds': String(Math.round(tookMs / 1000)),
    json: toText(result),
  }
  if (report === null) return own
  const { release, state } = report
  const isSwapped = isFinished(state) && state.phase === 'promoted' && state.plan.ending === 'swap'
  return {
    ...own,
    'stable-colour': isSwapped ? release.candidate : release.stable,
    'candidate-colour': isSwapped ? release.stable : release.candidate,
    weight: String(state.weight),
    stage: stageOf(state, report.journal),
    'previous-version': release.previousVersion ?? '',
    'release-id': release.id,
  }
}
