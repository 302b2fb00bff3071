import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { toDuration } from '../core/duration.ts'
import { fill } from '../core/template.ts'
import { ReleaseError } from '../errors.ts'
import type { Connect, Deployer, Deployment, Finding, Platform } from '../ports.ts'

/** How helmfile deploys one colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface HelmfileOptions {
  readonly service: string
  readonly namespace: string
  readonly file: string
  /** Which releases of the file belong to the colour; default `name={service}-{colour}`. */
  readonly selector?: string
  /** helmfile's own environment (`-e`). */
  readonly environment?: string
  /** Variables for the file; `DEPLOYMENT_TYPE` is always the colour. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Do not run `helm repo update` and dependency builds; default true, because the colours change no dependency. */
  readonly skipDeps?: boolean
  /** More arguments of `helmfile sync`; with `--sync-args` among them helm may create namespaces, as helmfile has it. */
  readonly args?: readonly string[]
  readonly binary?: string
}

const DEFAULT_TIMEOUT_MS = 10 * 60_000

/** The namespace is there, because the VirtualService is in it; helmfile would want the right to create it. */
const NO_NEW_NAMESPACE = '--sync-args=--create-namespace=false'
const FEW_LINES = 15

/** helmfile repeats the command, its arguments and all output; what went wrong is what helm wrote to stderr. */
function whatHelmSaid(lines: readonly string[]): readonly string[] {
  const clean = lines.map((line) => stripVTControlCharacters(line).trimEnd()).filter((line) => line.trim() !== '')
  const begin = clean.findLastIndex((line) => line.trim() === 'STDERR:')
  const end = clean.findLastIndex((line) => line.trim() === 'COMBINED OUTPUT:')
  return begin >= 0 && end > begin ? clean.slice(begin + 1, end).map((line) => line.trim()) : clean.slice(-FEW_LINES)
}

function childEnv(options: HelmfileOptions, platform: Platform, values: Readonly<Record<string, string>>) {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(platform.env)) {
    // The Action's inputs travel as variables, secrets among them: charts have no business with those.
    if (value !== undefined && !name.startsWith('INPUT_')) env[name] = value
  }
  // helmfile changes into the directory of its file.
  if (env['KUBECONFIG'] !== undefined && env['KUBECONFIG'] !== '') {
    env['KUBECONFIG'] = env['KUBECONFIG']
      .split(':')
      .map((path) => resolve(path))
      .join(':')
  }
  env['NAMESPACE'] ??= options.namespace
  // helmfile 1 renders templates only in .gotmpl files unless told; the article's file is a plain helmfile.yaml.
  if (!options.file.endsWith('.gotmpl')) env['HELMFILE_RENDER_YAML'] ??= 'true'
  for (const [name, template] of Object.entries(options.env ?? {})) env[name] = fill(template, values)
  env['DEPLOYMENT_TYPE'] = values['colour'] ?? ''
  return env
}

/** Deploys a colour by `helmfile sync` with `DEPLOYMENT_TYPE`, as the blue/green pattern of the charts wants it. */
export function helmfile(options: HelmfileOptions): Connect<Deployer> {
  return (platform) => {
    const file = resolve(options.file)
    const binary = options.binary ?? 'helmfile'
    const selectorTemplate = options.selector ?? 'name={service}-{colour}'
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS

    const run = async (deployment: Deployment, verb: readonly string[], signal: AbortSignal): Promise<void> => {
      const values = {
        colour: deployment.colour,
        version: deployment.version,
        service: options.service,
        namespace: options.namespace,
      }
      const selector = fill(selectorTemplate, values)
      const command = [
        binary,
        ...['-f', file],
        ...(options.environment === undefined ? [] : ['-e', options.environment]),
        ...['-l', selector],
        ...verb,
        ...(options.args ?? []),
      ]
      const shown = `DEPLOYMENT_TYPE=${deployment.colour} ${command.join(' ')}`
      platform.say(platform.mask(shown))
      const result = await platform.shell
        .run(command, {
          cwd: dirname(file),
          env: childEnv(options, platform, values),
          timeoutMs,
          signal,
          onLine: (line) => {
            platform.say(platform.mask(stripVTControlCharacters(line)))
          },
        })
        .catch((thrown: unknown) => {
          throw new ReleaseError('DEPLOY_FAILED', `${binary} could not be started: ${(thrown as Error).message}`, {
            hint: 'install helmfile and helm in an earlier step, for example with helmfile/helmfile-action',
            cause: thrown,
          })
        })
      if (result.code === 0) return
      const why = result.timedOut
        ? `did not end within ${toDuration(timeoutMs)}`
        : result.aborted
          ? 'was stopped'
          : `ended with code ${result.code ?? 'none (killed)'}`
      const said = whatHelmSaid(result.lastLines)
        .map((line) => `  ${line}`)
        .join('\n')
      throw new ReleaseError('DEPLOY_FAILED', platform.mask(`helmfile ${why}\n${said}`), {
        hint:
          result.code === 3
            ? `no release of ${options.file} matches the selector ${selector}`
            : 'traffic was not touched; the same command can be run by hand',
      })
    }

    return {
      deploy: (deployment, signal) => {
        const isOwn = options.args?.some((arg) => /^--(sync-)?args\b/.test(arg)) ?? false
        const deps = (options.skipDeps ?? true) ? ['--skip-deps'] : []
        return run(deployment, ['sync', ...deps, ...(isOwn ? [] : [NO_NEW_NAMESPACE])], signal)
      },
      retire: (deployment, signal) => run(deployment, ['destroy'], signal),
      async check() {
        const findings: Finding[] = []
        await access(file).catch(() => {
          findings.push({
            level: 'refuse',
            message: `there is no file ${options.file}`,
            hint: 'helmfile is the path of the helmfile from the working directory; is the repository checked out?',
          })
        })
        if (!selectorTemplate.includes('{colour}')) {
          findings.push({
            level: 'refuse',
            message: `the helmfile selector "${selectorTemplate}" does not contain {colour}`,
            hint: 'without it the live colour would be deployed too; for example name={service}-{colour}',
          })
        }
        return findings
      },
    }
  }
}
