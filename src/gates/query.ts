import { fill } from '../core/template.ts'
import { judge, limitOf, type Measurement, type Verdict } from '../core/verdict.ts'
import { ReleaseError } from '../errors.ts'
import type { Connect, Gate, GateWindow, Platform } from '../ports.ts'
import type { Colour } from '../core/shares.ts'
import { prometheusApi, unanswered, type PrometheusApi, type PrometheusOptions } from './prometheus-api.ts'

/** A question of the user's in PromQL: a bound, or the candidate against stable. */
export interface QueryOptions {
  /** One value; `{colour}`, `{workload}`, `{version}`, `{namespace}`, `{service}` and `{window}` are filled in. */
  readonly query: string
  readonly max?: number
  readonly min?: number
  /** Compares with stable: at most `stable × tolerance + allowance`; with `min` (higher is better) at least `stable ÷ tolerance − allowance`. */
  readonly tolerance?: number
  readonly allowance?: number
  /** Requests behind the value; below `minRequests` there is no data. */
  readonly requests?: string
  readonly minRequests?: number
  /** Deployment of each colour, for `{workload}`. */
  readonly workloads?: Readonly<Record<Colour, string>>
  readonly namespace?: string
}

type Answer = Omit<Measurement, 'gate'>

interface Asked {
  readonly value: number
  /** Why there is no value; empty when there is one. */
  readonly missing: string
}

async function askOne(api: PrometheusApi, query: string, at: number, signal: AbortSignal): Promise<Asked> {
  const samples = await api.ask(query, at, signal)
  if (samples.length > 1) {
    const problem = `the query gives ${samples.length} series, one value is wanted; aggregate it`
    throw new ReleaseError('METRICS_REJECTED', problem)
  }
  const [first] = samples
  if (first === undefined) return { value: Number.NaN, missing: 'the query found nothing' }
  const missing = Number.isFinite(first.value) ? '' : `the query gives ${first.value}`
  return { value: first.value, missing }
}

function show(value: number): string {
  return Number(value.toPrecision(4)).toString()
}

class QueryGate implements Gate {
  private readonly options: QueryOptions
  private readonly api: PrometheusApi
  constructor(options: QueryOptions, api: PrometheusApi) {
    this.options = options
    this.api = api
  }

  private fillFor(template: string, window: GateWindow, colour: Colour, version: string): string {
    return fill(template, {
      colour,
      version,
      workload: this.options.workloads?.[colour] ?? colour,
      namespace: this.options.namespace ?? 'default',
      service: window.release.service,
      window: `${Math.max(1, Math.round((window.to - window.from) / 1000))}s`,
    })
  }

  async measure(window: GateWindow, signal: AbortSignal): Promise<Answer> {
    const { release, to } = window
    const { options } = this
    const query = this.fillFor(options.query, window, release.candidate, release.version)
    const none = (reason: string, value: number | null = null): Answer => ({
      verdict: 'no-data',
      reason,
      value,
      limit: null,
      baseline: null,
      query,
    })
    try {
      const candidate = await askOne(this.api, query, to, signal)
      if (candidate.missing !== '') return none(candidate.missing)
      const { value } = candidate
      if (options.requests !== undefined) {
        const asked = this.fillFor(options.requests, window, release.candidate, release.version)
        const requests = await askOne(this.api, asked, to, signal)
        const wanted = options.minRequests ?? 1
        if (!(requests.value >= wanted)) {
          const have = requests.missing === '' ? show(requests.value) : 'no'
          return none(`${have} requests, ${wanted} needed`, value)
        }
      }
      if (options.tolerance === undefined) return this.bounded(value, query)
      if (options.query.includes('{version}') && release.previousVersion === null) {
        return none('the version of stable is not known, so there is nothing to compare with', value)
      }
      const asked = this.fillFor(options.query, window, release.stable, release.previousVersion ?? '')
      const stable = await askOne(this.api, asked, to, signal)
      if (stable.missing !== '') return none(`stable: ${stable.missing}`, value)
      return this.compared(value, stable.value, options.tolerance, query)
    } catch (thrown) {
      return unanswered(thrown, query)
    }
  }

  private bounded(value: number, query: string): Answer {
    const { min = null, max = null } = this.options
    const verdict = judge(value, { min, max })
    const tooLow = min !== null && value < min
    const limit = tooLow || max === null ? min : max
    const sign = verdict === 'fail' ? (tooLow ? '<' : '>') : tooLow || max === null ? '≥' : '≤'
    return { verdict, reason: `${show(value)} ${sign} ${limit ?? ''}`, value, limit, baseline: null, query }
  }

  private compared(value: number, baseline: number, tolerance: number, query: string): Answer {
    const { min, max, allowance = 0 } = this.options
    const higherIsBetter = min !== undefined && max === undefined
    const limit = higherIsBetter
      ? Math.max(baseline / tolerance - allowance, min)
      : Math.min(limitOf(baseline, { tolerance, allowance }), max ?? Number.POSITIVE_INFINITY)
    const isFine = higherIsBetter ? value >= limit : value <= limit
    const verdict: Verdict = isFine ? 'pass' : 'fail'
    const sign = higherIsBetter ? (isFine ? '≥' : '<') : isFine ? '≤' : '>'
    const reason = `${show(value)} ${sign} ${show(limit)} (stable ${show(baseline)})`
    return { verdict, reason, value, limit, baseline, query }
  }
}

/** A gate that asks Prometheus the user's own question. */
export function prometheus(options: PrometheusOptions & QueryOptions): Connect<Gate> {
  return (platform: Platform) => new QueryGate(options, prometheusApi(options)(platform))
}
