import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { chance } from '../platform/chance.ts'
import { EXIT_CODES } from '../command.ts'
import { loadSettings, type Settings } from '../config/load.ts'
import type { WrittenConfig } from '../config/read.ts'
import type { Report } from '../drive.ts'
import { ReleaseError } from '../errors.ts'
import { systemClock } from '../platform/clock.ts'
import type { Platform } from '../ports.ts'
import { promote, status } from '../control.ts'
import { describeShares, type Shares } from '../core/shares.ts'
import { ROUTERS, type Router } from '../config/routing.ts'
import { release } from '../release.ts'
import type { ReleaseOptions } from '../wire.ts'
import type { FaultKind } from '../sandbox/mesh.ts'
import { exampleManifests, openSandbox, type Sandbox } from '../sandbox/sandbox.ts'
import { encodeRecord, toRecord } from '../report/record.ts'
import {
  AUDIENCE,
  AUDIENCE_SHARE,
  DEMO_STRATEGIES,
  demoConfig,
  NEW_VERSION,
  OLD_VERSION,
  readManifests,
  sandboxHelmfile,
  type DemoStrategy,
} from './demo-world.ts'
import { openView } from './live.ts'
import { writeReport } from './report.ts'

const FAULTS: readonly FaultKind[] = ['none', 'errors', 'latency', 'crash', 'leak', 'never-ready']
/** More real requests a second than this and a small machine measures itself instead of the release. */
const MOST_REAL_RPS = 600
/** Share of the visits of the better version that end in an order; of the other one it is a tenth. */
const BETTER_CONVERSION = 0.14
const ROUTE_KINDS = ['VirtualService', 'HTTPRoute', 'Ingress']

interface DemoOptions {
  readonly fault: FaultKind
  readonly at: number
  readonly rps: number
  readonly speed: number | null
  readonly router: Router
  readonly strategy: DemoStrategy
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
      router: { type: 'string', default: 'istio' },
      strategy: { type: 'string', default: 'canary' },
      config: { type: 'string', default: '' },
      report: { type: 'string', default: 'gray-release-report.html' },
      journal: { type: 'string', default: '' },
    },
  })
  const number = (name: string, text: string, min: number, max: number): number => {
    const value = Number(text)
    if (value >= min && value <= max) return value
    throw new ReleaseError('INVALID_CONFIG', `--${name} ${text} is not a number from ${min} to ${max}`)
  }
  const pick = <One extends string>(name: string, text: string, of: readonly One[]): One => {
    const found = of.find((one) => one === text)
    if (found !== undefined) return found
    throw new ReleaseError('INVALID_CONFIG', `--${name} ${text} is none of ${of.join(', ')}`)
  }
  return {
    router: pick('router', values.router, ROUTERS),
    strategy: pick('strategy', values.strategy, DEMO_STRATEGIES),
    fault: pick('fault', values.fault, FAULTS),
    at: number('at', values.at, 0, 100),
    rps: number('rps', values.rps, 1, 10_000),
    speed: values.speed === undefined ? null : number('speed', values.speed, 1, 200),
    config: values.config,
    report: values.report,
    journal: values.journal,
  }
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

/** The objects that share the requests, without our weights and notes: everything that a release must leave as it is. */
function foreignPart(sandbox: Sandbox, namespace: string): string {
  const objects = ROUTE_KINDS.flatMap((kind) => sandbox.api.list(kind, namespace))
  const specs = objects
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] !== 'gray-release')
    .map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, spec }))
  return JSON.stringify(specs, (key, value: unknown) => (key === 'weight' ? undefined : value))
}

/** The weights of a VirtualService route by route; where another object shares the requests, its shares. */
function splitsOf(sandbox: Sandbox, namespace: string, shares: Shares | null): string {
  const [object] = sandbox.api.list('VirtualService', namespace)
  if (object === undefined) return describeShares(shares)
  const http = (object.spec?.['http'] ?? []) as {
    name?: string
    route?: { destination?: { subset?: string }; weight?: number }[]
  }[]
  return http
    .map(
      ({ name = 'route', route = [] }) =>
        `${name}: ${route.map((one) => `${one.destination?.subset ?? ''} ${one.weight ?? 'all'}`).join(' / ')}`,
    )
    .join('; ')
}

/** How the rest of the objects differs from before: not at all, by the second destination of a split, or wrongly. */
function comparison(before: string, after: string): string {
  if (before === after) return 'byte-identical to before'
  const shortened = JSON.stringify(JSON.parse(after), (key, value: unknown) =>
    key === 'route' && Array.isArray(value) ? value.slice(0, 1) : value,
  )
  const isGrown = shortened === before
  return isGrown ? 'byte-identical but for the second destination of the split' : 'CHANGED, which is a defect'
}

function summarise(
  sandbox: Sandbox,
  report: Report,
  before: string,
  namespace: string,
  shares: Shares | null,
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
  const kind = ROUTE_KINDS.find((one) => sandbox.api.list(one, namespace).length > 0) ?? 'Service'
  const grown = comparison(before, foreignPart(sandbox, namespace))
  return [
    `requests answered (workload status: count): ${served.join(', ')}`,
    `requests to the API server: ${own} and ${leases} for the lock, in ${stages} shifts; questions to Prometheus: ${sandbox.metrics.queries}`,
    `weights now: ${splitsOf(sandbox, namespace, shares)}; the rest of the ${kind} is ${grown}`,
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
  const own = demoConfig(options.router, options.strategy)
  const first: Settings = loadSettings(inputs, {}, (written) =>
    adapt(options.config === '' ? own : written, 'http://127.0.0.1:1'),
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
    const brought = [...routes, ...rendered.filter((one) => one.kind !== 'Deployment')]
    const router = ROUTERS.find((one) => first.written.traffic?.[one] !== undefined) ?? 'istio'
    sandbox.apply(brought.length > 0 ? brought : exampleManifests(service, namespace, router))
    const { deployments } = first.built
    const shell = sandboxHelmfile(sandbox, { service, namespace, router, deployments, rendered })
    const quiet = { cwd: '.', timeoutMs: 1000, signal: stop.signal, onLine: () => undefined }
    const [stable = 'blue', candidate = 'green'] = Object.keys(deployments)
    const nameOf = (colour: string): string => deployments[colour] ?? colour
    const deploy = async (colour: string, version: string): Promise<void> => {
      await shell.run(['helmfile'], { ...quiet, env: { DEPLOYMENT_TYPE: colour, DEMO_VERSION: version } })
      await settled(sandbox, namespace, nameOf(colour))
    }
    // Without a deployer somebody else deploys the candidate before the release; here that is the demo.
    if (first.written.deploy === undefined) await deploy(candidate, NEW_VERSION)
    await deploy(stable, OLD_VERSION)
    if (options.strategy === 'ab-test' || options.strategy === 'mirror') {
      const headers = { [AUDIENCE.name]: AUDIENCE.value }
      sandbox.mesh.headersOf = () => (Math.random() < AUDIENCE_SHARE ? headers : {})
      sandbox.mesh.conversion.set(nameOf(candidate), BETTER_CONVERSION)
    }
    sandbox.mesh.load(rps, 2_000)
    sandbox.mesh.faults.set(nameOf(candidate), { kind: options.fault, at: options.at })
    const before = foreignPart(sandbox, namespace)
    const settings = loadSettings(inputs, {}, (written) =>
      adapt(options.config === '' ? own : written, sandbox.prometheus, (names) => {
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
    const { shares } = await status(withoutMissingFile(run, settings))
    for (const line of summarise(sandbox, report, before, namespace, shares)) process.stdout.write(`${line}\n`)
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
