import { commandDeployer } from '../deployers/command.ts'
import { helm } from '../deployers/helm.ts'
import { helmfile } from '../deployers/helmfile.ts'
import { manifests } from '../deployers/manifests.ts'
import { none } from '../deployers/none.ts'
import type { Colour } from '../core/shares.ts'
import type { Connect, Deployer } from '../ports.ts'
import type { WrittenConfig } from './read.ts'

const DEPLOYERS = ['helmfile', 'helm', 'manifests', 'command'] as const

/** @param wrong is told what is missing */
export function deployerOf(
  { service = '', namespace = '', deploy = {} }: WrittenConfig,
  colours: readonly [Colour, Colour],
  wrong: (path: string, message: string) => void,
): Connect<Deployer> {
  const given = DEPLOYERS.filter((one) => deploy[one] !== undefined)
  if (given.length > 1) wrong('deploy', `one way is wanted, ${given.length} are given: ${given.join(', ')}`)
  const common = { service, namespace }
  if (deploy.helmfile !== undefined) {
    const { timeout, 'skip-deps': skipDeps, file, ...rest } = deploy.helmfile
    if (file === undefined) wrong('deploy.helmfile.file', 'is missing')
    return helmfile({
      ...{ ...common, ...rest, file: file ?? '' },
      ...(timeout !== undefined && { timeoutMs: timeout }),
      ...(skipDeps !== undefined && { skipDeps }),
    })
  }
  if (deploy.helm !== undefined) {
    const { timeout, chart, ...rest } = deploy.helm
    if (chart === undefined) wrong('deploy.helm.chart', 'is missing')
    return helm({ ...common, ...rest, chart: chart ?? '', ...(timeout !== undefined && { timeoutMs: timeout }) })
  }
  if (deploy.manifests !== undefined) {
    const { paths = [], kustomize } = deploy.manifests
    if (paths.length === 0) wrong('deploy.manifests.paths', 'is missing; files or folders with YAML')
    return manifests({ ...common, colours, paths, ...(kustomize !== undefined && { kustomize }) })
  }
  if (deploy.command !== undefined) {
    const { timeout, deploy: words = [], ...rest } = deploy.command
    if (words.length === 0)
      wrong('deploy.command.deploy', 'is missing; program and arguments, with {colour} and {version}')
    return commandDeployer({ ...common, ...rest, deploy: words, ...(timeout !== undefined && { timeoutMs: timeout }) })
  }
  return none()
}
