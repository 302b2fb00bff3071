import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { Shop, VirtualService } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

const example = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../examples/address-service/${path}`, import.meta.url)), 'utf8')

const DESTINATION_RULE = example('istio/destination-rule.yaml')
const QUICK = { stages: [25, 100].map((weight) => ({ weight, min: '6s', max: '60s' })) }

scenario(
  'the article’s header route stays where it is while the default route moves',
  {
    running: { blue: '1.0.0', green: '0.9.0' },
    istio: `${example('header-routing/istio/destination-rule.yaml')}---\n${example('header-routing/istio/virtual-service.yaml')}`,
    settings: QUICK,
  },
  async (shop) => {
    const before = await shop.virtualService()
    const testers = await shop.load(50, { headers: { 'x-latest-version': 'true' } })
    const load = await shop.load(300)
    const { code, text } = await shop.release('1.1.0').ended
    expect(code, endFirst(text)).toBe(0)
    const after = await shop.virtualService()
    expect(after.spec.http[0]).toEqual(before.spec.http[0])
    await Promise.all([load.stop(), testers.stop()])
    expect(testers.all().byColour).toEqual({ green: testers.all().total })
    expect(load.answers.at(-1)?.colour).toBe('green')
    expect([...load.all().failed, ...testers.all().failed]).toEqual([])
  },
)

/** Everything that a VirtualService may have beside us, in an order that nobody would sort it into. */
const CROWDED = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: address-service-deployment
  annotations: { team: 'checkout', 'numbers': '007' }
  labels: { zone: a }
spec:
  hosts: [address-service.happyride.svc.cluster.local]
  http:
    - name: partners
      match: [{ uri: { prefix: /partners }, ignoreUriCase: true }, { headers: { x-partner: { regex: '^[a-z]+$' } } }]
      route: [{ destination: { host: address-service.happyride.svc.cluster.local, subset: blue }, weight: 0 }, { weight: 100, destination: { host: address-service.happyride.svc.cluster.local, subset: legacy } }]
    - name: address-service-http
      timeout: 3s
      retries: { perTryTimeout: 1s, attempts: 2, retryOn: 'connect-failure,refused-stream' }
      mirrorPercentage: { value: 12.5 }
      mirror: { subset: legacy, host: address-service.happyride.svc.cluster.local }
      fault: { delay: { percentage: { value: 0.1 }, fixedDelay: 0.005s } }
      corsPolicy: { allowOrigins: [{ exact: 'https://shop.example' }], maxAge: 24h }
      route:
        - weight: 80
          headers: { response: { add: { x-served: mostly-blue } } }
          destination: { subset: blue, host: address-service.happyride.svc.cluster.local }
        - { destination: { host: address-service.happyride.svc.cluster.local, subset: legacy }, weight: 20 }
        - { destination: { host: address-service.happyride.svc.cluster.local, subset: green }, weight: 0 }
    - name: last
      directResponse: { status: 404 }
`

const LEGACY = DESTINATION_RULE.replace(
  'subsets:',
  `subsets:\n    - { name: legacy, labels: { app.vividcode.io/deployment-type: blue } }`,
)

/** The object without what is ours: the two weights, our annotations, and what the API server counts. */
function strange(object: VirtualService): string {
  const copy = structuredClone(object) as unknown as {
    metadata: Record<string, unknown> & { annotations?: Record<string, string> }
    spec: { http: { name: string; route?: { destination: { subset: string }; weight?: number }[] }[] }
  }
  for (const name of ['resourceVersion', 'generation', 'managedFields']) copy.metadata[name] = null
  for (const name of Object.keys(copy.metadata.annotations ?? {})) {
    if (name.includes('gray-release/') && copy.metadata.annotations !== undefined) copy.metadata.annotations[name] = ''
  }
  const route = copy.spec.http.find((each) => each.name === 'address-service-http')?.route ?? []
  for (const each of route) if (each.destination.subset !== 'legacy') each.weight = -1
  // As text, so that the order of fields counts too.
  return JSON.stringify(copy).replaceAll(/"(state|fence|request)\.gray-release\/[^"]+":"",?/g, '')
}

async function untouched(shop: Shop, end: () => Promise<void>): Promise<VirtualService> {
  const before = strange(await shop.virtualService())
  await end()
  const after = await shop.virtualService()
  expect(strange(after)).toBe(before)
  return after
}

const CROWD = { running: { blue: '1.0.0' }, istio: `${LEGACY}---\n${CROWDED}`, settings: QUICK }

scenario('a crowded VirtualService keeps everything of others after a promotion', CROWD, async (shop) => {
  const load = await shop.load(300)
  const after = await untouched(shop, async () => {
    const { code, text } = await shop.release('1.1.0').ended
    expect(code, endFirst(text)).toBe(0)
  })
  expect(after.spec.http[1]?.route.map((each) => each.weight)).toEqual([0, 20, 80])
  await load.stop()
  expect(load.all().failed).toEqual([])
})

scenario('a crowded VirtualService keeps everything of others after a revert', CROWD, async (shop) => {
  const load = await shop.load(300)
  await shop.behave('green', { errors: 0.3 })
  const after = await untouched(shop, async () => {
    const { code, text } = await shop.release('1.1.0').ended
    expect(code, endFirst(text)).toBe(1)
  })
  expect(after.spec.http[1]?.route.map((each) => each.weight)).toEqual([80, 20, 0])
  await load.stop()
  expect(load.all().failed.filter(({ colour }) => colour !== 'green')).toEqual([])
})
