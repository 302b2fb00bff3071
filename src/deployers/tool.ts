import { basename, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { toDuration } from '../core/duration.ts'
import { ReleaseError } from '../errors.ts'
import type { Platform } from '../ports.ts'

/** A program that deploys, as one run of it. */
export interface ToolRun {
  readonly command: readonly string[]
  /** Said before it starts, in front of the command. */
  readonly prefix?: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** What to do when the program is not there. */
  readonly install: string
  /** What went wrong, out of its last lines. */
  readonly reason?: (lines: readonly string[]) => readonly string[]
  /** The way out of a failure, by its exit code. */
  readonly hint?: (code: number | null) => string
}

export const DEFAULT_TIMEOUT_MS = 10 * 60_000
const FEW_LINES = 15

/** The last lines without colours and without empty ones. */
export const lastOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => stripVTControlCharacters(line).trimEnd()).filter((line) => line.trim() !== '')

/** What a program of the user's gets to see: the run's own variables, without the Action's inputs. */
export function childEnv(platform: Platform): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(platform.env)) {
    // The Action's inputs travel as variables, secrets among them: charts have no business with those.
    if (value !== undefined && !name.startsWith('INPUT_')) env[name] = value
  }
  // Programs change their folder.
  if (env['KUBECONFIG'] !== undefined && env['KUBECONFIG'] !== '') {
    env['KUBECONFIG'] = env['KUBECONFIG']
      .split(':')
      .map((path) => resolve(path))
      .join(':')
  }
  return env
}

/** Runs a program that deploys; its output is said as it comes. @throws ReleaseError DEPLOY_FAILED with its last lines */
export async function runTool(platform: Platform, run: ToolRun): Promise<void> {
  const { command, cwd, env, timeoutMs, signal } = run
  const binary = basename(command[0] ?? '')
  // A platform of the caller's own may not mask what it is given to say.
  const onLine = (line: string): void => {
    platform.say(platform.mask(stripVTControlCharacters(line)))
  }
  onLine([run.prefix ?? '', ...command].filter((word) => word !== '').join(' '))
  const result = await platform.shell.run(command, { cwd, env, timeoutMs, signal, onLine }).catch((thrown: unknown) => {
    throw new ReleaseError('DEPLOY_FAILED', `${binary} could not be started: ${(thrown as Error).message}`, {
      hint: run.install,
      cause: thrown,
    })
  })
  if (result.code === 0) return
  const why = result.timedOut
    ? `did not end within ${toDuration(timeoutMs)}`
    : result.aborted
      ? 'was stopped'
      : `ended with code ${result.code ?? 'none (killed)'}`
  const lines = lastOf(result.lastLines)
  const said = (run.reason?.(lines) ?? lines.slice(-FEW_LINES)).map((line) => `  ${line}`).join('\n')
  throw new ReleaseError('DEPLOY_FAILED', platform.mask(`${binary} ${why}\n${said}`), {
    hint: run.hint?.(result.code) ?? 'traffic was not touched; the same command can be run by hand',
  })
}
