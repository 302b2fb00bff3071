import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { fill } from '../core/template.ts'
import { ReleaseError, toReleaseError } from '../errors.ts'
import type { Connect, Deployer, Deployment, Finding, KubeObject, Platform } from '../ports.ts'
import { childEnv, DEFAULT_TIMEOUT_MS } from './tool.ts'

/** How manifests deploy one colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface ManifestsOptions {
  readonly service: string
  readonly namespace: string
  /** Files and folders with YAML, whose names may contain the colour; a folder with a `kustomization.yaml` is built by kustomize first. */
  readonly paths: readonly string[]
  /** Program that builds a folder of kustomize; default `kubectl kustomize`. */
  readonly kustomize?: readonly string[]
  /** The two colours, to tell what belongs to one of them. */
  readonly colours: readonly [string, string]
}

interface ResourceList {
  readonly resources?: readonly { readonly name?: string; readonly kind?: string; readonly namespaced?: boolean }[]
}

/** Whoever applies these moves the traffic: they are the router's. */
const ROUTES = new Set(['VirtualService', 'HTTPRoute', 'GRPCRoute', 'Ingress'])
const KUSTOMIZATION = /^kustomization\.ya?ml$/

const labelOf = (object: KubeObject): string => `${object.kind ?? ''} ${object.metadata.name}`

class Manifests implements Deployer {
  private readonly options: ManifestsOptions
  private readonly platform: Platform
  private readonly plurals = new Map<string, string>()

  constructor(options: ManifestsOptions, platform: Platform) {
    this.options = options
    this.platform = platform
  }

  private async build(path: string, signal: AbortSignal): Promise<string> {
    const command = [...(this.options.kustomize ?? ['kubectl', 'kustomize']), path]
    const lines: string[] = []
    const result = await this.platform.shell
      .run(command, {
        cwd: '.',
        env: childEnv(this.platform),
        timeoutMs: DEFAULT_TIMEOUT_MS,
        signal,
        onLine: (line) => void lines.push(line),
      })
      .catch((thrown: unknown) => {
        throw new ReleaseError(
          'DEPLOY_FAILED',
          `${command.join(' ')} could not be started: ${(thrown as Error).message}`,
          {
            hint: 'install kubectl, or name the program with kustomize',
          },
        )
      })
    if (result.code === 0) return lines.join('\n')
    const said = result.lastLines.map((line) => `  ${line}`).join('\n')
    throw new ReleaseError('DEPLOY_FAILED', this.platform.mask(`${command.join(' ')} failed\n${said}`))
  }

  private async texts(path: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')]
      const names = readdirSync(path).sort()
      if (names.some((name) => KUSTOMIZATION.test(name))) return [await this.build(path, signal)]
      return names.filter((name) => /\.(ya?ml|json)$/.test(name)).map((name) => readFileSync(join(path, name), 'utf8'))
    } catch (thrown) {
      if (thrown instanceof ReleaseError) throw thrown
      throw new ReleaseError('DEPLOY_FAILED', `manifests ${path} cannot be read: ${(thrown as Error).message}`, {
        hint: 'the path counts from the working directory; is the repository checked out?',
      })
    }
  }

  /** The objects of a colour. @throws ReleaseError DEPLOY_FAILED for what is no manifest, or is the router's */
  private async render(colour: string, version: string, signal: AbortSignal): Promise<readonly KubeObject[]> {
    const { namespace, paths, service } = this.options
    const values = { colour, version, service, namespace }
    const texts = (await Promise.all(paths.map((path) => this.texts(fill(path, values), signal)))).flat()
    const objects = texts.flatMap((text) => {
      try {
        return loadAll(fill(text, values))
      } catch (thrown) {
        const [why = ''] = (thrown as Error).message.split('\n')
        throw new ReleaseError('DEPLOY_FAILED', `manifests ${paths.join(', ')}: ${why}`)
      }
    })
    return objects
      .filter((one) => one !== null && one !== undefined)
      .map((one): KubeObject => {
        const object = one as Partial<KubeObject>
        const name = object.metadata?.name
        if (typeof name !== 'string' || object.kind === undefined || object.apiVersion === undefined) {
          throw new ReleaseError(
            'DEPLOY_FAILED',
            `manifests ${paths.join(', ')}: an object has no apiVersion, kind or name`,
          )
        }
        const { namespace: written = namespace } = object.metadata ?? {}
        const where = `${object.kind} ${name}`
        if (written !== namespace) {
          throw new ReleaseError('DEPLOY_FAILED', `${where} is for namespace ${written}, the release for ${namespace}`)
        }
        if (ROUTES.has(object.kind)) {
          throw new ReleaseError('DEPLOY_FAILED', `${where} shares the requests, and is not deployed with a colour`, {
            hint: 'keep it apart from the manifests of the colours: applying it would put its weights back',
          })
        }
        return { ...object, metadata: { ...object.metadata, name, namespace } }
      })
  }

  private async pathOf({ apiVersion = '', kind = '', metadata }: KubeObject): Promise<string> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const key = `${apiVersion} ${kind}`
    if (!this.plurals.has(key)) {
      const { resources = [] } = await this.platform.cluster.request<ResourceList>({ method: 'GET', path: root })
      const found = resources.find((one) => one.kind === kind && !(one.name ?? '').includes('/'))
      if (found?.name === undefined)
        throw new ReleaseError('DEPLOY_FAILED', `the cluster has no ${kind} in ${apiVersion}`)
      if (found.namespaced !== true) {
        throw new ReleaseError(
          'DEPLOY_FAILED',
          `${kind} ${metadata.name} belongs to the whole cluster, not to a colour`,
        )
      }
      this.plurals.set(key, found.name)
    }
    return `${root}/namespaces/${this.options.namespace}/${this.plurals.get(key) ?? ''}/${metadata.name}`
  }

  async deploy(deployment: Deployment, signal: AbortSignal): Promise<void> {
    for (const object of await this.render(deployment.colour, deployment.version, signal)) {
      if (signal.aborted) return
      const path = `${await this.pathOf(object)}?fieldManager=gray-release-deploy&force=true`
      await this.platform.cluster
        .request({ method: 'PATCH', path, body: object, contentType: 'application/apply-patch+yaml' })
        .catch((thrown: unknown) => {
          const { message, hint } = toReleaseError(thrown)
          throw new ReleaseError('DEPLOY_FAILED', `${labelOf(object)}: ${message}`, { hint, cause: thrown })
        })
      this.platform.say(`applied ${labelOf(object)}`)
    }
  }

  /** Takes away what only this colour has. */
  async retire(deployment: Deployment, signal: AbortSignal): Promise<void> {
    const { own } = await this.split(deployment.colour, deployment.version, signal)
    for (const object of [...own].reverse()) {
      const path = `${await this.pathOf(object)}?propagationPolicy=Background`
      await this.platform.cluster.request({ method: 'DELETE', path }).catch((thrown: unknown) => {
        if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND') throw thrown
      })
      this.platform.say(`removed ${labelOf(object)}`)
    }
  }

  /** The objects of a colour: those that the other colour does not have, and those of both. */
  private async split(colour: string, version: string, signal: AbortSignal) {
    const [first, second] = this.options.colours
    const other = new Set((await this.render(colour === first ? second : first, version, signal)).map(labelOf))
    const all = await this.render(colour, version, signal)
    return {
      own: all.filter((object) => !other.has(labelOf(object))),
      shared: all.filter((object) => other.has(labelOf(object))),
    }
  }

  async check(): Promise<readonly Finding[]> {
    const { shared } = await this.split(this.options.colours[0], 'v0', AbortSignal.any([]))
    const live = shared.filter(({ kind }) => kind === 'Deployment')
    return live.map((object) => ({
      level: 'refuse',
      message: `${labelOf(object)} is the same for both colours`,
      hint: 'its name must contain {colour}: without it the live colour would be deployed too',
    }))
  }
}

/** Applies manifests of a colour through the API server (server-side apply); retiring removes what only it has. */
export function manifests(options: ManifestsOptions): Connect<Deployer> {
  return (platform) => new Manifests(options, platform)
}
