import type { Result } from '../command.ts'
import type { Release, ReleaseEvent } from '../core/events.ts'
import type { ReleaseState } from '../core/state.ts'
import type { Listener } from '../ports.ts'
import { END_STATES, toDescription, type GitHub } from './api.ts'

/** What GitHub shows beside the commit. */
export interface CommitStatus {
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  readonly description: string
}

/** The status at a border of a stage; null for what happens in between. */
export function statusOf(event: ReleaseEvent, state: ReleaseState, release: Release): CommitStatus | null {
  const { version, candidate } = release
  const pending = (text: string): CommitStatus => ({ state: 'pending', description: toDescription(text) })
  switch (event.type) {
    case 'release-started':
      return pending(`${version}: deploying ${candidate}`)
    case 'rollback-started':
      return pending(`${version}: rolling back to ${candidate}`)
    case 'release-resumed':
      return pending(`${version}: resumed at ${state.weight} %`)
    case 'traffic-shifted':
      return state.phase === 'baking' ? pending(`${version}: ${candidate} serves ${event.weight} %, watched`) : null
    case 'release-paused':
      return pending(`${version}: paused at ${state.weight} %; ${event.reason}`)
    case 'revert-started':
      return { state: 'failure', description: toDescription(`${version}: going back; ${event.reason}`) }
    case 'release-finished':
      return {
        state: END_STATES[event.outcome],
        description: toDescription(`${version} ${event.outcome}; ${event.reason}`),
      }
    default:
      return null
  }
}

/** The status of a plan on a pull request. */
export function statusOfPlan({ exitCode, reason }: Result): CommitStatus {
  return { state: exitCode === 0 ? 'success' : 'failure', description: toDescription(reason === '' ? 'ready' : reason) }
}

/** Sets statuses, each once, of the commit that is released. */
export class CommitStatuses {
  private readonly github: GitHub
  private readonly context: string
  private last = ''

  /** @param context name of the status beside others of the commit */
  constructor(github: GitHub, context: string) {
    this.github = github
    this.context = context
  }

  readonly listener: Listener = async (event, state, release) => {
    const status = statusOf(event, state, release)
    // A person who promotes or aborts does so from another commit than the one that is released.
    if (status !== null) await this.set(status, release.origin.commit)
  }

  async set(status: CommitStatus, commit = ''): Promise<void> {
    const { github, context } = this
    const said = JSON.stringify(status)
    if (said === this.last) return
    this.last = said
    const sha = commit === '' ? github.run.sha : commit
    await github.ask('the commit status could not be set', 'statuses: write', (octokit, target) =>
      octokit.rest.repos.createCommitStatus({ ...target, sha, context, ...status, target_url: github.run.url }),
    )
  }
}
