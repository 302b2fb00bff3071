import { afterAll, beforeAll, describe } from 'vitest'
import { NAMESPACE, World } from '../helpers/world.ts'
import { describeTraffic } from './traffic.ts'
import { WAYS } from './ways.ts'

let world: World
beforeAll(async () => {
  world = await new World().open([])
})
afterAll(() => {
  world.close()
})

describe('routers on the sandbox', () => {
  for (const way of WAYS) {
    describeTraffic(way, () => ({
      namespace: NAMESPACE,
      platform: () => world.platform(),
      without: (verb, resource) => {
        const platform = world.platform()
        const request: typeof platform.cluster.request = async (one) => {
          world.api.faults.forbidden.add(`${verb} ${resource}`)
          try {
            return await platform.cluster.request(one)
          } finally {
            world.api.faults.forbidden.clear()
          }
        }
        return Promise.resolve({ ...platform, cluster: { ...platform.cluster, request } })
      },
    }))
  }
})
