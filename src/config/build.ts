import { checkPlan, type Plan } from '../core/plan.ts'
import { workloads } from '../deployers/workloads.ts'
import type { Problem } from '../errors.ts'
import { command } from '../gates/command.ts'
import type { PrometheusOptions } from '../gates/prometheus-api.ts'
import { prometheus } from '../gates/query.ts'
import { istioCounters, nginxCounters, type CounterSource } from '../gates/counters.ts'
import { evidence } from '../gates/evidence.ts'
import { goal } from '../gates/goal.ts'
import { webhook } from '../notifications/webhook.ts'
import type { Connect, Gate, Listener } from '../ports.ts'
import type { ReleaseOptions } from '../wire.ts'
import { deployerOf } from './deploying.ts'
import { GOAL, planOf } from './planning.ts'
import { invalidConfig, type WrittenConfig } from './read.ts'
import { buildSeveral } from './several.ts'
import type { WavesPlan } from '../waves/command.ts'
import { buildWaves } from './waves.ts'
import { routingOf, type Routing } from './routing.ts'
import type { Command } from './inputs.ts'

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
  /** Name of the Deployment of each colour. */
  readonly deployments: Readonly<Record<string, string>>
  /** Groups that are released one after the other; null for a release of its own. */
  readonly waves: WavesPlan | null
}

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

  readonly note = (path: string, message: string): void => {
    this.wrong(path, message)
  }

  wrong(path: string, message: string): void {
    this.problems.push({ path, message: `${path}: ${message}`, file: '', line: 0, column: 0 })
  }

  /** The callers' proxies do not count copies of requests; the pods' own do. */
  checkMirror({ stages }: Plan): void {
    const { source = 'istio', reporter = 'source' } = this.config.gates ?? {}
    if (source !== 'istio' || reporter === 'destination' || stages.every(({ route }) => route.mirror === 0)) return
    this.wrong(
      'gates.reporter',
      'source does not count mirrored requests: destination is wanted for a stage with mirror',
    )
  }

  need(path: 'service' | 'namespace', example: string): string {
    const value = this.config[path]
    if (value === undefined) this.wrong(path, `is missing; for example ${path}: ${example}`)
    return value ?? ''
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
  private counters(
    service: string,
    namespace: string,
    { router, services, hasServices, workloads: deployments }: Routing,
  ): CounterSource {
    const gates = this.config.gates ?? {}
    const source = gates.source ?? (router === 'ingress-nginx' ? 'ingress-nginx' : 'istio')
    if (source === 'ingress-nginx') {
      const { ingress = service, port } = this.config.traffic?.['ingress-nginx'] ?? {}
      return nginxCounters({ namespace, ingress, services, ...(port !== undefined && { port }) })
    }
    if (source === 'custom') {
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
      ...(hasServices && { services: Object.values(services) }),
      ...(gates.reporter !== undefined && { reporter: gates.reporter }),
    })
  }

  gates(service: string, namespace: string, routing: Routing) {
    const deployments = routing.workloads
    const found: Record<string, Connect<Gate>> = {}
    const gates = this.config.gates ?? {}
    const api = this.prometheusOptions()
    if (api !== null) {
      found['evidence'] = evidence({
        ...api,
        source: this.counters(service, namespace, routing),
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
    const { goal: wanted, samples } = this.config.test ?? {}
    if (wanted !== undefined) {
      const { successes, trials, better, 'false-choice': falseChoice } = wanted
      if (api === null || successes === undefined || trials === undefined) {
        this.wrong('test.goal', 'needs successes and trials, and gates.prometheus')
      } else {
        found[GOAL] = goal({
          ...{ ...api, successes, trials, workloads: deployments, namespace },
          ...(better !== undefined && { better }),
          ...(falseChoice !== undefined && { falseChoice }),
          ...(samples !== undefined && { samples }),
        })
      }
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
    const helm = Object.entries({ ...deploy?.helmfile?.env, ...deploy?.command?.env })
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
  if (config.waves !== undefined) return buildWaves(config, (one) => buildOptions(one, wanted, surroundings))
  if (config.services !== undefined) return buildSeveral(config, (one) => buildOptions(one, wanted, surroundings))
  const builder = new Builder(config, surroundings)
  const service = builder.need('service', 'address-service')
  const namespace = builder.need('namespace', 'happyride')
  if (wanted === 'release' && config.version === undefined) {
    builder.wrong('version', 'is missing; for example version: ${{ github.ref_name }}')
  }
  const routing = routingOf(config, builder.note)
  const { colours, workloads: deployments } = routing
  const type = config['deployment-type'] ?? 'auto'
  if (type !== 'auto' && !colours.includes(type)) {
    builder.wrong('deployment-type', `"${type}" is none of auto, ${colours.join(', ')}`)
  }
  const gates = builder.gates(service, namespace, routing)
  const plan = planOf(config, routing, Object.keys(gates), builder.note)
  const known = [...Object.keys(gates), ...Object.keys(config.gates?.checks ?? {})]
  for (const message of checkPlan(plan, routing.supports, known)) builder.wrong('stages', message)
  builder.checkMirror(plan)
  const deployer = deployerOf(config, colours, builder.note)
  const notifications = builder.notifications(wanted)
  if (builder.problems.length > 0) throw invalidConfig(builder.problems)
  const options: ReleaseOptions = {
    service,
    namespace,
    colours,
    deploymentType: type,
    plan,
    gates,
    ...(config.version !== undefined && { version: config.version }),
    workloads: workloads({ namespace, deployments }),
    deployer,
    traffic: routing.traffic,
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
    deployments,
    waves: null,
  }
}
