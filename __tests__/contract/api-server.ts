import { expect, it } from 'vitest'

/** Answers are looked at as plain JSON: typed models would hide what differs. */
interface Body {
  readonly kind?: string
  readonly reason?: string
  readonly code?: number
  readonly metadata?: {
    readonly uid?: string
    readonly resourceVersion?: string
    readonly generation?: number
    readonly annotations?: Readonly<Record<string, string>>
    readonly managedFields?: readonly { readonly manager?: string }[]
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly items?: readonly { readonly metadata: { readonly name: string } }[]
  readonly status?: unknown
}

export interface Answer {
  readonly status: number
  readonly body: Body
}

/** An API server under test: the sandbox's or a real one. */
export interface ApiServer {
  readonly namespace: string
  ask(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>
  /** As somebody who may do nothing. */
  askAsNobody(method: string, path: string, body?: unknown): Promise<Answer>
  /** With a token that nobody gave out. */
  askAsStranger(method: string, path: string): Promise<Answer>
  /** Follows until the server ends the stream. */
  watch(path: string, onEvent: (type: string, name: string) => void): Promise<void>
}

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'

/** What the product relies on, and the same of both: where they differ the sandbox is wrong. */
export function describeApiServer(open: () => ApiServer): void {
  let count = 0
  const rule = (title: string, body: (api: ApiServer, name: string) => Promise<void>): void => {
    it(title, async () => {
      count += 1
      await body(open(), `contract-${process.pid}-${count}`)
    })
  }
  const routes = (api: ApiServer) => `/apis/networking.istio.io/v1/namespaces/${api.namespace}/virtualservices`
  const maps = (api: ApiServer) => `/api/v1/namespaces/${api.namespace}/configmaps`
  const leases = (api: ApiServer) => `/apis/coordination.k8s.io/v1/namespaces/${api.namespace}/leases`

  const virtualService = (name: string, weight: unknown = 0) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name },
    spec: {
      hosts: [name],
      http: [
        {
          route: [
            { destination: { host: name, subset: 'blue' }, weight: 100 },
            { destination: { host: name, subset: 'green' }, weight },
          ],
        },
      ],
    },
  })
  const configMap = (name: string, more: object) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    ...more,
  })
  const lease = (name: string, renewTime: string) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name },
    spec: { holderIdentity: 'somebody', leaseDurationSeconds: 30, renewTime, leaseTransitions: 1 },
  })
  const made = async (api: ApiServer, name: string): Promise<Body> => {
    const { status, body } = await api.ask('POST', routes(api), virtualService(name))
    expect(status).toBe(201)
    return body
  }
  const patch = (api: ApiServer, name: string, operations: readonly object[]) =>
    api.ask('PATCH', `${routes(api)}/${name}?fieldManager=contract`, operations, JSON_PATCH)
  const merge = (api: ApiServer, name: string, body: object) =>
    api.ask('PATCH', `${routes(api)}/${name}?fieldManager=contract`, body, MERGE_PATCH)
  const refused = ({ status, body }: Answer) => [status, body.kind, body.reason, body.code]

  rule('an object that is not there is 404', async (api, name) => {
    expect(refused(await api.ask('GET', `${routes(api)}/${name}`))).toEqual([404, 'Status', 'NotFound', 404])
    expect(refused(await merge(api, name, {}))).toEqual([404, 'Status', 'NotFound', 404])
  })

  rule('an object is made once', async (api, name) => {
    const { metadata } = await made(api, name)
    expect(metadata).toMatchObject({ generation: 1 })
    expect(metadata?.uid).not.toBe('')
    const again = await api.ask('POST', routes(api), virtualService(name))
    expect(refused(again)).toEqual([409, 'Status', 'AlreadyExists', 409])
  })

  rule('a patch with an old version is a conflict, and changes nothing', async (api, name) => {
    const { metadata } = await made(api, name)
    await merge(api, name, { metadata: { annotations: { a: 'b' } } })
    const late = await patch(api, name, [
      { op: 'replace', path: '/metadata/resourceVersion', value: metadata?.resourceVersion },
      { op: 'add', path: '/spec/http/0/route/1/weight', value: 5 },
    ])
    expect(refused(late)).toEqual([409, 'Status', 'Conflict', 409])
    const { body } = await api.ask('GET', `${routes(api)}/${name}`)
    expect(JSON.stringify(body.spec)).not.toContain('"weight":5')
  })

  rule('a patch whose test fails, or whose path leads nowhere, is 422', async (api, name) => {
    await made(api, name)
    const wrong = [
      [{ op: 'test', path: '/metadata/name', value: 'another' }],
      [{ op: 'replace', path: '/spec/http/7/route/0/weight', value: 1 }],
      [{ op: 'remove', path: '/metadata/annotations/none' }],
    ]
    for (const operations of wrong) expect((await patch(api, name, operations)).status).toBe(422)
  })

  rule(
    'a patch that changes nothing keeps the version; annotations keep the generation, the spec raises it',
    async (api, name) => {
      const first = await made(api, name)
      const noted = await merge(api, name, { metadata: { annotations: { a: 'b' } } })
      expect(noted.body.metadata?.resourceVersion).not.toBe(first.metadata?.resourceVersion)
      expect(noted.body.metadata?.generation).toBe(1)
      const same = await merge(api, name, { metadata: { annotations: { a: 'b' } } })
      expect(same.body.metadata?.resourceVersion).toBe(noted.body.metadata?.resourceVersion)
      const shifted = await patch(api, name, [{ op: 'add', path: '/spec/http/0/route/1/weight', value: 5 }])
      expect(shifted.body.metadata?.generation).toBe(2)
      expect(shifted.body.metadata?.managedFields?.map(({ manager }) => manager)).toContain('contract')
    },
  )

  rule('null in a merge patch removes', async (api, name) => {
    await made(api, name)
    await merge(api, name, { metadata: { annotations: { a: 'b', c: 'd' } } })
    const { body } = await merge(api, name, { metadata: { annotations: { a: null } } })
    expect(body.metadata?.annotations).toEqual({ c: 'd' })
  })

  rule('a weight that is no whole number is 422', async (api, name) => {
    expect((await api.ask('POST', routes(api), virtualService(name, 0.5))).status).toBe(422)
    await made(api, name)
    expect((await patch(api, name, [{ op: 'add', path: '/spec/http/0/route/1/weight', value: 2.5 }])).status).toBe(422)
  })

  rule('annotations of more than 256 KiB are 422', async (api, name) => {
    await made(api, name)
    expect((await merge(api, name, { metadata: { annotations: { a: 'x'.repeat(262_144) } } })).status).toBe(422)
  })

  rule('a ConfigMap holds 1 MiB, and bytes only in base64', async (api, name) => {
    const bytes = (length: number) => ({ binaryData: { a: Buffer.alloc(length).toString('base64') } })
    expect((await api.ask('POST', maps(api), configMap(name, bytes(600_000)))).status).toBe(201)
    expect((await api.ask('POST', maps(api), configMap(`${name}-b`, bytes(1_048_577)))).status).toBe(422)
    expect((await api.ask('POST', maps(api), configMap(`${name}-c`, { binaryData: { a: '%' } }))).status).toBe(400)
  })

  rule(
    'a Lease wants six digits behind the second, and a replacement the version it was read with',
    async (api, name) => {
      expect((await api.ask('POST', leases(api), lease(name, '2026-01-02T03:04:05.678Z'))).status).toBe(400)
      const { status, body } = await api.ask('POST', leases(api), lease(name, '2026-01-02T03:04:05.678000Z'))
      expect(status).toBe(201)
      const over = (renewTime: string) => ({ ...lease(name, renewTime), metadata: body.metadata })
      const path = `${leases(api)}/${name}`
      expect((await api.ask('PUT', path, over('2026-01-02T03:04:06.678000Z'))).status).toBe(200)
      const late = await api.ask('PUT', path, over('2026-01-02T03:04:07.678000Z'))
      expect(refused(late)).toEqual([409, 'Status', 'Conflict', 409])
    },
  )

  rule('a selector picks by labels; a list has a version to watch from', async (api, name) => {
    for (const colour of ['blue', 'green']) {
      const object = configMap(`${name}-${colour}`, {})
      await api.ask('POST', maps(api), { ...object, metadata: { ...object.metadata, labels: { of: name, colour } } })
    }
    const { body } = await api.ask('GET', `${maps(api)}?labelSelector=of%3D${name}%2Ccolour%3Dgreen`)
    expect(body.items?.map(({ metadata }) => metadata.name)).toEqual([`${name}-green`])
    expect(Number(body.metadata?.resourceVersion)).toBeGreaterThan(0)
  })

  rule('a watch tells of every change of its object after its version, and ends in time', async (api, name) => {
    const { metadata } = await made(api, name)
    const seen: string[] = []
    const query = new URLSearchParams({
      watch: 'true',
      fieldSelector: `metadata.name=${name}`,
      resourceVersion: metadata?.resourceVersion ?? '',
      timeoutSeconds: '2',
      allowWatchBookmarks: 'true',
    })
    const watching = api.watch(`${routes(api)}?${query.toString()}`, (type, of) => {
      if (type !== 'BOOKMARK') seen.push(`${type} ${of}`)
    })
    await new Promise((done) => setTimeout(done, 300))
    await merge(api, name, { metadata: { annotations: { a: 'b' } } })
    await api.ask('DELETE', `${routes(api)}/${name}`)
    await watching
    expect(seen).toEqual([`MODIFIED ${name}`, `DELETED ${name}`])
    expect((await api.ask('GET', `${routes(api)}/${name}`)).status).toBe(404)
  })

  rule('who may not is 403, who is not known is 401, and a review says so before', async (api, name) => {
    const { namespace } = api
    const path = `${maps(api)}/${name}`
    expect(refused(await api.askAsNobody('GET', path))).toEqual([403, 'Status', 'Forbidden', 403])
    expect((await api.askAsStranger('GET', path)).status).toBe(401)
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { group: '', resource: 'configmaps', verb: 'get', namespace } },
    }
    const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const [may, mayNot] = [await api.ask('POST', reviews, review), await api.askAsNobody('POST', reviews, review)]
    expect([may.status, may.body.status]).toEqual([201, expect.objectContaining({ allowed: true })])
    expect([mayNot.status, mayNot.body.status]).toEqual([201, expect.objectContaining({ allowed: false })])
  })
}
