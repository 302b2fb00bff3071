import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { UNKNOWN_ORIGIN, type ReleaseEvent } from '../../src/core/events.ts'
import { journal } from '../../src/state/journal.ts'
import { longRelease } from '../helpers/long-release.ts'
import { NAMESPACE, SERVICE, World } from '../helpers/world.ts'

let world: World
beforeEach(async () => {
  world = await new World().open()
})
afterEach(() => {
  world.close()
})

const release = {
  id: 'x',
  service: SERVICE,
  version: '2',
  previousVersion: '1',
  stable: 'blue',
  candidate: 'green',
  by: '',
  origin: UNKNOWN_ORIGIN,
  previousOrigin: UNKNOWN_ORIGIN,
  members: [],
}

/** What is behind the ConfigMap's limit of 1 MiB. */
function storedBytes(): number {
  const [object] = world.api.list('ConfigMap', NAMESPACE)
  const { binaryData = {} } = object as { binaryData?: Record<string, string> }
  return Object.values(binaryData).reduce((sum, text) => sum + Buffer.from(text, 'base64').length, 0)
}

it('keeps every look of two hours', async () => {
  const log = journal({ service: SERVICE, namespace: NAMESPACE })(world.platform())
  const { journal: events } = longRelease({ weights: [5, 25, 50, 100], hours: 2, metrics: 3, everyMs: 15_000 })
  await log.save(release, events)
  expect(await log.load()).toEqual(events)
  expect(storedBytes()).toBeLessThan(100_000)
})

it('keeps every change of a day, the newest looks, and fewer of the older ones', async () => {
  const log = journal({ service: SERVICE, namespace: NAMESPACE })(world.platform())
  const { journal: events } = longRelease({ weights: [5, 25, 50, 100], hours: 24, metrics: 6, everyMs: 15_000 })
  await log.save(release, events)
  const kept = await log.load()
  const changes = (all: readonly ReleaseEvent[]) => all.filter(({ type }) => type !== 'analysis-completed')
  expect(changes(kept)).toEqual(changes(events))
  expect(kept.slice(-1000)).toEqual(events.slice(-1000))
  expect(kept.length).toBeGreaterThan(2000)
  expect(storedBytes()).toBeLessThanOrEqual(600_000)
})

it.each(['', 'bm90IGd6aXA=', gzipSync('{}').toString('base64'), gzipSync(Buffer.alloc(80_000_000)).toString('base64')])(
  'takes what is no journal of ours for none (%#)',
  async (text) => {
    const log = journal({ service: SERVICE, namespace: NAMESPACE })(world.platform())
    const metadata = { name: `gray-release-${SERVICE}`, namespace: NAMESPACE }
    world.api.put('ConfigMap', { kind: 'ConfigMap', metadata, binaryData: { 'journal.json.gz': text } })
    expect(await log.load()).toEqual([])
  },
)
