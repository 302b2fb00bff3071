import * as core from '@actions/core'
import type { Listener } from '../ports.ts'
import { toLine } from '../report/line.ts'
import { inert } from './inert.ts'

const HEARTBEAT_MS = 60_000

/** The log of a job: a line per event, groups per stage, looks at the gates once a minute unless they change. */
export function actionLog(): {
  readonly listener: Listener
  readonly say: (line: string) => void
  readonly end: () => void
} {
  let isOpen = false
  let lastVerdict = ''
  let lastLook = 0
  const end = (): void => {
    if (isOpen) core.endGroup()
    isOpen = false
  }
  const listener: Listener = (event, state, release) => {
    if (event.type === 'analysis-completed') {
      const isNews = event.verdict !== lastVerdict || event.at - lastLook >= HEARTBEAT_MS
      if (!isNews) return
      lastVerdict = event.verdict
      lastLook = event.at
    }
    if (event.type === 'stage-passed' || event.type === 'revert-started' || event.type === 'release-finished') end()
    core.info(inert(toLine(event, state, release)))
    if (event.type === 'traffic-shifted' && state.phase === 'baking') {
      core.startGroup(`Stage ${state.plan.stages[state.stage]?.name ?? ''}`)
      isOpen = true
      lastVerdict = ''
    }
  }
  return {
    listener,
    say: (line) => {
      core.info(inert(line))
    },
    end,
  }
}

/** Writes the job summary; without the file of a runner there is none to write. */
export async function writeSummary(text: string): Promise<void> {
  if (process.env['GITHUB_STEP_SUMMARY'] !== undefined) await core.summary.addRaw(text).write()
}
