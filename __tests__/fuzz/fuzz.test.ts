import fc from 'fast-check'
import { describe, it } from 'vitest'
import { FUZZED } from '../../scripts/fuzz/properties.ts'

describe('a clear refusal or a right answer', () => {
  it.each(FUZZED.map(({ name, property }) => [name, property] as const))('for %s', async (_name, property) => {
    await fc.assert(property, { numRuns: 1500, seed: 20260301 })
  })
})
