import { afterAll, beforeAll, describe, inject } from 'vitest'
import { chance } from '../../src/platform/chance.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { connectCluster } from '../../src/platform/cluster.ts'
import type { Cluster, Platform } from '../../src/ports.ts'
import { describeTraffic } from '../contract/traffic.ts'
import { WAYS } from '../contract/ways.ts'
import { describeApiServer, type Answer, type ApiServer } from '../contract/api-server.ts'
import { eventually, KubeClient } from './mesh/kube-client.ts'
import { Mesh } from './mesh/up.ts'

const NAMESPACE = 'contract'
let api: ApiServer
const clients: KubeClient[] = []
const clusters: Cluster[] = []
const kubeconfigs = { admin: '', reader: '' }

/** What a router needs of the outside, on the real API server. */
function platformOf(kubeconfig: string): Platform {
  const cluster = connectCluster({ kubeconfig, timeoutMs: 10_000 })
  clusters.push(cluster)
  return {
    cluster,
    ...chance,
    fetch: globalThis.fetch,
    shell: { run: () => Promise.reject(new Error('no shell in this test')) },
    clock: systemClock(),
    say: () => undefined,
    mask: (text) => text,
    env: {},
  }
}

beforeAll(async () => {
  const mesh = new Mesh(inject('mesh'))
  const { access } = mesh.address
  await mesh.kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await mesh.kube.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'nobody', namespace: NAMESPACE },
  })
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/nobody/token`
  const spec = { spec: { expirationSeconds: 3600 } }
  const { status } = await eventually('a token', () =>
    mesh.kube.ask<{ status: { token: string } }>('POST', path, {
      ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' },
      ...spec,
    }),
  )
  const [nobody, stranger] = [status.token, 'nobody-gave-this-out'].map((token) => new KubeClient({ ...access, token }))
  if (nobody === undefined || stranger === undefined) throw new Error('no clients')
  clients.push(mesh.kube, nobody, stranger)
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]
  const metadata = { name: 'reader', namespace: NAMESPACE }
  await mesh.kube.apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules })
  await mesh.kube.apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: NAMESPACE }],
  })
  await mesh.kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  const reader = await mesh.kube.ask<{ status: { token: string } }>('POST', path.replace('nobody', 'reader'), {
    ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' },
    ...spec,
  })
  kubeconfigs.admin = mesh.kubeconfig('contract-admin')
  kubeconfigs.reader = mesh.kubeconfig('contract-reader', reader.status.token)
  const asking =
    (client: KubeClient) =>
    async (method: string, to: string, body?: unknown, contentType = 'application/json'): Promise<Answer> => {
      const { status: code, text } = await client.send(method, to, body, contentType)
      return { status: code, body: JSON.parse(text) as Answer['body'] }
    }
  api = {
    namespace: NAMESPACE,
    ask: asking(mesh.kube),
    askAsNobody: asking(nobody),
    askAsStranger: asking(stranger),
    watch: (to, onEvent) =>
      mesh.kube.watch(to, ({ type, object }) => {
        onEvent(type, object.metadata.name)
      }),
  }
})
afterAll(() => {
  for (const client of [...clients, ...clusters]) client.close()
})

describe('a real API server', () => {
  describeApiServer(() => api)
})

describe('routers on a real API server', () => {
  for (const way of WAYS.filter((one) => one.isOnlyForSandbox !== true)) {
    describeTraffic(way, () => ({
      namespace: NAMESPACE,
      platform: () => platformOf(kubeconfigs.admin),
      // It may read everything and write nothing, which is less than was asked for, and enough.
      without: () => Promise.resolve(platformOf(kubeconfigs.reader)),
    }))
  }
})
