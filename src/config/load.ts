import { existsSync, readFileSync } from 'node:fs'
import { ReleaseError } from '../errors.ts'
import { buildOptions, type Built } from './build.ts'
import { invalidConfig, readConfig, type ConfigFile, type WrittenConfig } from './read.ts'
import { nearest } from './shape.ts'
import { COMMANDS, type Command } from './inputs.ts'

/** Everything one run was told, checked. */
export interface Settings {
  readonly command: Command
  /** For promote: the weight of the stage to jump to. */
  readonly to: number | null
  readonly written: WrittenConfig
  readonly built: Built
  /** Where the HTML report goes; empty when nobody said. */
  readonly report: string
  readonly kubeconfig: string
  readonly context: string
}

const DEFAULT_FILE = '.github/gray-release.yaml'

function readFile(name: string): ConfigFile | null {
  if (name === '' && !existsSync(DEFAULT_FILE)) return null
  const path = name === '' ? DEFAULT_FILE : name
  try {
    return { name: path, text: readFileSync(path, 'utf8') }
  } catch (thrown) {
    throw new ReleaseError('INVALID_CONFIG', `config ${path} cannot be read: ${(thrown as Error).message}`, {
      hint: 'the path counts from the working directory; is the repository checked out?',
    })
  }
}

/**
 * Reads the file and the inputs; makes no network call.
 * @param adjust changes what was written before defaults are put in (the sandbox puts its own addresses there)
 * @throws ReleaseError INVALID_CONFIG with every problem
 */
export function loadSettings(
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
  adjust: (written: WrittenConfig) => WrittenConfig = (written) => written,
): Settings {
  const wanted = inputs['command'] || 'release'
  const command = COMMANDS.find((one) => one === wanted)
  const to = inputs['to'] ?? ''
  const own: string[] = []
  if (command === undefined) {
    const meant = nearest(wanted, COMMANDS)
    own.push(
      `input command: "${wanted}" is none of ${COMMANDS.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    )
  }
  if (to !== '' && !/^(100|\d{1,2})$/.test(to)) own.push(`input to: "${to}" is not a whole number from 0 to 100`)
  const ownProblems = own.map((message) => ({ path: '', message, file: '', line: 0, column: 0 }))
  const name = inputs['config'] ?? ''
  try {
    const written = adjust(readConfig(readFile(name), inputs))
    const built = buildOptions(written, command ?? 'release', {
      env,
      prometheusToken: inputs['prometheus-token'] ?? '',
    })
    if (command === undefined || ownProblems.length > 0) throw invalidConfig(ownProblems)
    return {
      command,
      to: to === '' ? null : Number(to),
      written,
      built,
      report: inputs['report'] ?? '',
      kubeconfig: inputs['kubeconfig'] ?? '',
      context: inputs['kube-context'] ?? '',
    }
  } catch (thrown) {
    if (!(thrown instanceof ReleaseError) || ownProblems.length === 0) throw thrown
    throw invalidConfig([...new Set([...ownProblems, ...thrown.problems])])
  }
}
