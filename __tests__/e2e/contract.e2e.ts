import { afterAll, beforeAll, describe, inject } from 'vitest'
import { describeApiServer, type Answer, type ApiServer } from '../contract/api-server.ts'
import { eventually, KubeClient } from './mesh/kube-client.ts'
import { Mesh } from './mesh/up.ts'

const NAMESPACE = 'contract'
let api: ApiServer
const clients: KubeClient[] = []

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
  for (const client of clients) client.close()
})

describe('a real API server', () => {
  describeApiServer(() => api)
})
