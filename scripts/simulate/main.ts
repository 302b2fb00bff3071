// Simulates releases under faults: npm run simulate -- --seeds 1000 --from 1
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { simulate, type Outcome } from './run.ts'
import { LAST_S, scenarioOf, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    worker: { type: 'boolean', default: false },
    step: { type: 'string', default: '1' },
    show: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    'calm-at': { type: 'string', default: String(LAST_S) },
  },
})
const [seeds, from, step] = [values.seeds, values.from, values.step].map(Number) as [number, number, number]
const calmAt = Number(values['calm-at'])
if (!(calmAt >= 0 && calmAt <= LAST_S)) throw new Error(`--calm-at wants seconds from 0 to ${LAST_S}`)
const ofSeed = (seed: number): Scenario => ({ ...scenarioOf(seed), calmAt })
if (!(seeds >= 1) || !Number.isInteger(from))
  throw new Error('usage: --seeds N --from SEED [--calm-at SECONDS] [--show]')

interface Counted {
  readonly runs: number
  readonly broken: readonly number[]
  readonly ends: Readonly<Record<string, number>>
}

async function work(): Promise<Counted> {
  const broken: number[] = []
  const ends: Record<string, number> = {}
  let runs = 0
  for (let seed = from; seed < from + seeds; seed += step) {
    const { violations, end } = await simulate(ofSeed(seed))
    runs += 1
    ends[end] = (ends[end] ?? 0) + 1
    if (violations.length > 0) broken.push(seed)
  }
  return { runs, broken, ends }
}

/** For a planted defect: the first seed that breaks a rule, and no more. */
async function findFirst(): Promise<void> {
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { violations } = await simulate(ofSeed(seed))
    const [first] = violations
    if (first === undefined) continue
    process.stdout.write(`FOUND ${seed} ${first.rule}\n`)
    return
  }
}

function inWorker(index: number, workers: number): Promise<Counted> {
  return new Promise((resolve, reject) => {
    const words = [
      '--worker',
      '--from',
      String(from + index),
      '--seeds',
      String(seeds - index),
      '--step',
      String(workers),
      '--calm-at',
      String(calmAt),
    ]
    const child = fork(fileURLToPath(import.meta.url), words)
    let found: Counted | null = null
    child.on('message', (message) => {
      found = message as Counted
    })
    child.on('exit', (code) => {
      if (found === null) reject(new Error(`a worker ended with code ${code ?? 'none'}`))
      else resolve(found)
    })
  })
}

function tell({ scenario, violations, log }: Outcome): void {
  const { happenings, faults, ...settings } = scenario
  process.stdout.write(`${log.join('\n')}\n\nsettings ${JSON.stringify(settings)}\n`)
  for (const one of happenings) process.stdout.write(`  happening ${JSON.stringify(one)}\n`)
  for (const one of faults) process.stdout.write(`  fault ${JSON.stringify(one)}\n`)
  for (const { rule, detail } of violations) process.stdout.write(`BROKEN ${rule}: ${detail}\n`)
}

if (values.worker) {
  process.send?.(await work())
} else if (values.first) {
  await findFirst()
} else if (values.show) {
  tell(await simulate(ofSeed(from)))
} else {
  const begun = performance.now()
  const workers = Math.min(availableParallelism(), seeds)
  const found = await Promise.all(Array.from({ length: workers }, (_, index) => inWorker(index, workers)))
  const broken = found.flatMap((one) => one.broken).sort((one, other) => one - other)
  const ends: Record<string, number> = {}
  for (const one of found) for (const [end, count] of Object.entries(one.ends)) ends[end] = (ends[end] ?? 0) + count
  const tookS = (performance.now() - begun) / 1000
  const runs = found.reduce((sum, one) => sum + one.runs, 0)
  const [first] = broken
  if (first !== undefined) {
    tell(await shrink(ofSeed(first)))
    process.exitCode = 1
  }
  process.stdout.write(
    `${runs} seeds from ${from} in ${tookS.toFixed(0)} s: ${broken.length} broken${broken.length > 0 ? ` (${broken.slice(0, 20).join(' ')})` : ''}; ended ${JSON.stringify(ends)}\n`,
  )
}
