import { spawn } from 'node:child_process'
import { mkdirSync, openSync, closeSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

interface Started {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly pid: number
}

/**
 * Processes of the rig by name. What runs is written down in a folder, so that a test in another process can end and
 * start one.
 */
export class Processes {
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  private file(name: string): string {
    return join(this.folder, `${name}.json`)
  }

  private find(name: string): Started {
    return JSON.parse(readFileSync(this.file(name), 'utf8')) as Started
  }

  logOf(name: string): string {
    return join(this.folder, `${name}.log`)
  }

  start(name: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const log = openSync(this.logOf(name), 'a')
    const child = spawn(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...env },
      detached: true,
    })
    child.unref()
    closeSync(log)
    writeFileSync(this.file(name), JSON.stringify({ command, env, pid: child.pid ?? 0 } satisfies Started))
  }

  /** Starts again, with the same words, what was started before. */
  restart(name: string): void {
    const { command, env } = this.find(name)
    this.start(name, command, env)
  }

  isRunning(name: string): boolean {
    return isAlive(this.find(name).pid)
  }

  /** Ends one and waits until it is gone. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { pid } = this.find(name)
    send(pid, signal)
    const patience = Date.now() + 10_000
    while (isAlive(pid)) {
      if (Date.now() > patience) send(pid, 'SIGKILL')
      await sleep(10)
    }
  }

  async stopAll(): Promise<void> {
    const names = readdirSync(this.folder).filter((file) => file.endsWith('.json'))
    await Promise.all(names.map((file) => this.stop(file.slice(0, -'.json'.length), 'SIGKILL')))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}

/** A process that has ended but that nobody has waited for yet does not count as alive. */
function isAlive(pid: number): boolean {
  try {
    const [, state] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    return state !== undefined && !state.startsWith('Z')
  } catch {
    return false
  }
}
