import { afterEach, beforeEach, expect, it } from 'vitest'
import { UNKNOWN_ORIGIN, type ReleaseEvent } from '../../src/core/events.ts'
import { journal } from '../../src/state/journal.ts'
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
}

/** A look at the gates with a long reason, as evidence gives it. */
const look = (at: number): ReleaseEvent => {
  const none = { value: null, limit: null, baseline: null, query: 'q'.repeat(300) }
  const measurements = [{ gate: 'evidence', verdict: 'undecided' as const, reason: 'r'.repeat(1500), ...none }]
  return { type: 'analysis-completed', at, stage: '5%', verdict: 'undecided', measurements }
}

it('keeps every change of a release of a day, and the newest looks that fit', async () => {
  const log = journal({ service: SERVICE, namespace: NAMESPACE })(world.platform())
  const events = [5, 25, 50, 100].flatMap((weight, index): ReleaseEvent[] => {
    const shift: ReleaseEvent = { type: 'traffic-shifted', at: index * 10_000, weight, tookMs: 1 }
    return [shift, ...Array.from({ length: 1440 }, (_, k) => look(index * 10_000 + k + 1))]
  })
  await log.save(release, events)
  const kept = await log.load()
  expect(kept.flatMap((event) => (event.type === 'traffic-shifted' ? [event.weight] : []))).toEqual([5, 25, 50, 100])
  expect(kept.at(-1)).toEqual(events.at(-1))
  expect(kept.length).toBeGreaterThan(100)
  expect(JSON.stringify(kept).length).toBeLessThanOrEqual(400_000)
})
