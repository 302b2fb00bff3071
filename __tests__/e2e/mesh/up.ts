import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadAll } from 'js-yaml'
import { behaviourKey, NODE, type Behaviour } from './behaviour.ts'
import { at, envoyBootstrap, ISTIOD_ENV, MESH, PORTS, prometheusConfiguration } from './configuration.ts'
import { eventually, KubeClient, type KubeAccess, type KubeObject } from './kube-client.ts'
import { Processes } from './processes.ts'
import type { Tools } from './tools.ts'

/** A part of the rig that a test may end and start again. */
export type Part = 'etcd' | 'apiserver' | 'controllers' | 'kubelet' | 'istiod' | 'envoy' | 'prometheus'

/** What another process needs to use the rig: plain data. */
export interface MeshAddress {
  readonly folder: string
  readonly access: KubeAccess
  readonly prometheusUrl: string
  readonly tools: Tools
}

const ADMIN_TOKEN = 'admin-of-the-rig'

const isReady = async (url: string): Promise<true | null> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
  return answer.ok ? true : null
}

/** A running mesh: API server, controllers, istiod, Envoy and Prometheus, all of them real; only the kubelet is ours. */
export class Mesh {
  readonly address: MeshAddress
  readonly kube: KubeClient
  readonly processes: Processes

  constructor(address: MeshAddress) {
    this.address = address
    this.kube = new KubeClient(address.access)
    this.processes = new Processes(join(address.folder, 'processes'))
  }

  /** Where a service is reached by callers in the mesh; the `host` header says which one. */
  get entry(): { readonly hostname: string; readonly port: number } {
    return { hostname: '127.0.0.1', port: 80 }
  }

  /** Kubeconfig of a token; a different token for each right that is tested. */
  kubeconfig(name: string, token = ADMIN_TOKEN): string {
    const { server, ca } = this.address.access
    const path = join(this.address.folder, `kubeconfig-${name}`)
    const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
    writeFileSync(
      path,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'rig',
        clusters: [{ name: 'rig', cluster }],
        users: [{ name: 'rig', user: { token } }],
        contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'rig' } }],
      }),
      { mode: 0o600 },
    )
    return path
  }

  async behave(namespace: string, colour: string, behaviour: Behaviour): Promise<void> {
    const url = `http://${at(PORTS.kubelet)}/${encodeURIComponent(behaviourKey(namespace, colour))}`
    const answer = await fetch(url, { method: 'PUT', body: JSON.stringify(behaviour) })
    if (!answer.ok) throw new Error(`behaviour of ${colour} in ${namespace}: ${await answer.text()}`)
  }

  async stop(part: Part, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.processes.stop(part, signal)
  }

  async start(part: Part): Promise<void> {
    this.processes.restart(part)
    await this.ready(part)
    if (part !== 'apiserver') return
    // They back off for up to half a minute after an outage, which is not what a test waits for.
    await this.processes.stop('controllers', 'SIGKILL')
    this.processes.restart('controllers')
  }

  async ready(part: Part): Promise<void> {
    const checks: Record<Part, () => Promise<unknown>> = {
      etcd: () => isReady(`http://${at(PORTS.etcd)}/health`),
      apiserver: () => this.kube.ask('GET', '/api/v1/namespaces/default'),
      controllers: () => this.kube.ask('GET', '/api/v1/namespaces/default/serviceaccounts/default'),
      kubelet: () => fetch(`http://${at(PORTS.kubelet)}/none`, { method: 'PUT', body: '{}' }),
      istiod: () => isReady(`http://${at(PORTS.istiodHttp)}/ready`),
      envoy: () => isReady(`http://${at(PORTS.envoyAdmin)}/ready`),
      prometheus: () => isReady(`http://${at(PORTS.prometheus)}/-/ready`),
    }
    await eventually(part, checks[part], 60_000).catch((thrown: unknown) => {
      const log = readFileSync(this.processes.logOf(part), 'utf8').slice(-2000)
      throw new Error(`${(thrown as Error).message}\n${log}`)
    })
  }

  /** Ends every process of the rig and removes its files. */
  async down(): Promise<void> {
    this.kube.close()
    await this.processes.stopAll()
    rmSync(this.address.folder, { recursive: true, force: true })
  }
}

function keyPair(folder: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const path = join(folder, 'service-accounts.key')
  writeFileSync(path, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  return path
}

async function controlPlane(folder: string, tools: Tools, processes: Processes): Promise<KubeAccess> {
  const key = keyPair(folder)
  const tokens = join(folder, 'tokens.csv')
  writeFileSync(tokens, `${ADMIN_TOKEN},admin,admin,"system:masters"\n`, { mode: 0o600 })
  const certs = join(folder, 'certs')
  const [etcd, peers] = [`http://${at(PORTS.etcd)}`, `http://${at(PORTS.etcdPeers)}`]
  const addresses = ['--listen-client-urls', etcd, '--advertise-client-urls', etcd, '--listen-peer-urls', peers]
  const data = ['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--logger', 'zap', '--log-level', 'error']
  const single = ['--initial-advertise-peer-urls', peers, '--initial-cluster', `default=${peers}`]
  processes.start('etcd', [tools.kube, 'etcd', ...addresses, ...data, ...single])
  processes.start('apiserver', [
    ...[tools.kube, 'apiserver', '--etcd-servers', etcd, '--cert-dir', certs],
    ...['--secure-port', String(PORTS.api), '--bind-address', '127.0.0.1', '--advertise-address', '10.44.0.1'],
    ...['--service-cluster-ip-range', '10.45.0.0/16', '--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', key, '--service-account-signing-key-file', key],
    ...['--token-auth-file', tokens, '--authorization-mode', 'RBAC', '--endpoint-reconciler-type', 'none'],
  ])
  const crt = join(certs, 'apiserver.crt')
  const ca = await eventually('certificate of the API server', () => readFile(crt, 'utf8'))
  return { server: `https://${at(PORTS.api)}`, token: ADMIN_TOKEN, ca }
}

const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'endpointslice-controller',
  'serviceaccount-controller',
  'namespace-controller',
  'garbage-collector-controller',
]

async function applyCrds({ kube }: Mesh, folder: string): Promise<void> {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  const objects = texts.flatMap((text) => loadAll(text) as (KubeObject | null)[])
  const crds = objects.filter((each) => each?.kind === 'CustomResourceDefinition') as KubeObject[]
  await Promise.all(crds.map((crd) => kube.apply(crd)))
  interface Served {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
  }
  for (const crd of crds) {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`
    await eventually(crd.metadata.name, async () => {
      const { status } = await kube.ask<Served>('GET', path)
      return (status?.conditions ?? []).some((c) => c.type === 'Established' && c.status === 'True') || null
    })
  }
}

/**
 * Starts everything, inside a network namespace where 10.44.0.0/16 and 10.45.0.0/16 are local.
 * @throws Error with the end of the log of the part that did not start; nothing is left running.
 */
export async function up(tools: Tools): Promise<Mesh> {
  const folder = mkdtempSync(join(tmpdir(), 'gray-release-mesh-'))
  const processes = new Processes(join(folder, 'processes'))
  try {
    const access = await controlPlane(folder, tools, processes)
    const mesh = new Mesh({ folder, access, prometheusUrl: `http://${at(PORTS.prometheus)}`, tools })
    await mesh.ready('apiserver')
    const admin = mesh.kubeconfig('admin')
    processes.start('controllers', [
      ...[tools.kube, 'controllers', '--kubeconfig', admin, `--controllers=${CONTROLLERS.join(',')}`],
      ...['--leader-elect=false', '--use-service-account-credentials=false', '--secure-port', '0'],
    ])
    // Endpoints leave out pods whose node is not there.
    await mesh.kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } })
    const accessFile = join(folder, 'access.json')
    writeFileSync(accessFile, JSON.stringify(access), { mode: 0o600 })
    const kubelet = fileURLToPath(new URL('kubelet.ts', import.meta.url))
    processes.start('kubelet', [process.execPath, kubelet, accessFile, String(PORTS.kubelet)])
    await applyCrds(mesh, tools.crds)
    const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    await Promise.all(['istio-system', 'callers'].map((name) => mesh.kube.apply(namespace(name))))
    const metadata = { name: 'istio', namespace: 'istio-system' }
    await mesh.kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mesh: MESH } })
    processes.start(
      'istiod',
      [
        ...[tools.istiod, 'discovery', '--kubeconfig', admin, '--secureGRPCAddr', '', '--httpsAddr', ''],
        ...['--grpcAddr', at(PORTS.istiodGrpc), '--httpAddr', at(PORTS.istiodHttp)],
        ...['--monitoringAddr', at(PORTS.istiodMonitoring)],
      ],
      ISTIOD_ENV,
    )
    const bootstrap = join(folder, 'envoy.json')
    writeFileSync(bootstrap, envoyBootstrap())
    processes.start('envoy', [
      tools.envoy,
      '-c',
      bootstrap,
      '--disable-hot-restart',
      '--concurrency',
      '1',
      '-l',
      'warning',
    ])
    const data = join(folder, 'prometheus')
    mkdirSync(data)
    writeFileSync(join(data, 'prometheus.yml'), prometheusConfiguration())
    processes.start('prometheus', [
      ...[tools.prometheus, `--config.file=${join(data, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`],
      `--web.listen-address=${at(PORTS.prometheus)}`,
    ])
    for (const part of ['controllers', 'kubelet', 'istiod', 'envoy', 'prometheus'] as const) await mesh.ready(part)
    return mesh
  } catch (thrown) {
    await processes.stopAll()
    rmSync(folder, { recursive: true, force: true })
    throw thrown
  }
}
