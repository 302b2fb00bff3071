// Measures what a user waits for, as ratios of pairs in one run, so that a busy machine does not move them.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { lookCost } from './bench-gate-cost.ts'
import { canary, istio, lease, release, workloads } from '../src/index.ts'
import { longRelease } from '../__tests__/helpers/long-release.ts'
import { encodeRecord } from '../src/report/record.ts'
import { toSummary } from '../src/report/summary.ts'
import { systemPlatform } from '../src/platform/platform.ts'
import { exampleDeployment, exampleManifests, openSandbox } from '../src/sandbox/sandbox.ts'

const PAIRS = 15
const RELEASES = 10

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function wallMs(...args: string[]): number {
  const begun = performance.now()
  spawnSync(process.execPath, args, { stdio: 'ignore', env: { PATH: process.env['PATH'] } })
  return performance.now() - begun
}

/** A mistake in the inputs against an empty program. */
function inputError(): void {
  const pairs = Array.from({ length: PAIRS }, () => [wallMs('dist/index.js'), wallMs('-e', '0')] as const)
  const [ours, empty] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
  const ratio = median(pairs.map(([a, b]) => a / b))
  process.stdout.write(
    `input error: ${ours.toFixed(0)} ms, empty Node ${empty.toFixed(0)} ms, ratio ${ratio.toFixed(2)}\n`,
  )
}

function bundle(): void {
  const sizes = readdirSync('dist').filter((name) => name.endsWith('.js'))
  const bytes = sizes.reduce((sum, name) => sum + statSync(join('dist', name)).size, 0)
  process.stdout.write(`bundle: ${(bytes / 1e6).toFixed(2)} MB\n`)
}

/** From the verdict to the read-back of weight 0, and requests per stage, over HTTP against the sandbox. */
async function reverts(): Promise<void> {
  const names = { service: 'shop', namespace: 'demo' }
  const sandbox = await openSandbox({ ...names, now: () => Date.now(), speed: 50 })
  sandbox.apply([...exampleManifests('shop', 'demo'), exampleDeployment('shop', 'demo', 'blue', '1.0')])
  sandbox.apply([exampleDeployment('shop', 'demo', 'green', '1.1')])
  await sleep(200)
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const cluster = `{name: c, cluster: {server: "${sandbox.server}"}}`
  writeFileSync(
    kubeconfig,
    `{apiVersion: v1, kind: Config, clusters: [${cluster}], users: [{name: u}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`,
  )
  const platform = await systemPlatform({ kubeconfig })
  const took: number[] = []
  const perStage: number[] = []
  const total = (): number =>
    [...sandbox.api.counts].filter(([key]) => !key.endsWith(' leases')).reduce((sum, [, count]) => sum + count, 0)
  for (let run = 0; run < RELEASES; run += 1) {
    let failedAt = 0
    let before = 0
    const gate = (weight: number) => (weight >= 50 ? ('fail' as const) : ('pass' as const))
    const answer = { reason: '', value: null, limit: null, baseline: null, query: '' }
    await release({
      ...names,
      version: `1.${run}`,
      platform,
      plan: canary({
        stages: [5, 25, 50, 100].map((weight) => ({ weight, minMs: 5 })),
        gates: ['bench'],
        intervalMs: 5,
        settleMs: 0,
      }),
      traffic: istio({ ...names, subsets: { blue: 'blue', green: 'green' } }),
      workloads: workloads({ namespace: 'demo', deployments: { blue: 'shop-blue', green: 'shop-green' } }),
      lock: lease(names),
      gates: { bench: () => ({ measure: ({ weight }) => Promise.resolve({ ...answer, verdict: gate(weight) }) }) },
      listeners: [
        (event) => {
          if (event.type === 'analysis-completed' && event.verdict === 'fail') failedAt = performance.now()
          if (event.type !== 'traffic-shifted') return
          if (event.weight === 0) took.push(performance.now() - failedAt)
          if (event.weight === 25) before = total()
          if (event.weight === 50) perStage.push(total() - before)
        },
      ],
    })
  }
  platform.cluster.close()
  sandbox.close()
  rmSync(folder, { recursive: true })
  process.stdout.write(
    `revert: ${median(took).toFixed(0)} ms from verdict to read-back (slowest ${Math.max(...took).toFixed(0)} ms)\n`,
  )
  process.stdout.write(`API requests per stage: ${median(perStage)} (most ${Math.max(...perStage)})\n`)
}

/** The report of a journal as a process of its own against an empty program, and its size. */
function reports(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const weights = [1, 5, 25, 50, 100]
  const cases = [
    ['2 h, 3 metrics', longRelease({ weights, hours: 2, metrics: 3, everyMs: 15_000 })],
    ['24 h, 6 metrics', longRelease({ weights, hours: 24, metrics: 6, everyMs: 15_000 })],
  ] as const
  for (const [name, record] of cases) {
    const [journal, out] = [join(folder, 'journal.json'), join(folder, 'report.html')]
    writeFileSync(journal, encodeRecord(record))
    const build = (): number => wallMs('dist/lib/cli/main.js', 'report', journal, '--out', out)
    const pairs = Array.from({ length: PAIRS }, () => [build(), wallMs('-e', '0')] as const)
    const [ours, empty] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]
    const [report, summary] = [statSync(out).size, Buffer.byteLength(toSummary(record))].map((bytes) => bytes / 1000)
    process.stdout.write(
      `report, ${name}: ${(ours - empty).toFixed(0)} ms above an empty Node of ${empty.toFixed(0)} ms, ${report?.toFixed(0) ?? ''} KB; summary ${summary?.toFixed(1) ?? ''} KB\n`,
    )
  }
  rmSync(folder, { recursive: true })
}

/** As a process of its own: what is measured is its memory. */
function manyServices(): void {
  for (const count of ['1', '50']) {
    process.stdout.write(spawnSync(process.execPath, ['scripts/bench-many.ts', count], { encoding: 'utf8' }).stdout)
  }
}

inputError()
bundle()
manyServices()
reports()
await reverts()
const { firstMs, lookMs } = await lookCost()
process.stdout.write(
  `evidence gate, 50 pods a colour: ${lookMs.toFixed(1)} ms of CPU a look, ${firstMs.toFixed(0)} ms the first\n`,
)
