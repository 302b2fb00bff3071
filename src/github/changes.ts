import type { Origin } from '../core/events.ts'
import { compareUrl, type Changes } from '../report/changes.ts'
import type { GitHub } from './api.ts'

/** More are counted, and seen behind the link. */
const MOST_COMMITS = 50

/** The commits that one version has and the other has not; without GitHub's answer the link alone; null without both. */
export async function changesBetween(github: GitHub | null, from: Origin, to: Origin): Promise<Changes | null> {
  const url = compareUrl(from, to)
  if (url === '') return null
  const basehead = `${from.commit}...${to.commit}`
  const found = await github?.ask(
    'the commits of this release could not be listed',
    'contents: read',
    (octokit, target) => octokit.rest.repos.compareCommitsWithBasehead({ ...target, basehead, per_page: MOST_COMMITS }),
  )
  if (found === null || found === undefined) return { url, total: null, commits: [] }
  const commits = found.commits.map(({ sha, commit, author }) => ({
    sha,
    title: commit.message.split('\n')[0] ?? '',
    author: author?.login ?? commit.author?.name ?? '',
  }))
  return { url, total: found.total_commits, commits: commits.slice(-MOST_COMMITS).reverse() }
}
