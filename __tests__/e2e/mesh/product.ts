import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Tools } from './tools.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CLI = join(ROOT, 'dist/lib/cli/main.js')
const ACTION = join(ROOT, 'dist/index.js')
const POST = join(ROOT, 'dist/post.js')

/** A line that the product printed, and when. */
export interface Line {
  readonly at: number
  readonly text: string
}

export interface Ended {
  readonly code: number | null
  readonly text: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  readonly endedAt: number
}

const LAST_LINES = 12

/** What a run said, how it ended first: a report of a failure may keep only the beginning. */
export const endFirst = (text: string): string => `${text.split('\n').slice(-LAST_LINES).join('\n')}\n--- all\n${text}`

/** The built product as a process of its own. */
export class Run {
  readonly lines: Line[] = []
  readonly ended: Promise<Ended>
  private readonly child: ChildProcess
  private readonly files: string
  private readonly waiting = new Set<() => void>()

  constructor(words: readonly string[], env: Readonly<Record<string, string>>, cwd: string, files: string) {
    this.files = files
    this.child = spawn(words[0] ?? '', words.slice(1), { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let rest = ''
    const take = (chunk: Buffer): void => {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      for (const text of parts) this.lines.push({ at: Date.now(), text })
      for (const look of this.waiting) look()
    }
    this.child.stdout?.on('data', take)
    this.child.stderr?.on('data', take)
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => {
        if (rest !== '') this.lines.push({ at: Date.now(), text: rest })
        const outputs = this.values('output')
        const summary = readFileSync(join(files, 'summary'), 'utf8')
        resolve({ code, text: this.text, outputs, summary, endedAt: Date.now() })
        for (const look of this.waiting) look()
      })
    })
  }

  get text(): string {
    return this.lines.map(({ text }) => text).join('\n')
  }

  /** Waits for a line, after another one if given; a run that ends without it is told with what it did say. */
  async line(wanted: RegExp, after: Line | null = null, timeoutMs = 90_000): Promise<Line> {
    const from = after === null ? 0 : this.lines.indexOf(after) + 1
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer)
        this.waiting.delete(look)
        act()
      }
      const look = (): void => {
        const found = this.lines.slice(from).find(({ text }) => wanted.test(text))
        if (found !== undefined) finish(() => resolve(found))
        else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          const how = this.child.signalCode ?? `code ${this.child.exitCode ?? ''}`
          finish(() => reject(new Error(`the run ended (${how}) without ${String(wanted)}:\n${this.text}`)))
        }
      }
      const timer = setTimeout(() => {
        finish(() => reject(new Error(`no ${String(wanted)} in ${timeoutMs / 1000} s:\n${this.text}`)))
      }, timeoutMs)
      this.waiting.add(look)
      look()
    })
  }

  /** What was saved for the post step. */
  state(name: string): string {
    return this.values('state')[name] ?? ''
  }

  private values(file: string): Readonly<Record<string, string>> {
    return parseValues(readFileSync(join(this.files, file), 'utf8'))
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }
}

/** The runner's files of outputs and state: `name<<delimiter`, value, delimiter. */
function parseValues(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [, name = '', , value = ''] of text.matchAll(/^(.+?)<<(.+)\n([^]*?)\n\2$/gm)) values[name] = value
  return values
}

export interface ProductOptions {
  readonly tools: Tools
  readonly kubeconfig: string
  readonly folder: string
}

/** Starts the built CLI and the built Action as their users do. */
export class Product {
  private readonly options: ProductOptions
  private readonly runs: Run[] = []

  constructor(options: ProductOptions) {
    this.options = options
  }

  private start(args: readonly string[], more: Readonly<Record<string, string>>): Run {
    return this.program(process.execPath, args, ROOT, more)
  }

  /** Starts a program with what a step of a job has around it. */
  program(command: string, args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}): Run {
    const { tools, kubeconfig, folder } = this.options
    const files = mkdtempSync(join(folder, 'run-'))
    for (const name of ['output', 'summary', 'state', 'env', 'path']) writeFileSync(join(files, name), '')
    const programs = [dirname(process.execPath), dirname(tools.helmfile), dirname(tools.helm)]
    const env = {
      PATH: [...programs, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
      HOME: files,
      KUBECONFIG: kubeconfig,
      RUNNER_TEMP: files,
      GITHUB_OUTPUT: join(files, 'output'),
      GITHUB_STEP_SUMMARY: join(files, 'summary'),
      GITHUB_STATE: join(files, 'state'),
      GITHUB_ENV: join(files, 'env'),
      GITHUB_PATH: join(files, 'path'),
      ...more,
    }
    const run = new Run([command, ...args], env, cwd, files)
    this.runs.push(run)
    return run
  }

  /** What all runs said, each line with its time. */
  said(): string {
    const stamp = (at: number): string => new Date(at).toISOString().slice(11, 23)
    return this.runs.map((run) => run.lines.map(({ at, text }) => `${stamp(at)} ${text}`).join('\n')).join('\n\n')
  }

  /** Ends what a failed test left running. */
  endAll(): void {
    for (const run of this.runs) run.signal('SIGKILL')
  }

  cli(...args: readonly string[]): Run {
    return this.start([CLI, ...args], {})
  }

  action(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Run {
    return this.start([ACTION], { ...inputVariables(inputs), ...env })
  }

  /** What the runner starts after main, with the state that main saved. */
  post(inputs: Readonly<Record<string, string>>, holder: string): Run {
    return this.start([POST], { ...inputVariables(inputs), STATE_holder: holder })
  }
}

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
}
