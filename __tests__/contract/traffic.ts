import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ClusterRequest, KubeObject, Platform, RouteChange, TrafficProvider } from '../../src/ports.ts'
import type { Way } from './ways.ts'

/** A cluster under test: the sandbox's API server or a real one. */
export interface TrafficBed {
  readonly namespace: string
  readonly platform: () => Platform
  /** A platform that may do everything but this. */
  without(verb: string, resource: string): Promise<Platform>
}

const fence = (number: number) => ({ number, holder: `run-${number}` })
const to = (green: number, more: Partial<RouteChange> = {}): RouteChange => ({
  shares: { blue: 100 - green, green },
  audience: null,
  notes: {},
  fence: fence(1),
  expected: null,
  ...more,
})

/** What the core relies on, and the same of every router. */
export function describeTraffic(way: Way, open: () => TrafficBed): void {
  let count = 0
  const collectionOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
  const ask = <Answer>(platform: Platform, request: ClusterRequest): Promise<Answer> =>
    platform.cluster.request(request)
  const patch = (platform: Platform, path: string, body: unknown): Promise<KubeObject> =>
    ask(platform, { method: 'PATCH', path, body, contentType: 'application/json-patch+json' })

  const plurals: Readonly<Record<string, string>> = {
    VirtualService: 'networking.istio.io/v1 virtualservices',
    DestinationRule: 'networking.istio.io/v1 destinationrules',
    HTTPRoute: 'gateway.networking.k8s.io/v1 httproutes',
    GRPCRoute: 'gateway.networking.k8s.io/v1 grpcroutes',
    Ingress: 'networking.k8s.io/v1 ingresses',
    Deployment: 'apps/v1 deployments',
  }

  interface Bed {
    readonly name: string
    readonly namespace: string
    readonly path: string
    readonly platform: Platform
    readonly traffic: TrafficProvider
    readonly stored: () => Promise<KubeObject>
    readonly connect: (platform: Platform) => TrafficProvider
  }

  const rule = (title: string, body: (bed: Bed) => Promise<void>): void => {
    it(title, async () => {
      count += 1
      const { namespace, platform: connect } = open()
      const platform = connect()
      const name = `t${process.pid}-${way.resource}-${count}`.slice(0, 40)
      for (const object of way.objects(name, namespace)) {
        const [group = '', plural = ''] = (plurals[object.kind ?? ''] ?? '').split(' ')
        await ask(platform, { method: 'POST', path: `/apis/${group}/namespaces/${namespace}/${plural}`, body: object })
      }
      const path = way.route(name, namespace)
      try {
        await body({
          ...{ name, namespace, path, platform },
          traffic: way.connect(name, namespace, platform),
          stored: () => ask<KubeObject>(platform, { method: 'GET', path }),
          connect: (other) => way.connect(name, namespace, other),
        })
      } finally {
        for (const object of way.objects(name, namespace)) {
          const [group = '', plural = ''] = (plurals[object.kind ?? ''] ?? '').split(' ')
          const at = `/apis/${group}/namespaces/${namespace}/${plural}/${object.metadata.name}`
          await ask(platform, { method: 'DELETE', path: at }).catch(() => undefined)
        }
      }
    })
  }

  describe(way.title, () => {
    rule('what is written is read, by others too', async ({ traffic, connect, platform }) => {
      expect((await traffic.read()).shares).toEqual({ blue: 100, green: 0 })
      for (const green of [5, 50, 100, 0]) {
        const written = await traffic.write(to(green))
        expect(written.shares).toEqual({ blue: 100 - green, green })
        const read = await connect(platform).read()
        expect(read.shares).toEqual({ blue: 100 - green, green })
        expect([read.has({ blue: 100 - green, green }), read.unfinished]).toEqual([true, ''])
        expect(read.has({ blue: 75, green: 25 })).toBe(false)
      }
    })

    rule('writing the same again writes nothing', async ({ traffic, stored }) => {
      await traffic.write(to(25, { notes: { state: 's' } }))
      const { metadata } = await stored()
      await traffic.write(to(25, { notes: { state: 's' } }))
      expect((await stored()).metadata.resourceVersion).toBe(metadata.resourceVersion)
    })

    rule('nothing of others changes', async ({ traffic, stored }) => {
      const before = way.others(await stored())
      for (const green of [5, 25, 100, 0]) await traffic.write(to(green, { notes: { state: `at ${green}` } }))
      expect(way.others(await stored())).toEqual(before)
    })

    rule(
      'notes are kept beside the weights, and go when they are taken away',
      async ({ traffic, connect, platform }) => {
        await traffic.write(to(5, { notes: { state: 'first' } }))
        await traffic.write({ ...to(5), shares: null, notes: { state: 'second' } })
        const { notes, shares } = await connect(platform).read()
        expect([notes.state, notes.fence, shares]).toEqual(['second', '1 run-1', { blue: 95, green: 5 }])
        await traffic.write({ ...to(5), shares: null, notes: { state: null } })
        expect((await connect(platform).read()).notes.state).toBeNull()
      },
    )

    rule('what another run asks for is found', async ({ traffic, connect, platform }) => {
      await traffic.write(to(5))
      await connect(platform).ask('please')
      expect((await connect(platform).read()).notes.request).toBe('please')
      expect((await traffic.write({ ...to(5), shares: null, notes: { request: null } })).notes.request).toBeNull()
    })

    rule(
      'a write that comes in between is not lost, and ours is made again',
      async ({ path, platform, connect, stored }) => {
        let isFirst = true
        const meddling: Platform = {
          ...platform,
          cluster: {
            ...platform.cluster,
            request: async <Answer>(request: ClusterRequest): Promise<Answer> => {
              if (request.method === 'PATCH' && isFirst) {
                isFirst = false
                await patch(platform, path, [{ op: 'add', path: '/metadata/annotations/meddled', value: 'yes' }])
              }
              return platform.cluster.request<Answer>(request)
            },
          },
        }
        expect((await connect(meddling).write(to(25))).shares).toEqual({ blue: 75, green: 25 })
        expect((await stored()).metadata.annotations?.['meddled']).toBe('yes')
      },
    )

    rule('weights of somebody else are not written over, unless it is the way back', async (bed) => {
      const { traffic, path, platform, stored } = bed
      await traffic.write(to(5))
      await patch(platform, path, way.foreignWeights)
      const before = await stored()
      const careful = to(25, { expected: [{ blue: 95, green: 5 }] })
      await expect(bed.connect(platform).write(careful)).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
      const after = await stored()
      expect(isDeepStrictEqual(after['spec'], before['spec'])).toBe(true)
      expect((await bed.connect(platform).write(to(0))).has({ blue: 100, green: 0 })).toBe(true)
    })

    rule('a driver that was replaced writes nothing any more', async ({ traffic, connect, platform, stored }) => {
      await traffic.write(to(5))
      await connect(platform).write(to(0, { fence: fence(2) }))
      const before = await stored()
      await expect(traffic.write(to(25))).rejects.toMatchObject({
        code: 'STATE_CONFLICT',
        message: expect.stringContaining('run-2') as string,
      })
      await expect(traffic.write({ ...to(0), notes: { state: 'x' } })).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
      expect((await stored()).metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    })

    rule('who may not write is told the verb and the resource', async ({ traffic, connect }) => {
      await traffic.write(to(5))
      const platform = await open().without('patch', way.resource)
      await expect(connect(platform).write(to(0))).rejects.toMatchObject({
        code: 'CLUSTER_FORBIDDEN',
        message: expect.stringMatching(new RegExp(`patch.*${way.resource}`)) as string,
      })
    })

    rule('an object that is not there is named, with what is', async ({ path, platform, connect, name }) => {
      await ask(platform, { method: 'DELETE', path })
      if (way.title === 'ingress-nginx') {
        // Its canary Ingress is made when it is needed; it is the main one that must be there.
        await ask(platform, { method: 'DELETE', path: `${collectionOf(path)}/${name}` })
      }
      const found = connect(platform)
      await expect(found.read()).rejects.toMatchObject({
        code: 'ROUTE_NOT_FOUND',
        message: expect.stringContaining(name) as string,
      })
      const findings = await found.check()
      expect(findings.filter(({ level }) => level === 'refuse').length).toBeGreaterThan(0)
    })

    rule('an audience reaches the candidate beside its weight, and nobody does when it is over', async (bed) => {
      const { traffic, connect, platform, stored } = bed
      const others = way.others(await stored())
      if (way.isWithoutRequests) {
        const audience = { match: [], mirror: 10, colour: 'green' }
        await expect(traffic.write(to(0, { audience }))).rejects.toMatchObject({ code: 'UNSUPPORTED_PLAN' })
        return
      }
      for (const by of traffic.supports.match) {
        const value = by === 'custom' ? '{"uri":{"prefix":"/beta"}}' : 'always'
        const audience = { match: [{ by, name: by === 'custom' ? '' : 'x-beta', value }], mirror: 0 }
        const nobody = { match: [], mirror: 0 }
        await traffic.write(to(0, { audience: { ...audience, colour: 'green' } }))
        const read = await connect(platform).read()
        expect([by, read.serves(audience, 'green'), read.serves(nobody, 'green')]).toEqual([by, true, false])
        expect(read.shares).toEqual({ blue: 100, green: 0 })
        const again = await stored()
        await connect(platform).write(to(0, { audience: { ...audience, colour: 'green' } }))
        expect((await stored()).metadata.resourceVersion).toBe(again.metadata.resourceVersion)
        await traffic.write(to(25, { audience: { ...audience, colour: 'green' } }))
        expect((await connect(platform).read()).serves(audience, 'green')).toBe(true)
        await traffic.write(to(0, { audience: { ...nobody, colour: 'green' } }))
        expect((await connect(platform).read()).serves(nobody, 'green')).toBe(true)
        expect(way.others(await stored())).toEqual(others)
      }
    })

    rule('a mirror comes and goes', async ({ traffic, connect, platform, stored }) => {
      if (!traffic.supports.mirror || way.isWithoutRequests) return
      const others = way.others(await stored())
      const mirror = { match: [], mirror: 50 }
      await traffic.write(to(0, { audience: { ...mirror, colour: 'green' } }))
      const read = await connect(platform).read()
      expect([read.serves(mirror, 'green'), read.serves({ match: [], mirror: 0 }, 'green')]).toEqual([true, false])
      expect(JSON.stringify(await stored())).toMatch(/green/)
      await traffic.write(to(5, { audience: { match: [], mirror: 0, colour: 'green' } }))
      expect(way.others(await stored())).toEqual(others)
    })

    rule('each colour has a backend', async ({ traffic, name, namespace }) => {
      await traffic.read()
      const backends = [await traffic.backend('blue'), await traffic.backend('green')]
      expect(backends.map((one) => one.namespace)).toEqual([namespace, namespace])
      expect(backends.every((one) => one.service.startsWith(name))).toBe(true)
      const [blue, green] = backends.map(({ service, labels }) => JSON.stringify([service, labels]))
      expect(blue).not.toBe(green)
    })
  })
}
