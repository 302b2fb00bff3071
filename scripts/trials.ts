// Real processes of the built program on sandboxes of their own, ended at random moments: npm run trials
import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENTRY, inputs, Job } from '../__tests__/helpers/job.ts'
import { decodeSaved } from '../src/core/saved.ts'
import { isFinished } from '../src/core/state.ts'
import { Random } from './gate-bench/random.ts'

const { values } = parseArgs({
  options: {
    sigint: { type: 'string', default: '100' },
    kill: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
})
const random = new Random(Number(values.seed))
/** A driver counts as gone when its lease has run out; then it is watched for as long again. */
const LEASE_MS = 31_000
const BACK_WITHIN_MS = 2_000
const SIDE_BY_SIDE = { sigint: 2, kill: 25 }

const isBack = (job: Job): boolean => job.weights()[0] === 100

/** SIGINT while the candidate serves; answers how long it took until stable had everything. */
async function interrupt(waitMs: number, delayMs: number): Promise<number> {
  const job = await Job.open()
  try {
    job.write(
      'config.yaml',
      job.read('config.yaml').replaceAll('min: 300ms', 'min: 1s').replace('max: 10s', 'max: 60s'),
    )
    const { child, ended } = job.start(ENTRY, inputs())
    while ((job.weights()[1] ?? 0) === 0) await sleep(5)
    await sleep(waitMs)
    job.sandbox.api.faults.delayMs = delayMs
    const begun = performance.now()
    child.kill('SIGINT')
    while (!isBack(job)) {
      if (performance.now() - begun > 20_000) break
      await sleep(2)
    }
    const tookMs = performance.now() - begun
    job.sandbox.api.faults.delayMs = 0
    await ended
    return isBack(job) ? tookMs : Number.POSITIVE_INFINITY
  } finally {
    job.close()
  }
}

/** kill -9 at a moment, then sweep as a schedule does; answers what is wrong, nothing when all is settled. */
async function kill(waitMs: number): Promise<string> {
  const job = await Job.open()
  try {
    const { child, ended } = job.start(ENTRY, inputs())
    await sleep(waitMs)
    child.kill('SIGKILL')
    await ended
    const killedAt = job.weights().join('/')
    await sleep(LEASE_MS)
    for (let tries = 0; tries < 4; tries += 1) {
      const { output } = await job.cli('sweep', '--config', 'config.yaml')
      if (!output.includes(' drives ')) break
      await sleep(5_000)
    }
    const object = job.sandbox.api.find('VirtualService', 'demo', 'shop')
    const saved = decodeSaved(object?.metadata.annotations?.['state.gray-release/shop'] ?? null)
    const weights = job.weights()
    const isOneSided = weights.includes(100) && weights.includes(0)
    const isSettled = saved === undefined || isFinished(saved.state)
    return isOneSided && isSettled
      ? ''
      : `killed after ${waitMs.toFixed(0)} ms at ${killedAt}: ${weights.join('/')}, ${saved?.state.phase ?? 'no state'}`
  } finally {
    job.close()
  }
}

/** Runs them, so many at a time, and keeps their order. */
async function sideBySide<Kind>(tasks: readonly (() => Promise<Kind>)[], at: number): Promise<readonly Kind[]> {
  const results: Kind[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index]
      if (task !== undefined) results[index] = await task()
    }
  }
  await Promise.all(Array.from({ length: at }, lane))
  return results
}

const interrupts = Array.from({ length: Number(values.sigint) }, (_, index) => {
  const [waitMs, delayMs] = [random.next() * 2500, index % 2 === 0 ? 0 : 500]
  return () => interrupt(waitMs, delayMs)
})
const took = [...(await sideBySide(interrupts, SIDE_BY_SIDE.sigint))].sort((one, other) => one - other)
const inTime = took.filter((ms) => ms <= BACK_WITHIN_MS).length
process.stdout.write(
  `SIGINT: ${inTime} of ${took.length} back within 2 s; median ${took[Math.floor(took.length / 2)]?.toFixed(0) ?? '-'} ms, slowest ${took.at(-1)?.toFixed(0) ?? '-'} ms (every other one with an API server that takes 500 ms for each answer)\n`,
)
const kills = Array.from({ length: Number(values.kill) }, () => {
  const waitMs = 100 + random.next() * 2600
  return () => kill(waitMs)
})
const problems = await sideBySide(kills, SIDE_BY_SIDE.kill)
const wrong = problems.filter((problem) => problem !== '')
for (const problem of wrong) process.stdout.write(`${problem}\n`)
process.stdout.write(
  `kill -9, then sweep: ${problems.length - wrong.length} of ${problems.length} settled on one side\n`,
)
process.exitCode = wrong.length === 0 && inTime === took.length ? 0 : 1
