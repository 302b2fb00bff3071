import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dump, loadAll } from 'js-yaml'
import { eventually, type KubeObject } from './kube-client.ts'
import { Load, type LoadOptions } from './load.ts'
import { Product, type Ended, type Run } from './product.ts'
import type { Mesh } from './up.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const EXAMPLE = join(ROOT, 'examples/address-service')
export const SERVICE = 'address-service'
const SCRAPES_MS = 4000
export const VIRTUAL_SERVICE = 'address-service-deployment'

const read = (path: string): string => readFileSync(path, 'utf8')

/** The VirtualService and DestinationRule of the article as written: 1 % on the colour that is idle. */
export const ARTICLE = ['destination-rule.yaml', 'virtual-service.yaml']
  .map((file) => read(join(EXAMPLE, 'istio', file)))
  .join('---\n')

/** The Role of the README: what the product needs, and nothing else. */
export function readmeRole(namespace: string): KubeObject {
  const [, text = ''] = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(read(join(ROOT, 'README.md'))) ?? []
  const [role] = loadAll(text.replaceAll('happyride', namespace)) as KubeObject[]
  if (role === undefined) throw new Error('the README has no Role')
  return role
}

/** The Role that docs/choosing.md gives for another way to share requests. */
function wayRole(namespace: string, name: string): KubeObject {
  const blocks = read(join(ROOT, 'docs/choosing.md')).match(/(?<=```yaml\n)apiVersion: rbac[^]*?(?=```)/g) ?? []
  const roles = blocks.flatMap((text) => loadAll(text.replaceAll('happyride', namespace)) as KubeObject[])
  const role = roles.find(({ metadata }) => metadata.name === name)
  if (role === undefined) throw new Error(`docs/choosing.md has no Role ${name}`)
  return role
}

/** What Helm needs to keep its releases and to install the example's charts. */
const helmRole = (namespace: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'helm', namespace },
  rules: [
    { apiGroups: [''], resources: ['secrets', 'services'], verbs: ['*'] },
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['*'] },
  ],
})

type Settings = Readonly<Record<string, unknown>>

export interface ShopOptions {
  /** Istio's objects; default the example's with all weight on blue. */
  readonly istio?: string
  /** Versions that run before the test begins. */
  readonly running?: Readonly<Record<string, string>>
  readonly settings?: Settings | ((mesh: Mesh) => Settings)
  /** Helm's rights on top of the README's Role; default true. */
  readonly helm?: boolean
  /** Objects of another way to share requests, in place of Istio's. */
  readonly objects?: string
  /** Rights that this way needs on top, as docs/choosing.md says. */
  readonly ways?: readonly string[]
}

export interface VirtualService extends KubeObject {
  readonly spec: {
    readonly http: readonly {
      readonly name?: string
      readonly route: readonly {
        readonly destination: { readonly host: string; readonly subset?: string }
        readonly weight?: number
      }[]
    }[]
  }
}

/** Short times of a test; everything else is as a user leaves it. */
const settingsOf = (namespace: string, mesh: Mesh): Record<string, unknown> => ({
  service: SERVICE,
  namespace,
  deploy: {
    helmfile: {
      file: join(EXAMPLE, 'helmfile.yaml'),
      env: { ADDRESS_SERVICE_VERSION: '{version}', NAMESPACE: '{namespace}' },
    },
  },
  traffic: { settle: '2s' },
  interval: '1s',
  stages: [
    { weight: 5, min: '8s', max: '60s' },
    { weight: 25, min: '8s', max: '60s' },
    { weight: 50, min: '8s', max: '60s' },
    { weight: 100, min: '8s', max: '60s' },
  ],
  // Stages of seconds in place of minutes: a coarse question, so that hundreds of requests are enough to answer it.
  gates: { prometheus: { url: mesh.address.prometheusUrl }, 'warm-up': '1s', harm: '10%' },
})

/** One service in a namespace of its own, with a token that may do what the README says. */
export class Shop {
  readonly mesh: Mesh
  readonly namespace: string
  readonly product: Product
  readonly configFile: string
  readonly folder: string
  readonly kubeconfig: string
  private readonly loads: Load[] = []

  private constructor(mesh: Mesh, namespace: string, token: string, settings: Readonly<Record<string, unknown>>) {
    this.mesh = mesh
    this.namespace = namespace
    this.folder = join(mesh.address.folder, namespace)
    mkdirSync(this.folder, { recursive: true })
    this.configFile = join(this.folder, 'gray-release.yaml')
    writeFileSync(this.configFile, dump({ ...settingsOf(namespace, mesh), ...settings }))
    this.kubeconfig = mesh.kubeconfig(namespace, token)
    this.product = new Product({ tools: mesh.address.tools, kubeconfig: this.kubeconfig, folder: this.folder })
  }

  static async open(mesh: Mesh, namespace: string, options: ShopOptions = {}): Promise<Shop> {
    const { kube } = mesh
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'releaser', namespace } }
    await kube.apply(account)
    const roles = [
      readmeRole(namespace),
      ...((options.helm ?? true) ? [helmRole(namespace)] : []),
      ...(options.ways ?? []).map((name) => wayRole(namespace, name)),
    ]
    for (const role of roles) {
      await kube.apply(role)
      await kube.apply({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: role.metadata.name, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
        subjects: [{ kind: 'ServiceAccount', name: 'releaser', namespace }],
      })
    }
    const token = await Shop.token(mesh, namespace)
    const shop = new Shop(
      mesh,
      namespace,
      token,
      typeof options.settings === 'function' ? options.settings(mesh) : (options.settings ?? {}),
    )
    // Pods are made only once their account exists.
    await eventually('service account default', () =>
      kube.ask('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`),
    )
    if (options.ways?.includes('gray-release-replicas') !== true)
      await shop.apply(read(join(EXAMPLE, 'rendered/address-service-common.yaml')))
    if (options.objects !== undefined) await shop.apply(options.objects)
    else
      await shop.apply(
        options.istio ?? ARTICLE.replace('weight: 99', 'weight: 100').replace('weight: 1\n', 'weight: 0\n'),
      )
    for (const [colour, version] of Object.entries(options.running ?? {})) {
      const text = read(join(EXAMPLE, `rendered/address-service-${colour}.yaml`))
      await shop.apply(text.replace(/(happyride-address-service:)[^"]+/, `$1${version}`), {
        'meta.helm.sh/release-name': `${SERVICE}-${colour}`,
        'meta.helm.sh/release-namespace': namespace,
      })
    }
    for (const colour of Object.keys(options.running ?? {})) await shop.untilReady(colour)
    return shop
  }

  /** A token of the releaser's account, as a cloud's short-lived credential. */
  static async token(mesh: Mesh, namespace: string, seconds = 3600): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/releaser/token`
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: seconds },
    }
    const { status } = await mesh.kube.ask<{ status: { token: string } }>('POST', path, request)
    return status.token
  }

  /** The account goes away and its tokens with it: to the API server the same as credentials that have run out. */
  async revoke(): Promise<void> {
    await this.mesh.kube.ask('DELETE', this.accountPath)
  }

  /** The account again, and a new token in the same kubeconfig. */
  async renew(): Promise<void> {
    const metadata = { name: 'releaser', namespace: this.namespace }
    await this.mesh.kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })
    this.mesh.kubeconfig(this.namespace, await Shop.token(this.mesh, this.namespace))
  }

  private get accountPath(): string {
    return `/api/v1/namespaces/${this.namespace}/serviceaccounts/releaser`
  }

  /** Another file of settings of the same service. */
  settings(more: Settings): string {
    const path = join(this.folder, `settings-${Object.keys(more).join('-')}.yaml`)
    writeFileSync(path, dump({ ...settingsOf(this.namespace, this.mesh), ...more }))
    return path
  }

  /** The gates of a test with another tolerance for errors. */
  gates(errors: Settings): Settings {
    return { ...(settingsOf(this.namespace, this.mesh)['gates'] as Settings), errors }
  }

  get host(): string {
    return `${SERVICE}.${this.namespace}.svc.cluster.local`
  }

  /** Applies manifests of the example's namespace to this one, with annotations such as Helm's of what it owns. */
  async apply(text: string, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
    const own = text
      .replaceAll('.happyride.', `.${this.namespace}.`)
      .replaceAll('namespace: happyride', `namespace: ${this.namespace}`)
    for (const object of loadAll(own) as KubeObject[]) {
      const metadata = { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } }
      await this.mesh.kube.apply({ ...object, metadata }, this.namespace)
    }
  }

  async virtualService(): Promise<VirtualService> {
    const path = `/apis/networking.istio.io/v1/namespaces/${this.namespace}/virtualservices/${VIRTUAL_SERVICE}`
    return this.mesh.kube.ask('GET', path)
  }

  /** Weights of the route that both colours share, as the API server holds them. */
  async weights(): Promise<Readonly<Record<string, number>>> {
    const { spec } = await this.virtualService()
    const route = spec.http.map((each) => each.route).find((each) => each.length > 1) ?? spec.http.at(-1)?.route ?? []
    const only = route.length === 1 ? 100 : 0
    return Object.fromEntries(route.map((each) => [each.destination.subset ?? '', each.weight ?? only]))
  }

  async untilReady(colour: string): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${this.namespace}/deployments/${SERVICE}-${colour}`
    interface Status {
      readonly spec: { readonly replicas: number }
      readonly status: { readonly availableReplicas?: number }
    }
    await eventually(`pods of ${colour}`, async () => {
      const { spec, status } = await this.mesh.kube.ask<Status>('GET', path)
      return status.availableReplicas === spec.replicas ? true : null
    })
  }

  /** Load on the service through the mesh; the first good answer has arrived when this returns. */
  async load(rate: number, more: Partial<LoadOptions> = {}): Promise<Load> {
    const options = { ...this.mesh.entry, host: this.host, rate, ...more }
    await eventually(`an answer of ${this.host}`, async () => {
      const first = await new Load({ ...options, rate: 100, atMost: 1 }).once()
      if (first.status !== 200) throw new Error(`status ${first.status} ${first.error}`)
      return true
    })
    const load = new Load(options).start()
    this.loads.push(load)
    // What stable does before a release is what the release is compared with: a few scrapes of it.
    await sleep(SCRAPES_MS)
    return load
  }

  release(version: string, ...more: readonly string[]): Run {
    return this.command('release', '--version', version, ...more)
  }

  command(name: string, ...more: readonly string[]): Run {
    return this.product.cli(name, '--config', this.configFile, ...more)
  }

  /** Sweeps again and again, as a schedule does, until nobody is said to drive any more. */
  async untilSwept(): Promise<Ended> {
    return eventually(
      'sweep',
      async () => {
        const ended = await this.command('sweep').ended
        if (!ended.text.includes(' drives ')) return ended
        await sleep(3000)
        return null
      },
      120_000,
    )
  }

  /** Releases again as soon as the lease of a driver that is gone lets it, as a person does who starts the job again. */
  async releaseAgain(version: string): Promise<Ended> {
    return eventually(
      'release again',
      async () => {
        const ended = await this.release(version).ended
        if (!ended.text.includes('drives this release')) return ended
        await sleep(3000)
        return null
      },
      120_000,
    )
  }

  behave(colour: string, behaviour: Parameters<Mesh['behave']>[2]): Promise<void> {
    return this.mesh.behave(this.namespace, colour, behaviour)
  }

  async close(): Promise<void> {
    await Promise.all(this.loads.map((load) => load.stop()))
    this.product.endAll()
    await this.mesh.kube.ask('DELETE', `/api/v1/namespaces/${this.namespace}`)
  }
}
