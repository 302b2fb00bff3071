import { afterEach, expect, it } from 'vitest'
import { workloads } from '../../src/deployers/workloads.ts'
import { connectCluster } from '../../src/platform/cluster.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Backend, Cluster, Platform } from '../../src/ports.ts'
import { exampleDeployment, exampleManifests, openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'

const clock = systemClock(20)
let sandbox: Sandbox
let cluster: Cluster
afterEach(() => {
  cluster.close()
  sandbox.close()
})

async function open() {
  sandbox = await openSandbox({ namespace: 'demo', service: 'shop', now: () => clock.now(), speed: 20 })
  cluster = connectCluster({ server: sandbox.server, timeoutMs: 2000 })
  sandbox.apply(exampleManifests('shop', 'demo'))
  const deployments = { blue: 'shop-blue', green: 'shop-green' }
  return workloads({ namespace: 'demo', deployments })({ cluster } as unknown as Platform)
}

const backend = (colour: string, port: number | null = 80): Backend => ({
  service: 'shop',
  namespace: 'demo',
  port,
  labels: { colour },
  problem: '',
  isScaledByRoute: false,
})

const settle = () => new Promise((done) => setTimeout(done, 250))

it('says that a Deployment is not there', async () => {
  const found = await (await open()).inspect('green', backend('green'))
  expect(found).toMatchObject({ exists: false, ready: false, problem: 'there is no Deployment demo/shop-green' })
})

it('is ready when the Deployment, its pods and the endpoints of the port are', async () => {
  const pods = await open()
  sandbox.apply([exampleDeployment('shop', 'demo', 'green', '1.0.0')])
  expect(await pods.inspect('green', backend('green'))).toMatchObject({ exists: true, ready: false })
  await settle()
  expect(await pods.inspect('green', backend('green'))).toMatchObject({ ready: true, readyPods: 2, wantedPods: 2 })
  expect(await pods.readyPods({ blue: backend('blue'), green: backend('green') })).toEqual({ blue: 0, green: 2 })
})

it('names the first bad pod and what it waits for', async () => {
  const pods = await open()
  sandbox.mesh.faults.set('shop-green', { kind: 'never-ready', at: 0 })
  sandbox.apply([exampleDeployment('shop', 'demo', 'green', '1.0.0')])
  await settle()
  const found = await pods.inspect('green', backend('green'))
  expect(found.problem).toMatch(/0\/2 pods ready; pod shop-green-\w+: container app is waiting: CrashLoopBackOff/)
})

it('is not ready for a subset whose labels the pods do not have, nor for a port the Service lacks', async () => {
  const pods = await open()
  sandbox.apply([exampleDeployment('shop', 'demo', 'green', '1.0.0')])
  await settle()
  expect(await pods.inspect('green', backend('purple'))).toMatchObject({ ready: false, readyPods: 0 })
  expect((await pods.inspect('green', backend('green', 81))).problem).toContain('has no port 81 (it has: 80)')
})

it('has another fingerprint when something else is deployed', async () => {
  const pods = await open()
  sandbox.apply([exampleDeployment('shop', 'demo', 'green', '1.0.0')])
  const before = await pods.inspect('green', backend('green'))
  expect(before.version).toBe('1.0.0')
  sandbox.apply([exampleDeployment('shop', 'demo', 'green', '1.0.1')])
  const after = await pods.inspect('green', backend('green'))
  expect(before.fingerprint).not.toBe('')
  expect(after.fingerprint).not.toBe(before.fingerprint)
})

it('scales a colour to zero once', async () => {
  const pods = await open()
  sandbox.apply([exampleDeployment('shop', 'demo', 'blue', '1.0.0')])
  expect(await pods.scaleDown('blue')).toBe(true)
  expect(sandbox.api.find('Deployment', 'demo', 'shop-blue')?.spec).toMatchObject({ replicas: 0 })
  expect(await pods.scaleDown('blue')).toBe(false)
})
