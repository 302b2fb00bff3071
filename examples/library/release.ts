import { canary, evidence, helmfile, istio, istioCounters, release } from 'gray-release'

const url = 'https://prometheus.example'
const workloads = { blue: 'checkout-blue', green: 'checkout-green' }

const report = await release({
  service: 'checkout',
  namespace: 'shop',
  version: '1.8.0',
  plan: canary({ stages: [5, 25, 50, 100], gates: ['evidence'] }),
  traffic: istio({ service: 'checkout', namespace: 'shop', subsets: { blue: 'blue', green: 'green' } }),
  gates: { evidence: evidence({ url, source: istioCounters({ service: 'checkout', namespace: 'shop', workloads }) }) },
  deployer: helmfile({ service: 'checkout', namespace: 'shop', file: 'helmfile.yaml' }),
})
process.exitCode = report.outcome === 'promoted' ? 0 : 1
