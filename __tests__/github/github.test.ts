import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeGitHub } from '../helpers/github.ts'
import { ENTRY, inputs, Job } from '../helpers/job.ts'

const TOKEN = 'ghs_notarealtoken'
const STATUS = 'POST /repos/{owner}/{repo}/statuses/{sha}'
const DEPLOYMENT = 'POST /repos/{owner}/{repo}/deployments'
const DEPLOYMENT_STATUS = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
const CHECK_RUN = 'POST /repos/{owner}/{repo}/check-runs'
const COMPARE = 'GET /repos/{owner}/{repo}/compare/{basehead}'

let job: Job
let github: FakeGitHub

beforeEach(async () => {
  job = await Job.open()
  github = await FakeGitHub.open()
})
afterEach(() => {
  job.close()
  github.close()
  // Whatever a test looks at: nothing we send may be outside of GitHub's own description.
  expect(github.wrong).toEqual([])
})

const run = (more: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) =>
  job.start(ENTRY, inputs({ 'github-token': TOKEN, ...more }), { GITHUB_API_URL: github.url, ...env }).ended

const descriptions = (what: string): readonly string[] =>
  github.of(what).map(({ body }) => `${String(body['state'])}: ${String(body['description'])}`)

describe('the status on the commit', () => {
  it('tells deploying, each weight and the end, with a link to the run', async () => {
    const { code, output } = await run()
    expect(code, output).toBe(0)
    const said = descriptions(STATUS)
    expect(said[0]).toBe('pending: 1.1: deploying green')
    for (const weight of [5, 50, 100]) expect(said).toContain(`pending: 1.1: green serves ${weight} %, watched`)
    expect(said.at(-1)).toMatch(/^success: 1.1 promoted; /)
    expect(github.of(STATUS)[0]).toMatchObject({
      path: '/repos/owner/repo/statuses/abc123',
      authorization: `token ${TOKEN}`,
      body: { context: 'gray-release/shop', target_url: 'https://github.com/owner/repo/actions/runs/42' },
    })
    expect(output.replaceAll(`::add-mask::${TOKEN}`, '')).not.toContain(TOKEN)
  })

  it('that may not be set is one warning that names the permission, and no reason against the release', async () => {
    github.refuse.set(STATUS, { status: 403, message: 'Resource not accessible by integration' })
    const { code, output } = await run()
    expect(code, output).toBe(0)
    expect(output.match(/^::warning.*statuses: write/gm)).toHaveLength(1)
    expect(github.of(STATUS)).toHaveLength(1)
  })

  it('of a plan on a pull request goes to its head', async () => {
    job.write('event.json', JSON.stringify({ pull_request: { head: { sha: 'def456', ref: 'topic' } } }))
    const { output } = await run({ command: 'plan' }, { GITHUB_EVENT_PATH: `${job.folder}/event.json` })
    expect(github.of(STATUS), output).toHaveLength(1)
    expect(github.of(STATUS)[0]).toMatchObject({
      path: '/repos/owner/repo/statuses/def456',
      body: { state: 'success', context: 'gray-release/shop plan' },
    })
    expect(github.of(DEPLOYMENT)).toEqual([])
  })
})

describe('the deployment record', () => {
  it('is made for the commit and ends as the release does', async () => {
    const { code, output } = await run({ environment: 'production' })
    expect(code, output).toBe(0)
    expect(github.deployments).toMatchObject([
      { ref: 'abc123', environment: 'production', task: 'gray-release', auto_merge: false, required_contexts: [] },
    ])
    expect(descriptions(DEPLOYMENT_STATUS)).toEqual([
      'in_progress: 1.1: deploying green',
      'success: every stage passed',
    ])
  })

  it('of a rollback names the commit that serves again', async () => {
    await run()
    await run({ version: '1.2' }, { GITHUB_SHA: 'def456' })
    expect(job.weights()).toEqual([100, 0])
    const { code, output } = await run({ command: 'rollback' }, { GITHUB_SHA: 'fff999' })
    expect(code, output).toBe(0)
    expect(github.deployments.map(({ ref }) => ref)).toEqual(['abc123', 'def456', 'abc123'])
  })

  it('is left to the job’s own environment where it has one', async () => {
    github.deployments.push({ id: 7, sha: 'abc123', task: 'deploy', payload: {} })
    github.deploymentStatuses.set(7, [{ log_url: 'https://github.com/owner/repo/actions/runs/42/job/9' }])
    const { code, output } = await run()
    expect(code, output).toBe(0)
    expect(github.of(DEPLOYMENT)).toEqual([])
    expect(github.of(DEPLOYMENT_STATUS)).toEqual([])
  })

  it('is not made when nobody wants one', async () => {
    await run({ environment: 'none' })
    expect(github.of(DEPLOYMENT)).toEqual([])
    expect(github.of(STATUS).length).toBeGreaterThan(0)
  })

  it('of a paused release goes on in the run that promotes it', async () => {
    job.write('config.yaml', job.read('config.yaml').replace('weight: 50,', 'weight: 50, approval: true,'))
    await run()
    expect(descriptions(DEPLOYMENT_STATUS).at(-1)).toMatch(/^pending: 1.1: paused at 50 %/)
    const { code, output } = await run({ command: 'promote' }, { GITHUB_SHA: 'fff999', GITHUB_RUN_ID: '43' })
    expect(code, output).toBe(0)
    expect(github.deployments).toHaveLength(1)
    expect(descriptions(DEPLOYMENT_STATUS).at(-1)).toBe('success: every stage passed')
  })
})

describe('a rate limit', () => {
  it('stops the questions and not the release', async () => {
    const reset = String(Math.floor(Date.now() / 1000) + 3600)
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    github.refuse.set(STATUS, { status: 403, message: 'API rate limit exceeded', headers })
    const { code, output } = await run({ environment: 'none' })
    expect(code, output).toBe(0)
    expect(output.match(/^::warning.*rate limit/gm)).toHaveLength(1)
    expect(github.of(STATUS)).toHaveLength(1)
  })
})

describe('a check run', () => {
  it('is made on request, with the summary', async () => {
    job.write('config.yaml', `${job.read('config.yaml')}check-run: true\n`)
    const { code, output } = await run()
    expect(code, output).toBe(0)
    const [made] = github.of(CHECK_RUN)
    expect(made?.body).toMatchObject({
      name: 'gray-release/shop',
      head_sha: 'abc123',
      conclusion: 'success',
      output: { summary: job.read('summary') },
    })
  })
})

describe('what is in a release', () => {
  beforeEach(() => {
    const commit = (sha: string, message: string) => ({ sha, commit: { message, author: { name: 'A' } }, author: null })
    github.comparison = { total_commits: 2, commits: [commit('111', 'one\n\nmore'), commit('222', 'two <b>')] }
  })

  it('is the commits between what served and what is released', async () => {
    await run()
    expect(github.of(COMPARE)).toEqual([])
    const { code, output } = await run({ version: '1.2' }, { GITHUB_SHA: 'def456', GITHUB_REF: 'refs/heads/main' })
    expect(code, output).toBe(0)
    expect(github.of(COMPARE).map(({ path }) => path)).toEqual(['/repos/owner/repo/compare/abc123...def456'])
    const summary = job.read('summary')
    expect(summary).toContain('[2 commits of this release](https://github.com/owner/repo/compare/abc123...def456)')
    expect(summary).toContain('two &lt;b&gt;')
    const found = await job.cli('status', '--config', 'config.yaml')
    expect(found.output).toContain('blue serves 1.2 (main, def456, by octocat)')
    expect(found.output).toContain('green has 1.1 (v1.1, abc123, by octocat)')
    expect(found.output).toContain('https://github.com/owner/repo/compare/abc123...def456')
  })

  it('would be told by plan on a pull request', async () => {
    await run()
    job.write('event.json', JSON.stringify({ pull_request: { head: { sha: 'def456', ref: 'topic' } } }))
    await run({ command: 'plan', version: '1.2' }, { GITHUB_EVENT_PATH: `${job.folder}/event.json` })
    expect(job.read('summary')).toContain('2 commits of this release')
    expect(job.read('summary')).toContain('green serves 1.1 (v1.1, abc123, by octocat)')
  })

  it('is a link alone when GitHub does not say', async () => {
    github.refuse.set(COMPARE, { status: 500, message: 'boom' })
    await run()
    const { code, output } = await run({ version: '1.2' }, { GITHUB_SHA: 'def456' })
    expect(code, output).toBe(0)
    expect(job.read('summary')).toContain('[Commits of this release](https://github.com/owner/repo/compare/')
  })
})
