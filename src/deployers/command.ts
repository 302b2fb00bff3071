import { fill } from '../core/template.ts'
import type { Connect, Deployer, Deployment } from '../ports.ts'
import { childEnv, DEFAULT_TIMEOUT_MS, runTool } from './tool.ts'

/** A program of yours that deploys a colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface CommandDeployerOptions {
  readonly service: string
  readonly namespace: string
  /** Program and arguments; it must put the version on the colour it is told, and on no other. */
  readonly deploy: readonly string[]
  /** Program and arguments that take the colour away; without it nothing is taken away. */
  readonly retire?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** Deploys with a program of the user's; it also finds `COLOUR`, `VERSION`, `SERVICE` and `NAMESPACE` in its environment. */
export function commandDeployer(options: CommandDeployerOptions): Connect<Deployer> {
  return (platform) => {
    const run = async (words: readonly string[], { colour, version }: Deployment, signal: AbortSignal) => {
      const { service, namespace } = options
      const values = { colour, version, service, namespace }
      const own = Object.entries(options.env ?? {}).map(([name, value]) => [name, fill(value, values)] as const)
      await runTool(platform, {
        command: words.map((word) => fill(word, values)),
        cwd: '.',
        env: {
          ...childEnv(platform),
          ...{ COLOUR: colour, VERSION: version, SERVICE: service, NAMESPACE: namespace },
          ...Object.fromEntries(own),
        },
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        signal,
        install: 'check the path; it counts from the working directory',
      })
    }
    return {
      deploy: (deployment, signal) => run(options.deploy, deployment, signal),
      retire: async (deployment, signal) => {
        if (options.retire !== undefined) await run(options.retire, deployment, signal)
      },
    }
  }
}
