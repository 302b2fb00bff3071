// What a release of many services in lock step costs: memory of the whole process, and requests to the API server for
// each service and stage. The API server is the sandbox's, over HTTP, in the same process. What runs is what is built.
import { canary } from '../dist/lib/core/strategies.js'
import { workloads } from '../dist/lib/deployers/workloads.js'
import { chance } from '../dist/lib/platform/chance.js'
import { systemClock } from '../dist/lib/platform/clock.js'
import { connectCluster } from '../dist/lib/platform/cluster.js'
import { release } from '../dist/lib/release.js'
import { SandboxApiServer } from '../dist/lib/sandbox/api-server.js'
import { exampleDeployment, exampleManifests } from '../dist/lib/sandbox/sandbox.js'
import { together } from '../dist/lib/together/together.js'
import { istio } from '../dist/lib/traffic/istio.js'

const NAMESPACE = 'demo'
const count = Number(process.argv[2] ?? '50')
const names = Array.from({ length: count }, (_, index) => `service-${index}`)

const api = new SandboxApiServer(() => Date.now())
const server = await api.listen()

/** Two colours with two ready pods each, as the controllers would leave them. */
function place(service: string): void {
  for (const one of exampleManifests(service, NAMESPACE)) {
    api.put(one.kind, { ...one, metadata: { ...one.metadata, namespace: NAMESPACE } })
  }
  const pods = ['blue', 'green'].flatMap((colour) => {
    const made = exampleDeployment(service, NAMESPACE, colour, '1.0')
    const metadata = { ...made.metadata, namespace: NAMESPACE }
    const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }
    api.put('Deployment', { ...made, metadata, status })
    return [0, 1].map((index) => {
      const name = `${service}-${colour}-${index}`
      const conditions = [{ type: 'Ready', status: 'True' }]
      api.put('Pod', {
        metadata: { name, namespace: NAMESPACE, labels: { app: service, colour } },
        status: { phase: 'Running', conditions },
      })
      return name
    })
  })
  api.put('EndpointSlice', {
    metadata: { name: `${service}-1`, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': service } },
    endpoints: pods.map((name) => ({ conditions: { ready: true }, targetRef: { kind: 'Pod', name } })),
    ports: [{ name: 'http', port: 80 }],
  })
}
names.forEach(place)

const total = (): number =>
  [...api.counts].filter(([key]) => !key.endsWith(' leases')).reduce((sum, [, requests]) => sum + requests, 0)

const cluster = connectCluster({ server, timeoutMs: 10_000 })
const plan = canary({
  stages: [5, 25, 50, 100].map((weight) => ({ weight, minMs: 5 })),
  gates: ['bench'],
  intervalMs: 5,
  settleMs: 0,
})
const answer = { reason: '', value: null, limit: null, baseline: null, query: '' }
let before = 0
let perStage = 0
const options = together({
  service: 'all',
  namespace: NAMESPACE,
  services: names.map((service) => ({
    options: {
      ...{ service, namespace: NAMESPACE, version: '1.1', plan },
      traffic: istio({ service, namespace: NAMESPACE, subsets: { blue: 'blue', green: 'green' } }),
      workloads: workloads({
        namespace: NAMESPACE,
        deployments: { blue: `${service}-blue`, green: `${service}-green` },
      }),
      gates: { bench: () => ({ measure: () => Promise.resolve({ ...answer, verdict: 'pass' as const }) }) },
    },
  })),
})
const report = await release({
  ...options,
  platform: { cluster, ...chance, clock: systemClock() },
  listeners: [
    (event) => {
      if (event.type !== 'traffic-shifted') return
      if (event.weight === 25) before = total()
      if (event.weight === 50) perStage = total() - before
    },
  ],
})
const peak = process.resourceUsage().maxRSS / 1024
process.stdout.write(
  `${count} services in lock step: ${report.outcome}, ${(perStage / count).toFixed(1)} API requests per service and stage, ${peak.toFixed(0)} MiB at most\n`,
)
cluster.close()
api.close()
