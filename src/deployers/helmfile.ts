import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fill } from '../core/template.ts'
import type { Connect, Deployer, Deployment, Finding, Platform } from '../ports.ts'
import { childEnv, DEFAULT_TIMEOUT_MS, runTool } from './tool.ts'

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

/** The namespace is there, because the VirtualService is in it; helmfile would want the right to create it. */
const NO_NEW_NAMESPACE = '--sync-args=--create-namespace=false'

/** helmfile repeats the command, its arguments and all output; what went wrong is what helm wrote to stderr. */
function whatHelmSaid(lines: readonly string[]): readonly string[] {
  const begin = lines.findLastIndex((line) => line.trim() === 'STDERR:')
  const end = lines.findLastIndex((line) => line.trim() === 'COMBINED OUTPUT:')
  return begin >= 0 && end > begin ? lines.slice(begin + 1, end).map((line) => line.trim()) : lines.slice(-15)
}

function envOf(options: HelmfileOptions, platform: Platform, values: Readonly<Record<string, string>>) {
  const env = childEnv(platform)
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
      await runTool(platform, {
        command,
        prefix: `DEPLOYMENT_TYPE=${deployment.colour}`,
        cwd: dirname(file),
        env: envOf(options, platform, values),
        timeoutMs,
        signal,
        install: 'install helmfile and helm in an earlier step, for example with helmfile/helmfile-action',
        reason: whatHelmSaid,
        hint: (code) =>
          code === 3
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
