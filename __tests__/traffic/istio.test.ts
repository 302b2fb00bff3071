import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { encodeFence } from '../../src/core/saved.ts'
import { istio } from '../../src/traffic/istio.ts'
import { resolveHost } from '../../src/traffic/istio-routes.ts'
import type { StoredObject } from '../../src/sandbox/api-server.ts'
import type { Manifest } from '../../src/sandbox/sandbox.ts'
import type { RouteChange, TrafficProvider } from '../../src/ports.ts'
import { NAMESPACE, World } from '../helpers/world.ts'

const fence = { number: 1, holder: 'run-1' }
const to = (blue: number, green: number): RouteChange => ({
  shares: { blue, green },
  audience: null,
  notes: {},
  fence,
  expected: null,
})

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => {
  world.close()
})

async function given(spec: Record<string, unknown>, more: readonly Manifest[] = []): Promise<TrafficProvider> {
  const subsets = ['blue', 'green'].map((name) => ({ name, labels: { colour: name } }))
  await world.open([
    { kind: 'DestinationRule', metadata: { name: 'shop' }, spec: { host: 'shop', subsets } },
    { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'shop' }, spec },
    ...more,
  ])
  return connect()
}

const connect = (): TrafficProvider =>
  istio({ service: 'shop', namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } })(world.platform())

function stored(): StoredObject {
  const object = world.api.find('VirtualService', NAMESPACE, 'shop')
  if (object === undefined) throw new Error('no VirtualService')
  return object
}

const spec = (): Record<string, unknown> => world.api.find('VirtualService', NAMESPACE, 'shop')?.spec ?? {}
const destination = (subset: string, weight?: number) => ({
  destination: { host: 'shop', subset, port: { number: 80 } },
  ...(weight !== undefined && { weight }),
})

describe('weights', () => {
  it('are read back as they were written, and writing them again changes nothing', async () => {
    const traffic = await given({
      hosts: ['shop'],
      http: [{ route: [destination('blue', 100), destination('green', 0)] }],
    })
    expect((await traffic.write(to(75, 25))).shares).toEqual({ blue: 75, green: 25 })
    const version = world.api.find('VirtualService', NAMESPACE, 'shop')?.metadata.resourceVersion
    await traffic.write(to(75, 25))
    expect(world.api.find('VirtualService', NAMESPACE, 'shop')?.metadata.resourceVersion).toBe(version)
  })

  it('leave foreign destinations their share and every other byte alone', async () => {
    const before = {
      zebra: { unknown: ['fields', 'in', 'odd', 'order'] },
      hosts: ['shop'],
      http: [
        {
          name: 'admin',
          match: [{ uri: { prefix: '/admin' } }],
          route: [destination('admin')],
          retries: { attempts: 2 },
        },
        {
          route: [destination('beta', 20), destination('blue', 80), destination('green', 0)],
          mirror: { host: 'shadow' },
          fault: { delay: { percentage: { value: 1 }, fixedDelay: '1s' } },
        },
      ],
      tls: [{ match: [{ sniHosts: ['x'] }], route: [{ destination: { host: 'x' } }] }],
    }
    const traffic = await given(structuredClone(before))
    await traffic.write(to(95, 5))
    const text = JSON.stringify(before).replace('"weight":80', '"weight":76').replace('"weight":0', '"weight":4')
    expect(JSON.stringify(spec())).toBe(text)
    await traffic.write(to(100, 0))
    expect(JSON.stringify(spec())).toBe(JSON.stringify(before))
  })

  it('are not mistaken for those of another service with the same subset names', async () => {
    const other = { destination: { host: 'other', subset: 'green' }, weight: 50 }
    const http = [
      { route: [{ ...other, destination: { host: 'other', subset: 'blue' } }, other] },
      { match: [], route: [] },
    ]
    await given({ hosts: ['shop'], http })
    await expect(connect().read()).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' })
  })

  it('of several routes move together', async () => {
    const split = [destination('blue', 100), destination('green', 0)]
    const match = [{ uri: { prefix: '/api' } }]
    const traffic = await given({ hosts: ['shop'], http: [{ match, route: split }, { route: split }] })
    await traffic.write(to(50, 50))
    expect(world.weights()).toEqual([
      [50, 50],
      [50, 50],
    ])
  })

  it('grow a split where the default route has one destination, and leave the header route alone', async () => {
    const files = ['destination-rule', 'virtual-service'].map((name) =>
      readFileSync(`examples/address-service/header-routing/istio/${name}.yaml`, 'utf8'),
    )
    await world.open(files.flatMap((text) => loadAll(text) as Manifest[]))
    const subsets = { blue: 'blue', green: 'green' }
    const host = 'address-service.happyride.svc.cluster.local'
    const traffic = istio({ service: 'address-service', namespace: NAMESPACE, subsets, host })(world.platform())
    expect((await traffic.read()).shares).toEqual({ blue: 100, green: 0 })
    await traffic.write(to(95, 5))
    expect(world.weights()).toEqual([[undefined], [95, 5]])
    await traffic.write(to(100, 0))
    expect(world.weights()).toEqual([[undefined], [100, 0]])
  })

  it('are not written when somebody else changed them in between', async () => {
    const traffic = await given({
      hosts: ['shop'],
      http: [{ route: [destination('blue', 60), destination('green', 40)] }],
    })
    const expected = [{ blue: 95, green: 5 }]
    await expect(traffic.write({ ...to(75, 25), expected })).rejects.toMatchObject({ code: 'ROUTE_DRIFTED' })
    expect(world.weights()).toEqual([[60, 40]])
  })

  it('are written after a conflict, on the newest object', async () => {
    const traffic = await given({
      hosts: ['shop'],
      http: [{ route: [destination('blue', 100), destination('green', 0)] }],
    })
    const stop = new AbortController()
    await traffic.read()
    traffic.watch(stop.signal)
    await traffic.read()
    // The change and our write cross each other: the stream cannot have told us yet.
    const object = stored()
    world.api.put('VirtualService', { ...object, metadata: { ...object.metadata, labels: { touched: 'yes' } } })
    await traffic.write(to(75, 25))
    stop.abort()
    expect(world.weights()).toEqual([[75, 25]])
    expect(world.api.find('VirtualService', NAMESPACE, 'shop')?.metadata.labels).toEqual({ touched: 'yes' })
  })

  it('are out of reach for a driver with a lower fence, even one that ignores the lock', async () => {
    const traffic = await given({
      hosts: ['shop'],
      http: [{ route: [destination('blue', 100), destination('green', 0)] }],
    })
    await traffic.write({ ...to(95, 5), fence: { number: 7, holder: 'run-7' } })
    await expect(connect().write(to(50, 50))).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
    const same = { number: 7, holder: 'another' }
    await expect(connect().write({ ...to(50, 50), fence: same })).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
    expect(world.weights()).toEqual([[95, 5]])
    const notes = world.api.find('VirtualService', NAMESPACE, 'shop')?.metadata.annotations
    expect(notes?.['fence.gray-release/shop']).toBe(encodeFence(7, 'run-7'))
  })

  it('need a destination each: a colour named twice in a route is refused', async () => {
    const twice = [destination('blue', 50), { ...destination('blue', 50), headers: {} }]
    await given({ hosts: ['shop'], http: [{ route: twice }] })
    await expect(connect().read()).rejects.toMatchObject({ message: expect.stringContaining('2 times') as string })
  })

  it('below a route that takes every request are refused as never asked', async () => {
    const split = [destination('blue', 100), destination('green', 0)]
    await given({
      hosts: ['shop'],
      http: [{ route: [{ destination: { host: 'x' } }] }, { name: 'late', route: split }],
    })
    await expect(connect().read()).rejects.toMatchObject({ code: 'ROUTE_NOT_FOUND' })
  })
})

describe('finding the objects', () => {
  const good = { hosts: ['shop'], http: [{ route: [destination('blue', 100), destination('green', 0)] }] }

  it('names what is there when nothing fits, and offers a pair to paste', async () => {
    await given({ hosts: ['elsewhere'], http: [] })
    await expect(connect().read()).rejects.toMatchObject({
      message: expect.stringContaining('found: shop (hosts elsewhere.demo.svc.cluster.local)') as string,
      hint: expect.stringContaining('kind: DestinationRule') as string,
    })
  })

  it('refuses two objects that split the same host and names both', async () => {
    const other = { kind: 'VirtualService', metadata: { name: 'second' }, spec: structuredClone(good) }
    await given(good, [other])
    await expect(connect().read()).rejects.toMatchObject({ message: expect.stringMatching(/shop.*second/) as string })
  })

  it('warns of a route that bypasses the split', async () => {
    const bypass = { hosts: ['web'], gateways: ['gw'], http: [{ route: [{ destination: { host: 'shop' } }] }] }
    const traffic = await given(good, [{ kind: 'VirtualService', metadata: { name: 'external' }, spec: bypass }])
    const findings = await traffic.check()
    expect(findings).toMatchObject([{ level: 'warn', message: expect.stringContaining('bypass') as string }])
  })

  it('refuses a missing subset and names those that are there', async () => {
    const traffic = await given(good)
    const rule = { name: 'shop', namespace: NAMESPACE }
    world.api.put('DestinationRule', {
      metadata: rule,
      spec: { host: 'shop', subsets: [{ name: 'blue', labels: {} }] },
    })
    expect(await traffic.check()).toMatchObject([
      {
        level: 'refuse',
        message: expect.stringContaining('defines subset green of shop.demo.svc.cluster.local; found: blue') as string,
      },
    ])
  })

  it('names the permission that is missing', async () => {
    await given(good)
    world.api.faults.forbidden.add('list virtualservices')
    await expect(connect().read()).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      message: expect.stringContaining('virtualservices') as string,
    })
  })

  it('resolves hosts as Istio does', () => {
    expect(resolveHost('shop', 'a', 'cluster.local')).toBe('shop.a.svc.cluster.local')
    expect(resolveHost('shop.b', 'a', 'cluster.local')).toBe('shop.b')
  })
})

it('the watch tells of foreign changes without a request', async () => {
  const traffic = await given({
    hosts: ['shop'],
    http: [{ route: [destination('blue', 100), destination('green', 0)] }],
  })
  const stop = new AbortController()
  await traffic.read()
  traffic.watch(stop.signal)
  await new Promise((done) => setTimeout(done, 50))
  world.api.counts.clear()
  await connectElsewhere()
  await new Promise((done) => setTimeout(done, 50))
  expect((await traffic.read()).shares).toEqual({ blue: 70, green: 30 })
  expect([...world.api.counts.keys()]).toEqual([])
  stop.abort()
})

function connectElsewhere(): Promise<void> {
  const object = stored()
  const http = [{ route: [destination('blue', 70), destination('green', 30)] }]
  world.api.put('VirtualService', { ...object, spec: { ...object.spec, http } })
  return Promise.resolve()
}

it('a delegate holds the weights of a root that has none', async () => {
  const traffic = await given({ http: [{ route: [destination('blue', 100), destination('green', 0)] }] }, [
    {
      kind: 'VirtualService',
      metadata: { name: 'root' },
      spec: { hosts: ['shop'], http: [{ match: [{ uri: { prefix: '/' } }], delegate: { name: 'shop' } }] },
    },
  ])
  expect((await traffic.write(to(75, 25))).shares).toEqual({ blue: 75, green: 25 })
  expect((await traffic.read()).object).toBe('VirtualService demo/shop')
  expect((await traffic.check()).filter(({ level }) => level === 'refuse')).toEqual([])
})
