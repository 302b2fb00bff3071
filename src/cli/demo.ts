import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadAll } from 'js-yaml'
import { chance } from '../platform/chance.ts'
import { EXIT_CODES } from '../command.ts'
import { loadSettings, type Settings } from '../config/load.ts'
import type { WrittenConfig } from '../config/read.ts'
import type { Report } from '../drive.ts'
import { ReleaseError } from '../errors.ts'
import { systemClock } from '../platform/clock.ts'
import type { Platform, Shell } from '../ports.ts'
import { promote } from '../control.ts'
import { release } from '../release.ts'
import type { ReleaseOptions } from '../wire.ts'
import type { FaultKind } from '../sandbox/mesh.ts'
import { exampleDeployment, exampleManifests, openSandbox, type Manifest, type Sandbox } from '../sandbox/sandbox.ts'
import { encodeRecord, toRecord } from '../report/record.ts'
import { openView } from './live.ts'
import { writeReport } from './report.ts'

const FAULTS: readonly FaultKind[] = ['none', 'errors', 'latency', 'crash', 'leak', 'never-ready']
/** More real requests a second than this and a small machine measures itself instead of the release. */
const MOST_REAL_RPS = 600
const OLD_VERSION = '1.0.0'
const NEW_VERSION = '1.1.0'

interface DemoOptions {
  readonly fault: FaultKind
  readonly at: number
  readonly rps: number
  readonly speed: number | null
  readonly config: string
  readonly report: string
  readonly journal: string
}

function parse(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string', default: 'none' },
      at: { type: 'string', default: '25' },
      rps: { type: 'string', default: '60' },
      speed: { type: 'string' },
      config: { type: 'string', default: '' },
      report: { type: 'string', default: 'gray-release-report.html' },
      journal: { type: 'string', default: '' },
    },
  })
  const fault = FAULTS.find((one) => one === values.fault)
  const number = (name: string, text: string, min: number, max: number): number => {
    const value = Number(text)
    if (value >= min && value <= max) return value
    throw new ReleaseError('INVALID_CONFIG', `--${name} ${text} is not a number from ${min} to ${max}`)
  }
  if (fault === undefined) {
    throw new ReleaseError('INVALID_CONFIG', `--fault ${values.fault} is none of ${FAULTS.join(', ')}`)
  }
  return {
    fault,
    at: number('at', values.at, 0, 100),
    rps: number('rps', values.rps, 1, 10_000),
    speed: values.speed === undefined ? null : number('speed', values.speed, 1, 200),
    config: values.config,
    report: values.report,
    journal: values.journal,
  }
}

const DEMO_CONFIG: WrittenConfig = {
  service: 'shop',
  namespace: 'demo',
  version: NEW_VERSION,
  deploy: { helmfile: { file: 'helmfile.yaml' } },
  stages: [5, 25, 50, 100].map((weight) => ({ weight, min: 30_000, max: 300_000 })),
  interval: 5_000,
  'ready-timeout': 120_000,
  traffic: { settle: 3_000 },
}

/** The person's settings with the sandbox's own metrics; commands cannot reach the sandbox's pods and are left out. */
function adapt(
  written: WrittenConfig,
  prometheus: string,
  onLeftOut: (names: readonly string[]) => void = () => undefined,
): WrittenConfig {
  const { checks = {}, ...gates } = written.gates ?? {}
  const queries = Object.entries(checks).filter(([, check]) => check.command === undefined)
  const kept = new Set(queries.map(([name]) => name))
  const leftOut = Object.keys(checks).filter((name) => !kept.has(name))
  if (leftOut.length > 0) onLeftOut(leftOut)
  return {
    ...written,
    version: written.version ?? NEW_VERSION,
    gates: { ...gates, prometheus: { url: prometheus }, checks: Object.fromEntries(queries) },
    ...(written.stages !== undefined && {
      stages: written.stages.map((stage) => ({
        ...stage,
        ...(stage.checks !== undefined && { checks: stage.checks.filter((name) => kept.has(name)) }),
      })),
    }),
  }
}

function readManifests(folder: string): readonly Manifest[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .flatMap((name) => loadAll(readFileSync(join(folder, name), 'utf8')) as (Manifest | null)[])
    .filter((one) => one !== null)
}

/** Stands in for the helmfile program: applies what the charts render to for the colour it is asked for. */
function sandboxHelmfile(sandbox: Sandbox, rendered: readonly Manifest[], service: string, namespace: string): Shell {
  return {
    run: (command, options) => {
      const selector = command[command.indexOf('-l') + 1] ?? ''
      const colour = options.env['DEPLOYMENT_TYPE'] ?? ''
      const name = selector.replace(/^name=/, '')
      options.onLine(`the sandbox applies what the charts render to for ${name}`)
      const version =
        Object.entries(options.env).find(
          ([key]) => key.endsWith('_VERSION') && key !== 'npm_config_node_version',
        )?.[1] ?? NEW_VERSION
      const ours = rendered.filter((one) => one.kind === 'Deployment' && one.metadata.name.endsWith(`-${colour}`))
      const text = JSON.stringify(ours).replaceAll(
        /(:|"app\.kubernetes\.io\/version":")\d+\.\d+\.\d+(?=")/g,
        `$1${version}`,
      )
      const manifests =
        ours.length > 0 ? (JSON.parse(text) as Manifest[]) : [exampleDeployment(service, namespace, colour, version)]
      sandbox.apply(manifests)
      return Promise.resolve({ code: 0, timedOut: false, aborted: false, lastLines: [] })
    },
  }
}

interface RouteRule {
  name?: string
  route?: { destination?: { subset?: string }; weight?: number }[]
}

/** The VirtualService without our weights: everything the release must leave as it is. */
function foreignPart(sandbox: Sandbox, namespace: string): Record<string, unknown> {
  const [object] = sandbox.api.list('VirtualService', namespace)
  const spec = structuredClone(object?.spec ?? {})
  for (const { route = [] } of (spec['http'] ?? []) as RouteRule[]) {
    for (const one of route) delete one.weight
  }
  return spec
}

/** How the rest of the object differs from before: not at all, by the second destination of a split, or wrongly. */
function comparison(before: Record<string, unknown>, after: Record<string, unknown>): string {
  if (JSON.stringify(before) === JSON.stringify(after)) return 'byte-identical to before'
  const shortened = structuredClone(after)
  for (const [index, rule] of ((shortened['http'] ?? []) as RouteRule[]).entries()) {
    const kept = ((before['http'] ?? []) as RouteRule[])[index]?.route?.length ?? 0
    rule.route = rule.route?.slice(0, kept) ?? []
  }
  const isGrown = JSON.stringify(before) === JSON.stringify(shortened)
  return isGrown ? 'byte-identical but for the second destination of the split' : 'CHANGED, which is a defect'
}

function splitsOf(sandbox: Sandbox, namespace: string): string {
  const [object] = sandbox.api.list('VirtualService', namespace)
  const http = (object?.spec?.['http'] ?? []) as RouteRule[]
  return http
    .map(
      ({ name = 'route', route = [] }) =>
        `${name}: ${route.map((one) => `${one.destination?.subset ?? ''} ${one.weight ?? 'all'}`).join(' / ')}`,
    )
    .join('; ')
}

function summarise(
  sandbox: Sandbox,
  report: Report,
  before: Record<string, unknown>,
  namespace: string,
): readonly string[] {
  const served = [...sandbox.mesh.served]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, count]) => `${key}: ${count}`)
  const stages = report.journal.filter((event) => event.type === 'traffic-shifted').length
  const own = [...sandbox.api.counts]
    .filter(([key]) => !key.endsWith(' leases'))
    .reduce((sum, [, count]) => sum + count, 0)
  const leases = [...sandbox.api.counts]
    .filter(([key]) => key.endsWith(' leases'))
    .reduce((sum, [, count]) => sum + count, 0)
  const grown = comparison(before, foreignPart(sandbox, namespace))
  return [
    `requests answered (workload status: count): ${served.join(', ')}`,
    `requests to the API server: ${own} and ${leases} for the lock, in ${stages} shifts; questions to Prometheus: ${sandbox.metrics.queries}`,
    `weights now: ${splitsOf(sandbox, namespace)}; the rest of the VirtualService is ${grown}`,
  ]
}

async function settled(sandbox: Sandbox, namespace: string, deployment: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const status = sandbox.api.find('Deployment', namespace, deployment)?.status as
      { availableReplicas?: number } | undefined
    if ((status?.availableReplicas ?? 0) > 0) return
    await new Promise((done) => setTimeout(done, 25))
  }
}

/** Runs a whole release in the sandbox. Answers the exit code. */
export async function demo(args: readonly string[]): Promise<number> {
  const options = parse(args)
  const inputs = { command: 'release', config: options.config, version: options.config === '' ? '' : NEW_VERSION }
  const first: Settings = loadSettings(inputs, {}, (written) =>
    adapt(options.config === '' ? DEMO_CONFIG : written, 'http://127.0.0.1:1'),
  )
  const { service, namespace, plan } = first.built.options
  const heldMs = plan.stages.reduce((sum, stage) => sum + stage.minMs, 0)
  // A person watches for half a minute or so, however long the stages are.
  const speed = options.speed ?? Math.max(10, Math.ceil(heldMs / 20_000))
  const rps = Math.min(options.rps, MOST_REAL_RPS / speed)
  const clock = systemClock(speed)
  const view = openView(process.stdout, () => clock.now())
  const sandbox = await openSandbox({ namespace, service, now: () => clock.now(), speed })
  const stop = new AbortController()
  const interrupt = (): void => {
    view.say('stopping: traffic goes back first')
    stop.abort()
  }
  process.once('SIGINT', interrupt)
  const { connectCluster } = await import('../platform/cluster.ts')
  const cluster = connectCluster({ server: sandbox.server, timeoutMs: 5_000 })
  try {
    const base = options.config === '' ? '.' : dirname(resolve(options.config))
    const helmfileFolder = dirname(resolve(first.written.deploy?.helmfile?.file ?? join(base, 'helmfile.yaml')))
    const rendered = options.config === '' ? [] : readManifests(join(helmfileFolder, 'rendered'))
    const routes = options.config === '' ? [] : readManifests(join(base, 'istio'))
    const own = [...routes, ...rendered.filter((one) => one.kind !== 'Deployment')]
    sandbox.apply(own.length > 0 ? own : exampleManifests(service, namespace))
    const shell = sandboxHelmfile(sandbox, rendered, service, namespace)
    const quiet = { cwd: '.', timeoutMs: 1000, signal: stop.signal, onLine: () => undefined }
    const deployments = { blue: `${service}-blue`, green: `${service}-green` }
    await shell.run(['helmfile', '-l', `name=${deployments.blue}`], {
      ...quiet,
      env: { DEPLOYMENT_TYPE: 'blue', DEMO_VERSION: OLD_VERSION },
    })
    if (first.written.deploy === undefined) {
      // Without a deployer somebody else deploys the candidate before the release; here that is the demo.
      const env = { DEPLOYMENT_TYPE: 'green', DEMO_VERSION: NEW_VERSION }
      await shell.run(['helmfile', '-l', `name=${deployments.green}`], { ...quiet, env })
      await settled(sandbox, namespace, deployments.green)
    }
    await settled(sandbox, namespace, deployments.blue)
    sandbox.mesh.load(rps, 2_000)
    sandbox.mesh.faults.set(deployments.green, { kind: options.fault, at: options.at })
    const before = foreignPart(sandbox, namespace)
    const settings = loadSettings(inputs, {}, (written) =>
      adapt(options.config === '' ? DEMO_CONFIG : written, sandbox.prometheus, (names) => {
        view.say(`left out, because commands cannot reach the sandbox: ${names.join(', ')}`)
      }),
    )
    const platform: Platform = {
      cluster,
      ...chance,
      fetch: globalThis.fetch,
      shell,
      clock,
      say: view.say,
      mask: (text) => text,
      env: { DEMO_VERSION: NEW_VERSION },
    }
    const run: ReleaseOptions = {
      ...settings.built.options,
      platform,
      listeners: [view.listener],
      signal: stop.signal,
      holder: 'demo',
      by: 'demo',
    }
    view.say(
      `sandbox: ${Math.round(rps)} requests a second, time runs ${speed} times as fast, fault ${options.fault}${options.fault === 'none' ? '' : ` from ${options.at} %`}`,
    )
    let report = await release(withoutMissingFile(run, settings))
    while (report.outcome === 'paused' && !stop.signal.aborted) {
      view.say('the demo approves and promotes')
      report = await promote(withoutMissingFile(run, settings))
    }
    // The last requests on their way are answered before they are counted.
    await new Promise((done) => setTimeout(done, 300))
    view.close()
    for (const line of summarise(sandbox, report, before, namespace)) process.stdout.write(`${line}\n`)
    const record = toRecord(report, null)
    await writeReport(record, options.report)
    if (options.journal !== '') writeFileSync(options.journal, encodeRecord(record))
    process.stdout.write(`report: ${options.report}\n${report.outcome}: ${report.reason}\n`)
    return EXIT_CODES[report.outcome]
  } finally {
    process.off('SIGINT', interrupt)
    view.close()
    cluster.close()
    sandbox.close()
  }
}

/** The built-in demo has no helmfile on disk; only the check for the file is left out, the deployer is the real one. */
function withoutMissingFile(run: ReleaseOptions, settings: Settings): ReleaseOptions {
  const { deployer } = run
  if (deployer === undefined || existsSync(settings.written.deploy?.helmfile?.file ?? '')) return run
  return {
    ...run,
    deployer: (platform) => {
      const real = deployer(platform)
      return {
        deploy: (deployment, signal) => real.deploy(deployment, signal),
        retire: (deployment, signal) => real.retire(deployment, signal),
      }
    },
  }
}
