import { fill } from '../core/template.ts'
import type { Connect, Deployer, Deployment } from '../ports.ts'
import { childEnv, DEFAULT_TIMEOUT_MS, runTool } from './tool.ts'

/** How helm deploys one colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface HelmOptions {
  readonly service: string
  readonly namespace: string
  /** A folder, an archive, or a chart of a repository, for example `oci://registry.example/charts/shop`. */
  readonly chart: string
  /** Name of the release; default `{service}-{colour}`. It must contain the colour. */
  readonly release?: string
  /** Files with values, the later ones stronger. */
  readonly values?: readonly string[]
  /** Values, for example `image.tag: '{version}'`. They are given as texts. */
  readonly set?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** More arguments of `helm upgrade`. */
  readonly args?: readonly string[]
  readonly binary?: string
}

/** helm takes commas and backslashes for its own. */
const escaped = (value: string): string => value.replaceAll(/[\\,]/g, '\\$&')

/** Deploys a colour as a helm release of its own; retiring uninstalls it. */
export function helm(options: HelmOptions): Connect<Deployer> {
  return (platform) => {
    const { service, namespace, chart, release = '{service}-{colour}', binary = 'helm' } = options
    const run = (
      { colour, version }: Deployment,
      words: (filled: (text: string) => string) => readonly string[],
      signal: AbortSignal,
    ): Promise<void> =>
      runTool(platform, {
        command: [
          binary,
          ...words((text) => fill(text, { colour, version, service, namespace })),
          '--namespace',
          namespace,
        ],
        cwd: '.',
        env: childEnv(platform),
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        signal,
        install: 'install helm in an earlier step, for example with azure/setup-helm',
      })
    return {
      deploy: (deployment, signal) =>
        run(
          deployment,
          (filled) => [
            ...['upgrade', '--install', filled(release), filled(chart)],
            ...(options.values ?? []).flatMap((file) => ['--values', filled(file)]),
            ...Object.entries(options.set ?? {}).flatMap(([key, value]) => [
              '--set-string',
              `${key}=${escaped(filled(value))}`,
            ]),
            ...(options.args ?? []).map(filled),
          ],
          signal,
        ),
      retire: (deployment, signal) =>
        run(deployment, (filled) => ['uninstall', filled(release), '--ignore-not-found'], signal),
      check: () =>
        Promise.resolve(
          release.includes('{colour}')
            ? []
            : [
                {
                  level: 'refuse',
                  message: `the helm release "${release}" does not contain {colour}`,
                  hint: 'without it the live colour would be deployed too; for example {service}-{colour}',
                },
              ],
        ),
    }
  }
}
