import type { Release } from '../core/events.ts'
import type { Listener } from '../ports.ts'
import { END_STATES, toDescription, type GitHub, type Target } from './api.ts'

type State = 'in_progress' | 'pending' | 'success' | 'failure' | 'error'

const TASK = 'gray-release'
const PERMISSION = 'deployments: write'
const NOT_RECORDED = 'the deployment could not be recorded'
/** Newest deployments of a commit that are looked at. */
const LOOKED_AT = 5

interface Known {
  readonly id: number
  readonly task: string
  /** GitHub types it as an object or a text. */
  readonly payload: unknown
}

const releaseOf = (payload: unknown): unknown =>
  typeof payload === 'object' && payload !== null && 'release' in payload ? payload.release : undefined

/** Records the release under Deployments of the repository, unless the job's own `environment:` does it already. */
export class Deployments {
  private readonly github: GitHub
  private readonly environment: string
  private found: Promise<number | null> | null = null

  constructor(github: GitHub, environment: string) {
    this.github = github
    this.environment = environment
  }

  readonly listener: Listener = async (event, state, release) => {
    const { candidate, version } = release
    switch (event.type) {
      case 'release-started':
        return this.set(release, 'in_progress', `${version}: deploying ${candidate}`)
      case 'rollback-started':
        return this.set(release, 'in_progress', `${version}: rolling back to ${candidate}`)
      case 'release-resumed':
        return this.set(release, 'in_progress', `${version}: resumed at ${state.weight} %`)
      case 'release-paused':
        return this.set(release, 'pending', `${version}: paused at ${state.weight} %; ${event.reason}`)
      case 'release-finished':
        return this.set(release, END_STATES[event.outcome], event.reason)
      default:
        return undefined
    }
  }

  private async set(release: Release, state: State, text: string): Promise<void> {
    const { github, environment } = this
    this.found ??= this.record(release)
    const id = await this.found
    if (id === null) return
    const description = toDescription(text)
    await github.ask(NOT_RECORDED, PERMISSION, (octokit, target) =>
      octokit.rest.repos.createDeploymentStatus({
        ...target,
        ...{ deployment_id: id, state, description, environment, log_url: github.run.url },
      }),
    )
  }

  /** The record of this release, made by an earlier run or now; null where there is to be none. */
  private async record(release: Release): Promise<number | null> {
    const { github, environment } = this
    const { service, version, candidate, origin } = release
    // A rollback to what was deployed before anything was written down has no commit to name.
    if (origin.commit === '') return null
    const deployments = await github.ask(NOT_RECORDED, PERMISSION, (octokit, target) =>
      octokit.rest.repos.listDeployments({ ...target, sha: origin.commit, per_page: LOOKED_AT }),
    )
    if (deployments === null) return null
    const ours = deployments.find(({ task, payload }) => task === TASK && releaseOf(payload) === release.id)
    if (ours !== undefined) return ours.id
    for (const one of deployments) if (one.task !== TASK && (await this.isOfThisRun(one))) return null
    const made = await github.ask(NOT_RECORDED, PERMISSION, async (octokit, target: Target) => {
      const { data } = await octokit.rest.repos.createDeployment({
        ...target,
        ref: origin.commit,
        task: TASK,
        environment,
        description: toDescription(`${service} ${version} on ${candidate}`),
        payload: { release: release.id, service, version, colour: candidate },
        // Whether it may go out was decided by whoever started the release.
        auto_merge: false,
        required_contexts: [],
      })
      return { data: 'id' in data ? data.id : null }
    })
    return made
  }

  /** GitHub's own record of a job with `environment:` links to the job's log. */
  private async isOfThisRun({ id }: Known): Promise<boolean> {
    const { github } = this
    const statuses = await github.ask(NOT_RECORDED, PERMISSION, (octokit, target) =>
      octokit.rest.repos.listDeploymentStatuses({ ...target, deployment_id: id, per_page: LOOKED_AT }),
    )
    return (statuses ?? []).some(({ log_url: log = '' }) => log.startsWith(`${github.run.url}/`))
  }
}
