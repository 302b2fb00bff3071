import type { Result } from '../command.ts'
import type { GitHub } from './api.ts'

/** GitHub refuses a longer text. */
const MOST_CHARACTERS = 65_000

const CONCLUSIONS: Readonly<Record<string, 'success' | 'failure' | 'neutral' | 'action_required' | 'cancelled'>> = {
  promoted: 'success',
  ready: 'success',
  paused: 'action_required',
  stuck: 'action_required',
  interrupted: 'cancelled',
  reverted: 'failure',
  refused: 'failure',
}

/** A check run with the summary, on the commit that was released: for branches whose rules ask for a check. */
export async function recordCheck(github: GitHub, name: string, result: Result, summary: string): Promise<void> {
  const sha = result.report?.release.origin.commit ?? ''
  const fits = summary.length <= MOST_CHARACTERS
  await github.ask('the check run could not be recorded', 'checks: write', (octokit, target) =>
    octokit.rest.checks.create({
      ...target,
      name,
      head_sha: sha === '' ? github.run.sha : sha,
      status: 'completed',
      conclusion: CONCLUSIONS[result.outcome] ?? 'neutral',
      details_url: github.run.url,
      output: { title: result.outcome, summary: fits ? summary : `${result.outcome}: ${result.reason}` },
    }),
  )
}
