import { checkPlan, type Plan, type Policies } from '../core/plan.ts'
import { parseDuration } from '../core/duration.ts'
import { blueGreen, canary, DEFAULT_MAX_MS, DEFAULT_MIN_MS, type StageOptions } from '../core/strategies.ts'
import { helmfile } from '../deployers/helmfile.ts'
import { none } from '../deployers/none.ts'
import { workloads } from '../deployers/workloads.ts'
import type { Problem } from '../errors.ts'
import { command } from '../gates/command.ts'
import type { PrometheusOptions } from '../gates/prometheus-api.ts'
import { prometheus } from '../gates/query.ts'
import { istioCounters, nginxCounters, type CounterSource } from '../gates/counters.ts'
import { evidence } from '../gates/evidence.ts'
import { istio } from '../traffic/istio.ts'
import { webhook } from '../notifications/webhook.ts'
import type { Connect, Gate, Listener } from '../ports.ts'
import type { ReleaseOptions } from '../wire.ts'
import { invalidConfig, type WrittenConfig, type WrittenStage } from './read.ts'
import type { Command } from './settings.ts'

/** What belongs to the run and not to the service. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly prometheusToken: string
}

/** The settings as the library wants them, and every secret among them. */
export interface Built {
  readonly options: ReleaseOptions
  readonly secrets: readonly string[]
  readonly caFile: string
  readonly notifications: readonly Connect<Listener>[]
  /** Where GitHub keeps a deployment record; empty for none. */
  readonly environment: string
  readonly hasCheckRun: boolean
}

const DEFAULT_STAGES = [1, 5, 25, 50, 100]
/** An environment variable with such a name is never shown. */
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|PRIVATE|API_?KEY)/i
const SHORTEST_SECRET = 6

class Builder {
  readonly problems: Problem[] = []
  private readonly config: WrittenConfig
  private readonly surroundings: Surroundings

  constructor(config: WrittenConfig, surroundings: Surroundings) {
    this.config = config
    this.surroundings = surroundings
  }

  wrong(path: string, message: string): void {
    this.problems.push({ path, message: `${path}: ${message}`, file: '', line: 0, column: 0 })
  }

  need(path: 'service' | 'namespace', example: string): string {
    const value = this.config[path]
    if (value === undefined) this.wrong(path, `is missing; for example ${path}: ${example}`)
    return value ?? ''
  }

  colours(): readonly [string, string] {
    const names = Object.keys(this.config.colours ?? { blue: {}, green: {} })
    const [first, second] = names
    if (first !== undefined && second !== undefined && names.length === 2) return [first, second]
    this.wrong('colours', `${names.length} colours are given, 2 are wanted`)
    return ['blue', 'green']
  }

  ofColours(colours: readonly string[], key: 'subset' | 'workload', fallback: (colour: string) => string) {
    return Object.fromEntries(
      colours.map((colour) => [colour, this.config.colours?.[colour]?.[key] ?? fallback(colour)] as const),
    )
  }

  prometheusOptions(): PrometheusOptions | null {
    const written = this.config.gates?.prometheus
    if (written === undefined) return null
    if ((written.url === undefined) === (written.service === undefined)) {
      this.wrong('gates.prometheus', 'exactly one of url and service is wanted')
      return null
    }
    const envName = written['bearer-token-env']
    const fromEnv = envName === undefined ? '' : (this.surroundings.env[envName] ?? '')
    if (envName !== undefined && fromEnv === '') {
      this.wrong('gates.prometheus.bearer-token-env', `the environment variable ${envName} is not set`)
    }
    const token = this.surroundings.prometheusToken || fromEnv
    return {
      ...(written.url !== undefined && { url: written.url }),
      ...(written.service !== undefined && { service: written.service }),
      ...(token !== '' && { bearerToken: token }),
      ...(written.headers !== undefined && { headers: written.headers }),
      ...(written.timeout !== undefined && { timeoutMs: written.timeout }),
    }
  }

  /** Where the requests of both colours are counted. */
  private counters(service: string, namespace: string, deployments: Readonly<Record<string, string>>): CounterSource {
    const gates = this.config.gates ?? {}
    if (gates.source === 'ingress-nginx') return nginxCounters({ namespace, services: deployments })
    if (gates.source === 'custom') {
      const { requests = '', durations, unit = 's', ...labels } = gates.custom ?? {}
      if (requests === '') this.wrong('gates.custom.requests', 'is missing; the selector of the counters of requests')
      return {
        requests,
        durations: durations ?? null,
        unit,
        statusLabel: labels['status-label'] ?? 'status',
        colourLabel: labels['colour-label'] ?? 'deployment',
        values: deployments,
        lostValue: null,
      }
    }
    const host = this.config.traffic?.istio?.host?.split('.') ?? []
    return istioCounters({
      service: host[0] ?? service,
      namespace: host[1] ?? namespace,
      workloads: deployments,
      ...(gates.reporter !== undefined && { reporter: gates.reporter }),
    })
  }

  gates(service: string, namespace: string, deployments: Readonly<Record<string, string>>) {
    const found: Record<string, Connect<Gate>> = {}
    const gates = this.config.gates ?? {}
    const api = this.prometheusOptions()
    if (api !== null) {
      found['evidence'] = evidence({
        ...api,
        source: this.counters(service, namespace, deployments),
        ...(gates.errors !== undefined && { errors: gates.errors }),
        ...(gates.latency !== undefined && { latency: gates.latency }),
        ...(gates['false-revert'] !== undefined && { falseRevert: gates['false-revert'] }),
        ...(gates.harm !== undefined && { harm: gates.harm }),
        ...(gates['warm-up'] !== undefined && { warmUpMs: gates['warm-up'] }),
      })
    } else if (gates.errors ?? gates.latency) {
      this.wrong('gates', 'errors and latency need gates.prometheus (or the input prometheus-url)')
    }
    const { query: full, ...bounds } = gates.saturation ?? {}
    if (gates.saturation !== undefined) {
      if (api === null || full === undefined) this.wrong('gates.saturation', 'needs a query, and gates.prometheus')
      else if (bounds.max === undefined && bounds.tolerance === undefined) {
        this.wrong('gates.saturation', 'without max or tolerance it can never fail; give one of them')
      } else found['saturation'] = prometheus({ ...api, ...bounds, query: full, workloads: deployments, namespace })
    }
    for (const [name, check] of Object.entries(gates.checks ?? {})) {
      const path = `gates.checks.${name}`
      if (found[name] !== undefined) this.wrong(path, 'the name is taken by the default gate; choose another')
      if ((check.query === undefined) === (check.command === undefined)) {
        this.wrong(path, 'exactly one of query and command is wanted')
      } else if (check.command !== undefined) {
        if (check.command.length === 0) this.wrong(path, 'the command is empty')
        found[name] = command({
          command: check.command,
          ...(check.timeout !== undefined && { timeoutMs: check.timeout }),
        })
      } else if (api === null) this.wrong(path, 'a query needs gates.prometheus')
      else if (check.min === undefined && check.max === undefined && check.tolerance === undefined) {
        this.wrong(path, 'a query without min, max or tolerance can never fail; give one of them')
      } else {
        const { 'min-requests': minRequests, query = '', ...rest } = check
        const more = { ...(minRequests !== undefined && { minRequests }), workloads: deployments, namespace }
        found[name] = prometheus({ ...api, ...rest, ...more, query })
      }
    }
    return found
  }

  /** Signals watch every stage that serves; a check watches the stages that name it, or all when none does. */
  private gatesOf(weight: number, named: readonly string[], known: readonly string[]): readonly string[] {
    const checks = Object.keys(this.config.gates?.checks ?? {})
    const claimed = new Set((this.config.stages ?? []).flatMap((stage) => stage.checks ?? []))
    const signals = weight > 0 ? known.filter((name) => !checks.includes(name)) : []
    return [
      ...signals,
      ...checks.filter((name) => named.includes(name) || !claimed.has(name)),
      ...named.filter((name) => !checks.includes(name)),
    ]
  }

  plan(known: readonly string[]): Plan {
    const { config } = this
    const written = config.policies ?? {}
    const keepOld = written['keep-old']
    const keepOldMs = keepOld === undefined || keepOld === 'forever' ? null : (parseDuration(keepOld) ?? -1)
    if (keepOldMs === -1)
      this.wrong('policies.keep-old', `"${keepOld ?? ''}" is neither forever nor a time such as 24h`)
    const policies: Partial<Policies> = {
      ...(written['on-inconclusive'] !== undefined && { onInconclusive: written['on-inconclusive'] }),
      ...(written['on-cancel'] !== undefined && { onCancel: written['on-cancel'] }),
      ...(written['on-lost'] !== undefined && { onLost: written['on-lost'] }),
      ...(written['on-drift'] !== undefined && { onDrift: written['on-drift'] }),
      ...(written['max-pause'] !== undefined && { maxPauseMs: written['max-pause'] }),
      ...(written.capacity !== undefined && { capacity: written.capacity }),
      keepOldMs,
    }
    const common = {
      policies,
      ...(config.interval !== undefined && { intervalMs: config.interval }),
      ...(config.traffic?.settle !== undefined && { settleMs: config.traffic.settle }),
      ...(config['ready-timeout'] !== undefined && { readyMs: config['ready-timeout'] }),
    }
    if (config.strategy === 'blue-green') {
      if (config.stages !== undefined) this.wrong('stages', 'blue-green has its own two stages; leave them out')
      const options = blueGreen({ ...common, gates: this.gatesOf(100, [], known) })
      const preview = this.gatesOf(0, [], known)
      return {
        ...options,
        stages: options.stages.map((stage) => (stage.route.weight === 0 ? { ...stage, gates: preview } : stage)),
      }
    }
    const stages = (config.stages ?? DEFAULT_STAGES.map((weight): WrittenStage => ({ weight }))).map(
      (stage, index): StageOptions => {
        if (stage.weight === undefined) this.wrong(`stages[${index}]`, 'weight is missing')
        const { weight = 0, name, min, max, approval, checks = [] } = stage
        const minMs = min ?? Math.min(DEFAULT_MIN_MS, max ?? DEFAULT_MIN_MS)
        return {
          weight,
          minMs,
          maxMs: max ?? Math.max(DEFAULT_MAX_MS, minMs),
          gates: this.gatesOf(weight, checks, known),
          ...(name !== undefined && { name }),
          ...(approval !== undefined && { approval }),
        }
      },
    )
    return canary({ ...common, stages })
  }

  notifications(wanted: Command): readonly Connect<Listener>[] {
    // Nothing happens then that anybody could be told of; a pull request of a fork has no addresses.
    if (wanted === 'plan' || wanted === 'status' || wanted === 'pause') return []
    return (this.config.notifications ?? []).flatMap(({ 'url-env': name, ...rest }, index) => {
      const path = `notifications[${index}].url-env`
      const url = name === undefined ? '' : (this.surroundings.env[name] ?? '')
      if (name === undefined) this.wrong(path, 'is missing; the environment variable that has the address')
      else if (url === '') this.wrong(path, `the environment variable ${name} is not set`)
      // The value itself must not be shown: it is the secret.
      else if (!/^https?:\/\/[^\s/]/.test(url)) {
        this.wrong(path, `the environment variable ${name} has no address that begins with http:// or https://`)
      } else return [webhook({ ...rest, url })]
      return []
    })
  }

  secrets(token: string | undefined): readonly string[] {
    const { env } = this.surroundings
    const { 'secret-env': marked = [], notifications = [], deploy } = this.config
    const addresses = notifications.map((one) => one['url-env'])
    const helm = Object.entries(deploy?.helmfile?.env ?? {})
    const named = [...Object.entries(env), ...helm].flatMap(([name, value]) => {
      const isSecret = SECRET_NAME.test(name) || marked.includes(name) || addresses.includes(name)
      return value !== undefined && isSecret ? value.split('\n') : []
    })
    const headers = Object.values(this.config.gates?.prometheus?.headers ?? {})
    const all = [...named, ...headers, token ?? '', this.surroundings.prometheusToken]
    return [...new Set(all.map((one) => one.trim()))].filter((one) => one.length >= SHORTEST_SECRET)
  }
}

/**
 * The settings as options of the library.
 * @throws ReleaseError INVALID_CONFIG with everything that is missing or does not fit together
 */
export function buildOptions(config: WrittenConfig, wanted: Command, surroundings: Surroundings): Built {
  const builder = new Builder(config, surroundings)
  const service = builder.need('service', 'address-service')
  const namespace = builder.need('namespace', 'happyride')
  if (wanted === 'release' && config.version === undefined) {
    builder.wrong('version', 'is missing; for example version: ${{ github.ref_name }}')
  }
  const colours = builder.colours()
  const type = config['deployment-type'] ?? 'auto'
  if (type !== 'auto' && !colours.includes(type)) {
    builder.wrong('deployment-type', `"${type}" is none of auto, ${colours.join(', ')}`)
  }
  const deployments = builder.ofColours(colours, 'workload', (colour) => `${service}-${colour}`)
  const gates = builder.gates(service, namespace, deployments)
  const plan = builder.plan(Object.keys(gates))
  const known = [...Object.keys(gates), ...Object.keys(config.gates?.checks ?? {})]
  for (const message of checkPlan(plan, { precision: 1, match: false }, known)) builder.wrong('stages', message)
  const { istio: route = {} } = config.traffic ?? {}
  const written = config.deploy?.helmfile
  if (written !== undefined && written.file === undefined) builder.wrong('deploy.helmfile.file', 'is missing')
  const notifications = builder.notifications(wanted)
  if (builder.problems.length > 0) throw invalidConfig(builder.problems)
  const { timeout, 'skip-deps': skipDeps, file = '', ...helm } = written ?? {}
  const options: ReleaseOptions = {
    service,
    namespace,
    colours,
    deploymentType: type,
    plan,
    gates,
    ...(config.version !== undefined && { version: config.version }),
    workloads: workloads({ namespace, deployments }),
    deployer:
      written === undefined
        ? none()
        : helmfile({
            ...helm,
            service,
            namespace,
            file,
            ...(timeout !== undefined && { timeoutMs: timeout }),
            ...(skipDeps !== undefined && { skipDeps }),
          }),
    traffic: istio({
      service,
      namespace,
      subsets: builder.ofColours(colours, 'subset', (colour) => colour),
      ...(route.host !== undefined && { host: route.host }),
      ...(route['virtual-service'] !== undefined && { virtualService: route['virtual-service'] }),
      ...(route.routes !== undefined && { routes: route.routes }),
      ...(route['cluster-domain'] !== undefined && { clusterDomain: route['cluster-domain'] }),
    }),
  }
  const tokenName = config.gates?.prometheus?.['bearer-token-env']
  const token = tokenName === undefined ? '' : surroundings.env[tokenName]
  const environment = config.environment ?? namespace
  return {
    options,
    secrets: builder.secrets(token),
    caFile: config.gates?.prometheus?.['ca-file'] ?? '',
    notifications,
    environment: environment === 'none' ? '' : environment,
    hasCheckRun: config['check-run'] ?? false,
  }
}
