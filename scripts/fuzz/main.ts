// Fires inputs at every parser: npm run fuzz -- --inputs 1000000 --seed 1
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { FUZZED } from './properties.ts'

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
})
const [inputs, seed] = [Number(values.inputs), Number(values.seed)]
const parts = FUZZED.reduce((sum, { part }) => sum + part, 0)
let total = 0
for (const { name, part, property } of FUZZED) {
  const numRuns = Math.ceil((inputs * part) / parts)
  const begun = performance.now()
  await fc.assert(property, { numRuns, seed })
  total += numRuns
  process.stdout.write(`${name}: ${numRuns} inputs in ${((performance.now() - begun) / 1000).toFixed(0)} s\n`)
}
process.stdout.write(`${total} inputs, no crash, no hang, nothing let through\n`)
