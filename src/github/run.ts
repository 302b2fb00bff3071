import { UNKNOWN_ORIGIN, type Origin } from '../core/events.ts'

/** What the runner says about the run it is in. */
export interface Run {
  readonly owner: string
  readonly repo: string
  /** The commit that people look at: the head of a pull request, else the one that was checked out. */
  readonly sha: string
  /** Page of the run. */
  readonly url: string
  /** Page with the button that runs the workflow again; empty when the runner does not say which it is. */
  readonly dispatchUrl: string
  readonly origin: Origin
}

type Variables = Readonly<Record<string, string | undefined>>

interface Event {
  readonly pull_request?: { readonly head?: { readonly sha?: string; readonly ref?: string } }
}

/**
 * Reads the runner's variables.
 * @param event what started the run, as the runner wrote it down; null for nothing
 * @returns null outside a runner
 */
export function readRun(env: Variables, event: unknown): Run | null {
  const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/')
  // On a pull request GITHUB_SHA is a merge that nobody looks at.
  const head = (event as Event | null)?.pull_request?.head
  const sha = head?.sha ?? env['GITHUB_SHA'] ?? ''
  if (owner === '' || repo === '' || sha === '') return null
  const repository = `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${owner}/${repo}`
  const url = `${repository}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`
  const [, file] = /\.github\/workflows\/([^@/]+)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '') ?? []
  const ref = head?.ref ?? env['GITHUB_REF'] ?? ''
  return {
    owner,
    repo,
    sha,
    url,
    dispatchUrl: file === undefined ? '' : `${repository}/actions/workflows/${file}`,
    origin: { ...UNKNOWN_ORIGIN, repository, commit: sha, ref, actor: env['GITHUB_ACTOR'] ?? '', run: url },
  }
}
