import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exampleDeployment, exampleManifests, openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'

const ENTRY = resolve('dist/index.js')
const POST = resolve('dist/post.js')

let sandbox: Sandbox
let folder = ''
const children: ChildProcess[] = []

const CONFIG = `
service: shop
namespace: demo
interval: 100ms
traffic: { settle: 0s }
stages:
  - { weight: 5, min: 300ms, max: 10s }
  - { weight: 50, min: 300ms, max: 10s }
  - { weight: 100, min: 300ms, max: 10s }
`

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'action-'))
  sandbox = await openSandbox({ namespace: 'demo', service: 'shop', now: () => Date.now(), speed: 20 })
  sandbox.apply(exampleManifests('shop', 'demo'))
  sandbox.apply([exampleDeployment('shop', 'demo', 'blue', '1.0'), exampleDeployment('shop', 'demo', 'green', '1.1')])
  writeFileSync(join(folder, 'config.yaml'), CONFIG)
  const cluster = `{name: c, cluster: {server: "${sandbox.server}"}}`
  const kubeconfig = `{apiVersion: v1, kind: Config, clusters: [${cluster}], users: [{name: u, user: {token: kubetoken123}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig)
  await new Promise((done) => setTimeout(done, 250))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  sandbox.close()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly code: number | null
  readonly output: string
}

function start(entry: string, inputs: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  for (const name of ['output', 'state', 'summary']) writeFileSync(join(folder, name), '')
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    KUBECONFIG: join(folder, 'kubeconfig'),
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_REPOSITORY: 'owner/repo',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'release',
    GITHUB_ACTOR: 'octocat',
    GITHUB_SHA: 'abc123',
    RUNNER_TEMP: folder,
    ...more,
  }
  for (const [name, value] of Object.entries(inputs)) env[`INPUT_${name.toUpperCase()}`] = value
  const child = spawn(process.execPath, [entry], { env, cwd: folder })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<Ended>((done) =>
    child.on('close', (code) => {
      done({ code, output })
    }),
  )
  return { child, ended }
}

const inputs = (more: Readonly<Record<string, string>> = {}) => ({ config: 'config.yaml', version: '1.1', ...more })

function weights(): (number | undefined)[] {
  const spec = sandbox.api.find('VirtualService', 'demo', 'shop')?.spec as { http: { route: { weight?: number }[] }[] }
  return spec.http[0]?.route.map((one) => one.weight) ?? []
}

async function until(isTrue: () => boolean): Promise<number> {
  const begun = Date.now()
  while (!isTrue()) {
    if (Date.now() - begun > 10_000) throw new Error('did not happen')
    await new Promise((done) => setTimeout(done, 5))
  }
  return Date.now() - begun
}

function outputs(): Record<string, string> {
  const text = readFileSync(join(folder, 'output'), 'utf8')
  return Object.fromEntries(
    [...text.matchAll(/^(\S+)<<(\S+)\n([^]*?)\n\2$/gm)].map(([, name = '', , value = '']) => [name, value]),
  )
}

const holder = (): string => /holder<<(\S+)\n(.*)\n/.exec(readFileSync(join(folder, 'state'), 'utf8'))?.[2] ?? ''

describe('the bundle', () => {
  it('without inputs says everything that is missing in one annotation', async () => {
    const { code, output } = await start(ENTRY, {}).ended
    expect(code).toBe(3)
    expect(output.match(/^::error/gm)).toHaveLength(1)
    for (const name of ['service', 'namespace', 'version']) expect(output).toContain(`${name}: is missing`)
  })

  it('asks nobody anything before its inputs are good, and points into the file', async () => {
    writeFileSync(join(folder, 'config.yaml'), 'service: shop\nnamespace: demo\nstages: [1, 100]\nintervall: 5s\n')
    const { output } = await start(ENTRY, inputs({ command: 'relase', 'prometheus-url': sandbox.prometheus })).ended
    expect(output).toContain('::error file=config.yaml,line=4,col=1::')
    expect(output).toContain('did you mean interval?')
    expect(output).toContain('did you mean release?')
    expect([...sandbox.api.counts]).toEqual([])
    expect(sandbox.metrics.queries).toBe(0)
  })

  it('weighs at most 6 MB', () => {
    const files = readdirSync('dist').filter((name) => name.endsWith('.js'))
    expect(files.reduce((sum, name) => sum + statSync(join('dist', name)).size, 0)).toBeLessThan(6e6)
  })
})

describe('a release by the Action', () => {
  it('is promoted, with outputs, summary and journal', async () => {
    const { code, output } = await start(ENTRY, inputs()).ended
    expect(output).toContain('::group::Stage 50%')
    expect(code).toBe(0)
    expect(weights()).toEqual([0, 100])
    expect(outputs()).toMatchObject({
      outcome: 'promoted',
      'stable-colour': 'green',
      'candidate-colour': 'blue',
      weight: '100',
    })
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toMatch(/## shop 1\.1: promoted[^]*\| 50 % \|/)
    const report = JSON.parse(readFileSync(outputs()['report-path'] ?? '', 'utf8')) as {
      release: { by: string; commit: string }
    }
    expect(report.release.by).toContain('owner/repo#42/1/release')
    expect(report.release.commit).toBe('abc123')
    expect(output + readFileSync(join(folder, 'summary'), 'utf8')).not.toContain('kubetoken123')
    const post = await start(POST, inputs(), { STATE_holder: holder() }).ended
    expect(post).toMatchObject({ code: 0, output: '' })
  })

  it('that is worse is reverted and fails the step', async () => {
    writeFileSync(
      join(folder, 'config.yaml'),
      `${CONFIG}\ngates: { checks: { smoke: { command: ["node", "-e", "process.exit(process.env.GRAY_RELEASE_WEIGHT === '50' ? 1 : 0)"] } } }\n`,
    )
    const { code, output } = await start(ENTRY, inputs()).ended
    expect(code).toBe(1)
    expect(output).toContain('::error::shop: reverted; stage 50%25: smoke: ended with code 1')
    expect(weights()).toEqual([100, 0])
  })

  it.each([0, 500])(
    'that gets SIGINT brings traffic back within two seconds (API answers after %d ms)',
    async (delayMs) => {
      writeFileSync(join(folder, 'config.yaml'), CONFIG.replaceAll('min: 300ms', 'min: 5s'))
      const { child, ended } = start(ENTRY, inputs())
      await until(() => weights()[1] === 5)
      await new Promise((done) => setTimeout(done, 300))
      sandbox.api.faults.delayMs = delayMs
      child.kill('SIGINT')
      expect(await until(() => weights()[0] === 100)).toBeLessThan(2000)
      sandbox.api.faults.delayMs = 0
      expect(await ended).toMatchObject({ code: 1 })
    },
  )

  it('that is killed is brought back by post alone', async () => {
    writeFileSync(join(folder, 'config.yaml'), CONFIG.replaceAll('min: 300ms', 'min: 5s'))
    const { child, ended } = start(ENTRY, inputs())
    await until(() => weights()[1] === 5)
    const who = holder()
    child.kill('SIGKILL')
    await ended
    expect(weights()).toEqual([95, 5])
    const post = await start(POST, inputs(), { STATE_holder: who }).ended
    expect(post.output).toContain('traffic is back: reverted')
    expect(weights()).toEqual([100, 0])
  })

  it('leaves another run’s release alone in post', async () => {
    writeFileSync(join(folder, 'config.yaml'), CONFIG.replaceAll('min: 300ms', 'min: 5s'))
    const { child } = start(ENTRY, inputs())
    await until(() => weights()[1] === 5)
    await start(POST, inputs(), { STATE_holder: 'owner/repo#41/1/release-0000' }).ended
    expect(weights()).toEqual([95, 5])
    child.kill('SIGKILL')
  })

  it('is refused without the right it needs, with the line to add to the Role', async () => {
    sandbox.api.faults.forbidden.add('patch virtualservices')
    const { code, output } = await start(ENTRY, inputs()).ended
    expect(code).toBe(3)
    expect(output).toContain('verbs: [patch]')
    expect(weights()).toEqual([100, 0])
  })
})

describe('the command line', () => {
  const cli = (...args: string[]): Promise<Ended> =>
    new Promise((done) => {
      const env = { PATH: process.env['PATH'] ?? '', KUBECONFIG: join(folder, 'kubeconfig') }
      const child = spawn(process.execPath, [resolve('dist/lib/cli/main.js'), ...args], { env, cwd: folder })
      children.push(child)
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
      child.on('close', (code) => {
        done({ code, output })
      })
    })

  it('releases, tells the status as JSON and rolls back', async () => {
    const released = await cli('release', '--config', 'config.yaml', '--version', '1.1')
    expect(released.output).toContain('promoted: every stage passed')
    expect(released.code).toBe(0)
    const found = await cli('status', '--config', 'config.yaml', '--json')
    expect(JSON.parse(found.output)).toMatchObject({ shares: { green: 100 }, state: { phase: 'promoted' } })
    expect(await cli('rollback', '--config', 'config.yaml')).toMatchObject({ code: 0 })
    expect(weights()).toEqual([100, 0])
  })

  it('refuses an option it does not know, and names the commands', async () => {
    const { code, output } = await cli('release', '--versoin', '1.1')
    expect(code).toBe(3)
    expect(output).toContain("Unknown option '--versoin'")
    expect(output).toContain('commands: release, plan')
  })
})

interface Posted {
  readonly path: string
  readonly authorization: string
  readonly body: { state: string; description: string; context: string; target_url: string }
}

/** GitHub's endpoint for commit statuses, as its documentation describes it. */
async function openGitHub(answer: (posted: Posted) => { status: number; body: object }) {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const { url = '', method, headers } = request
      const isKnown = method === 'POST' && /^\/repos\/[^/]+\/[^/]+\/statuses\/[0-9a-z]+$/.test(url)
      const body = JSON.parse(text === '' ? '{}' : text) as Posted['body']
      const isValid = ['pending', 'success', 'failure', 'error'].includes(body.state) && body.description.length <= 140
      const one = { path: url, authorization: headers.authorization ?? '', body }
      if (isKnown && isValid) posted.push(one)
      const { status, body: said } = isKnown
        ? isValid
          ? answer(one)
          : { status: 422, body: {} }
        : { status: 404, body: {} }
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(said))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { posted, url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

describe('the status on the commit', () => {
  const TOKEN = 'ghs_notarealtoken'

  it('tells deploying, each weight and the end, with a link to the run', async () => {
    const github = await openGitHub(() => ({ status: 201, body: { id: 1 } }))
    const { code, output } = await start(ENTRY, inputs({ 'github-token': TOKEN }), { GITHUB_API_URL: github.url }).ended
    github.close()
    expect(code, output).toBe(0)
    const said = github.posted.map(({ body }) => `${body.state}: ${body.description}`)
    expect(said[0]).toBe('pending: 1.1: deploying green')
    for (const weight of [5, 50, 100]) expect(said).toContain(`pending: 1.1: green serves ${weight} %, watched`)
    expect(said.at(-1)).toMatch(/^success: 1.1 promoted; /)
    const [first] = github.posted
    expect(first).toMatchObject({
      path: '/repos/owner/repo/statuses/abc123',
      authorization: `token ${TOKEN}`,
      body: { context: 'gray-release/shop', target_url: 'https://github.com/owner/repo/actions/runs/42' },
    })
    expect(output.replaceAll(`::add-mask::${TOKEN}`, '')).not.toContain(TOKEN)
  })

  it('that may not be set is one warning that names the permission, and no reason against the release', async () => {
    const github = await openGitHub(() => ({
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    }))
    const { code, output } = await start(ENTRY, inputs({ 'github-token': TOKEN }), { GITHUB_API_URL: github.url }).ended
    github.close()
    expect(code, output).toBe(0)
    expect(output.match(/^::warning.*statuses: write/gm)).toHaveLength(1)
    expect(github.posted).toHaveLength(1)
  })

  it('of a plan on a pull request goes to its head', async () => {
    const github = await openGitHub(() => ({ status: 201, body: { id: 1 } }))
    writeFileSync(join(folder, 'event.json'), JSON.stringify({ pull_request: { head: { sha: 'def456' } } }))
    const more = { GITHUB_API_URL: github.url, GITHUB_EVENT_PATH: join(folder, 'event.json') }
    const { output } = await start(ENTRY, inputs({ command: 'plan', 'github-token': TOKEN }), more).ended
    github.close()
    expect(github.posted, output).toHaveLength(1)
    expect(github.posted[0]).toMatchObject({
      path: '/repos/owner/repo/statuses/def456',
      body: { state: 'success', context: 'gray-release/shop plan' },
    })
  })
})
