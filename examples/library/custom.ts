import { hasAudience, type Connect, type Deployer, type Gate, type LiveRoute } from 'gray-release'
import type { RouteChange, TrafficProvider } from 'gray-release'
import { sameWeights, type LoadBalancer } from './load-balancer.ts'

/** A gate of your own: any question with one of five answers. */
export const officeHours: Connect<Gate> = ({ clock }) => ({
  measure: () => {
    const hour = new Date(clock.now()).getUTCHours()
    const isOpen = hour >= 8 && hour < 17
    const reason = `it is ${hour} o’clock UTC`
    const verdict = isOpen ? ('pass' as const) : ('undecided' as const)
    return Promise.resolve({ verdict, reason, value: hour, limit: 17, baseline: null, query: '' })
  },
})

/** A deployer of your own: runs a program for the colour. */
export const script: Connect<Deployer> = ({ shell, say }) => ({
  deploy: async ({ colour, version }, signal) => {
    const env = { PATH: '/usr/bin:/bin', COLOUR: colour, VERSION: version }
    const result = await shell.run(['./deploy.sh'], { cwd: '.', env, timeoutMs: 600_000, signal, onLine: say })
    if (result.code !== 0) throw new Error(`deploy.sh ended with code ${result.code ?? 'none'}`)
  },
  retire: () => Promise.resolve(),
})

/** A router of your own: reads, writes and answers; waiting and deciding are the core's. */
export function loadBalancer(device: LoadBalancer): Connect<TrafficProvider> {
  return () => {
    const read = async (): Promise<LiveRoute> => {
      const { weights, notes } = await device.get()
      const has: LiveRoute['has'] = (shares) => sameWeights(weights, shares)
      return {
        object: 'load balancer',
        shares: weights,
        notes: { state: null, fence: null, request: null, part: null, ...notes },
        unfinished: '',
        has,
        serves: (audience) => !hasAudience(audience),
      }
    }
    const write = async ({ shares, notes }: RouteChange): Promise<LiveRoute> => {
      await device.put({ weights: shares, notes })
      return read()
    }
    return {
      supports: { precision: 1, match: [], mirror: false },
      needs: [],
      read,
      write,
      ask: (request) => device.put({ weights: null, notes: { request } }),
      backend: () =>
        Promise.resolve({
          service: 'shop',
          namespace: 'shop',
          port: null,
          labels: {},
          problem: '',
          isScaledByRoute: false,
        }),
      check: () => Promise.resolve([]),
      watch: () => undefined,
    }
  }
}
