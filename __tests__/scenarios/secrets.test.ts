import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeGitHub } from '../helpers/github.ts'
import { ENTRY, inputs, Job } from '../helpers/job.ts'

/** What is planted, each at another place, and told by every part that can tell it. */
const SECRETS = {
  prometheus: 'prom-bearer-7f31',
  kubeconfig: 'kube-password-"9a2"',
  helm: 'helm-value-c4d8',
  marked: 'marked-by-name-11e0',
  github: 'ghs_notarealtoken',
  webhook: 'hook-path-55aa',
}

let job: Job
let github: FakeGitHub
let listening: Server[] = []
const posted: string[] = []

async function listen(handle: (text: string, headers: Readonly<Record<string, unknown>>) => [number, string]) {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const [status, body] = handle(text, request.headers)
      response.writeHead(status).end(body)
    })
  })
  listening.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeEach(async () => {
  job = await Job.open()
  github = await FakeGitHub.open()
  posted.length = 0
  job.write(
    'kubeconfig',
    job.read('kubeconfig').replace('{token: kubetoken123}', `{username: u, password: '${SECRETS.kubeconfig}'}`),
  )
  // Every program and server tells all it knows, in what it says and in its errors.
  mkdirSync(join(job.folder, 'bin'))
  const all = `echo "$DB_PASSWORD $LICENCE ${SECRETS.kubeconfig.replaceAll('"', '\\"')} $(printf '%s' "$DB_PASSWORD" | base64) $PROM_TOKEN"`
  job.write('bin/helmfile', `#!/bin/sh\n${all}\n${all} >&2\nexit \${HELM_EXIT:-0}\n`)
  job.write('bin/smoke', `#!/bin/sh\n${all}\nexit 1\n`)
  for (const name of ['helmfile', 'smoke']) chmodSync(join(job.folder, 'bin', name), 0o755)
  job.write('helmfile.yaml', 'releases: []\n')
  const metrics = await listen((_, headers) => [401, `<html>${String(headers['authorization'])} is wrong</html>`])
  const hook = await listen((text) => {
    posted.push(text)
    return [200, 'ok']
  })
  job.write(
    'config.yaml',
    `${job.read('config.yaml')}
deploy: { helmfile: { file: helmfile.yaml, env: { DB_PASSWORD: ${SECRETS.helm} } } }
secret-env: [LICENCE]
check-run: true
notifications: [{ url-env: HOOK, on: [started, stage, reverting, reverted] }]
gates:
  prometheus: { url: '${metrics}', bearer-token-env: PROM_TOKEN }
  checks: { smoke: { command: [smoke] } }
`,
  )
  env = {
    PATH: [join(job.folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    GITHUB_API_URL: github.url,
    PROM_TOKEN: SECRETS.prometheus,
    LICENCE: SECRETS.marked,
    HOOK: `${hook}/${SECRETS.webhook}`,
  }
})
afterEach(() => {
  job.close()
  github.close()
  for (const server of listening) server.close()
  listening = []
})

let env: Record<string, string> = {}

/** Everything a person or a program may read after the run; not the commands that tell the runner what to mask. */
function everything(output: string): Record<string, string> {
  const files = readdirSync(job.folder).filter((name) => statSync(join(job.folder, name)).isFile())
  const own = new Set(['config.yaml', 'kubeconfig'])
  const texts = files
    .filter((name) => !own.has(name))
    .map((name) => [name, readFileSync(join(job.folder, name), 'utf8')])
  const { api } = job.sandbox
  return {
    log: output.replaceAll(/^::add-mask::.*\n/gm, ''),
    ...(Object.fromEntries(texts) as Record<string, string>),
    cluster: JSON.stringify([
      api.list('ConfigMap', 'demo'),
      api.list('VirtualService', 'demo'),
      api.list('Lease', 'demo'),
    ]),
    github: JSON.stringify(github.asked.map(({ path, body }) => [path, body])),
    webhook: posted.join('\n'),
  }
}

function expectNone(output: string): void {
  for (const [place, text] of Object.entries(everything(output))) {
    for (const [name, secret] of Object.entries(SECRETS)) {
      for (const spelling of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')]) {
        expect(text.includes(spelling), `${name} is in ${place}`).toBe(false)
      }
    }
  }
}

it('no secret is in anything that a reverted release leaves behind', async () => {
  const { code, output } = await job.start(ENTRY, inputs({ 'github-token': SECRETS.github }), env).ended
  expect(code, output).toBe(1)
  // It was told, and masked: the test would prove nothing otherwise.
  expect(output).toMatch(/smoke: ended with code 1: +\*\*\* \*\*\* +\*\*\*/)
  expect(posted.length).toBeGreaterThan(2)
  expect(github.asked.length).toBeGreaterThan(3)
  expect(Object.keys(everything(output))).toEqual(
    expect.arrayContaining(['gray-release-shop.html', 'gray-release-shop.json', 'summary', 'output', 'state']),
  )
  expectNone(output)
})

it('nor in the error of a deployment that failed', async () => {
  const { code, output } = await job.start(ENTRY, inputs({ 'github-token': SECRETS.github }), {
    ...env,
    HELM_EXIT: '1',
  }).ended
  expect(code, output).toBe(1)
  expect(output).toContain('helmfile ended with code 1')
  expectNone(output)
})

it('nor in a plan, nor in what is refused', async () => {
  const plan = await job.start(ENTRY, inputs({ command: 'plan', 'github-token': SECRETS.github }), env).ended
  expectNone(plan.output)
  job.sandbox.api.faults.forbidden.add('patch virtualservices')
  const refused = await job.start(ENTRY, inputs({ 'github-token': SECRETS.github }), env).ended
  expect(refused.code, refused.output).toBe(3)
  expectNone(refused.output)
})
