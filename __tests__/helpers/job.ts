import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { exampleDeployment, exampleManifests, openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'

export const ENTRY = resolve('dist/index.js')
export const POST = resolve('dist/post.js')
const CLI = resolve('dist/lib/cli/main.js')

type Texts = Readonly<Record<string, string>>

export const CONFIG = `
service: shop
namespace: demo
interval: 100ms
traffic: { settle: 0s }
stages:
  - { weight: 5, min: 300ms, max: 10s }
  - { weight: 50, min: 300ms, max: 10s }
  - { weight: 100, min: 300ms, max: 10s }
`

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** A job of a runner on a sandbox: the built bundle as processes of their own, with files as the runner gives them. */
export class Job {
  readonly folder = mkdtempSync(join(tmpdir(), 'action-'))
  readonly sandbox: Sandbox
  private readonly children: ChildProcess[] = []

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox
  }

  /** Both colours run; the kubeconfig has a token. */
  static async open(): Promise<Job> {
    const sandbox = await openSandbox({ namespace: 'demo', service: 'shop', now: () => Date.now(), speed: 20 })
    const job = new Job(sandbox)
    sandbox.apply(exampleManifests('shop', 'demo'))
    sandbox.apply([exampleDeployment('shop', 'demo', 'blue', '1.0'), exampleDeployment('shop', 'demo', 'green', '1.1')])
    job.write('config.yaml', CONFIG)
    const cluster = `{name: c, cluster: {server: "${sandbox.server}"}}`
    job.write(
      'kubeconfig',
      `{apiVersion: v1, kind: Config, clusters: [${cluster}], users: [{name: u, user: {token: kubetoken123}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`,
    )
    await new Promise((done) => setTimeout(done, 250))
    return job
  }

  close(): void {
    for (const child of this.children) child.kill('SIGKILL')
    this.sandbox.close()
    rmSync(this.folder, { recursive: true })
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  private spawn(args: readonly string[], env: Texts) {
    const child = spawn(process.execPath, args, { env, cwd: this.folder })
    this.children.push(child)
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

  /** Starts the Action, or its post step, as a runner does. */
  start(entry: string, inputs: Texts, more: Texts = {}) {
    for (const name of ['output', 'state', 'summary']) this.write(name, '')
    const env: Record<string, string> = {
      PATH: process.env['PATH'] ?? '',
      KUBECONFIG: join(this.folder, 'kubeconfig'),
      GITHUB_OUTPUT: join(this.folder, 'output'),
      GITHUB_STATE: join(this.folder, 'state'),
      GITHUB_STEP_SUMMARY: join(this.folder, 'summary'),
      GITHUB_REPOSITORY: 'owner/repo',
      GITHUB_RUN_ID: '42',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'release',
      GITHUB_ACTOR: 'octocat',
      GITHUB_SHA: 'abc123',
      GITHUB_REF: 'refs/tags/v1.1',
      GITHUB_WORKFLOW_REF: 'owner/repo/.github/workflows/release.yml@refs/heads/main',
      RUNNER_TEMP: this.folder,
      ...more,
    }
    for (const [name, value] of Object.entries(inputs)) env[`INPUT_${name.toUpperCase()}`] = value
    return this.spawn([entry], env)
  }

  /** Runs the command line. */
  cli(...args: readonly string[]): Promise<Ended> {
    const env = { PATH: process.env['PATH'] ?? '', KUBECONFIG: join(this.folder, 'kubeconfig') }
    return this.spawn([CLI, ...args], env).ended
  }

  /** Weights of the default route as the API server holds them. */
  weights(): (number | undefined)[] {
    const found = this.sandbox.api.find('VirtualService', 'demo', 'shop')
    const spec = found?.spec as { http: { route: { weight?: number }[] }[] }
    return spec.http[0]?.route.map((one) => one.weight) ?? []
  }

  outputs(): Record<string, string> {
    return Object.fromEntries(
      [...this.read('output').matchAll(/^(\S+)<<(\S+)\n([^]*?)\n\2$/gm)].map(([, name = '', , value = '']) => [
        name,
        value,
      ]),
    )
  }

  /** What main saved for post. */
  holder(): string {
    return /holder<<(\S+)\n(.*)\n/.exec(this.read('state'))?.[2] ?? ''
  }
}

/** The inputs of a release of the configuration above. */
export const inputs = (more: Texts = {}) => ({ config: 'config.yaml', version: '1.1', ...more })

/** How long it took; throws after ten seconds. */
export async function until(isTrue: () => boolean): Promise<number> {
  const begun = Date.now()
  while (!isTrue()) {
    if (Date.now() - begun > 10_000) throw new Error('did not happen')
    await new Promise((done) => setTimeout(done, 5))
  }
  return Date.now() - begun
}
