import { SandboxApiServer } from './api-server.ts'
import { SandboxMesh, type MeshOptions } from './mesh.ts'
import { SandboxMetrics } from './metrics.ts'

/** An object as a person writes it in YAML. */
export interface Manifest {
  readonly apiVersion?: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** A whole small world on loopback: API server, mesh with load, metrics. */
export interface Sandbox {
  readonly api: SandboxApiServer
  readonly mesh: SandboxMesh
  readonly metrics: SandboxMetrics
  readonly server: string
  readonly prometheus: string
  /** Creates or replaces objects as `kubectl apply` would. */
  apply(manifests: readonly Manifest[]): void
  close(): void
}

/** Starts the sandbox. Every server listens on a free port of the loopback address. */
export async function openSandbox(options: MeshOptions): Promise<Sandbox> {
  const api = new SandboxApiServer(options.now)
  const metrics = new SandboxMetrics(options.now)
  const mesh = new SandboxMesh(api, metrics, options)
  const [server, prometheus] = await Promise.all([api.listen(), metrics.listen(), mesh.listen()])
  return {
    api,
    mesh,
    metrics,
    server,
    prometheus,
    apply(manifests) {
      for (const manifest of manifests) {
        const metadata = { ...manifest.metadata, namespace: manifest.metadata.namespace ?? options.namespace }
        api.put(manifest.kind, { ...manifest, metadata })
      }
    },
    close() {
      mesh.close()
      api.close()
      metrics.close()
    },
  }
}

/** The objects of a service in two colours, in the shapes of the blue/green article, for who brings none. */
export function exampleManifests(service: string, namespace: string): readonly Manifest[] {
  const host = `${service}.${namespace}.svc.cluster.local`
  const destination = (subset: string, weight: number) => ({ destination: { host, subset }, weight })
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace },
      spec: { selector: { app: service }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: service, namespace },
      spec: { host, subsets: ['blue', 'green'].map((name) => ({ name, labels: { colour: name } })) },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: service, namespace },
      spec: { hosts: [host], http: [{ name: 'default', route: [destination('blue', 100), destination('green', 0)] }] },
    },
  ]
}

/** One colour's Deployment, as the charts of `exampleManifests` would render it. */
export function exampleDeployment(service: string, namespace: string, colour: string, version: string): Manifest {
  const labels = { app: service, colour }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${service}-${colour}`, namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'app', image: `example/${service}:${version}`, ports: [{ containerPort: 8080 }] }],
        },
      },
    },
  }
}
