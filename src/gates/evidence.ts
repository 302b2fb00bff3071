import { Counters, countedOf } from '../core/counters.ts'
import { allowedBeside } from '../core/evidence.ts'
import { DEFAULT_RULES, EvidenceJudge, nextWeightOf, type Judgement } from '../core/evidence-judge.ts'
import type { Counted } from '../core/trial.ts'
import {
  DEFAULT_HARM,
  ERRORS,
  ERRORS_PART,
  errorsMetric,
  goldenMetrics,
  pickBoundaries,
  type Boundary,
} from '../core/golden.ts'
import { describeForecast, forecastStages, passBlocks } from '../core/forecast.ts'
import { toDuration } from '../core/duration.ts'
import { hasAudience, type Plan } from '../core/plan.ts'
import type { Colour } from '../core/shares.ts'
import type { Measurement, Tolerance, Verdict } from '../core/verdict.ts'
import type { Connect, Finding, Gate, GateWindow, Platform } from '../ports.ts'
import { boundOf, durationScrapes, requestScrapes, type CounterSource } from './counters.ts'
import { prometheusApi, unanswered, type PrometheusApi, type PrometheusOptions } from './prometheus-api.ts'

/** What is compared, and how sure a decision must be. Shares are 0 to 1. */
export interface EvidenceOptions extends PrometheusOptions {
  readonly source: CounterSource
  /** Server errors; default at most 1.5 times stable's share and 0.1 points. */
  readonly errors?: Partial<Tolerance> & {
    /** An objective: at most this share of errors whatever stable does. */
    readonly max?: number
  }
  /** Slow requests; `quantile` of stable is slow, `allowance` in points of the requests. */
  readonly latency?: Partial<Tolerance> & { readonly quantile?: number }
  /** Chance that a candidate exactly at the limit is reverted by mistake in the whole release; default 2 %. */
  readonly falseRevert?: number
  /** Chance that a candidate exactly at the limit of a stage passes it; default 5 %. */
  readonly falsePass?: number
  /** Share of all requests that the next weight may cost in errors beyond what is tolerated; default 0.1 %. */
  readonly harm?: number
  /** After each change of the weight a candidate may be slow and wrong for so long; default 20 s. */
  readonly warmUpMs?: number
}

type Answer = Omit<Measurement, 'gate'>

const HISTORY_MS = 20 * 60_000
/** Today's traffic is that of the last minutes. */
const RECENT_MS = 5 * 60_000
/** Prometheus takes in a scrape a moment after its time. */
const LATE_MS = 2_000
const OVERLAP_BLOCKS = 3
/** A check before the release waits this long. */
const CHECK_MS = 10_000

const VERDICTS: Readonly<Record<Judgement['ruling'], Verdict>> = {
  advance: 'pass',
  hold: 'undecided',
  revert: 'fail',
  // Stable itself is ill: nobody is blamed, but traffic goes back.
  inconclusive: 'fail',
}

const seconds = (lengthMs: number): string => `${Math.max(1, Math.ceil(lengthMs / 1000))}s`
/** A selector with one more matcher; one of the user's may have no braces, or nothing between them. */
function also(selector: string, matcher: string): string {
  const [, name = '', inside = ''] = /^([^{]*)(?:\{(.*)\})?$/s.exec(selector.trim()) ?? []
  const matchers = inside.trim().replace(/,$/, '')
  return `${name}{${matchers === '' ? '' : `${matchers},`}${matcher}}`
}

/** A forecast is no clock: whole seconds below a minute, half minutes above. */
const coarse = (lengthMs: number): number =>
  lengthMs < 60_000 ? Math.ceil(lengthMs / 1000) * 1000 : Math.ceil(lengthMs / 30_000) * 30_000

/** The interval of the scrapes as the samples show it; never below how often the gate looks. */
function blockOf(series: readonly { readonly points: readonly (readonly [number, number])[] }[], leastMs: number) {
  const steps = series.flatMap(({ points }) => points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at)))
  const sorted = steps.sort((one, other) => one - other)
  return Math.max(leastMs, sorted[Math.floor(sorted.length / 2)] ?? 0)
}

/** A boundary with its label as Prometheus writes it, `1.8e+06` for 1800000. */
interface CutBoundary extends Boundary {
  readonly le: string
}

/** One release as it is judged: everything in it can be computed again from Prometheus. */
interface Trial {
  readonly id: string
  readonly begunAt: number
  readonly blockMs: number
  /** Where the histogram is cut; none when latency is not judged. */
  readonly boundaries: readonly CutBoundary[]
  readonly judge: EvidenceJudge
  readonly requests: Counters
  readonly durations: Counters
  /** Up to where scrapes were fetched, and intervals were judged. */
  fetchedTo: number
  judgedTo: number
}

class EvidenceGate implements Gate {
  private readonly options: EvidenceOptions
  private readonly api: PrometheusApi
  private readonly platform: Platform
  private trial: Trial | null = null

  constructor(options: EvidenceOptions, platform: Platform) {
    this.options = options
    this.platform = platform
    this.api = prometheusApi(options)(platform)
  }

  private now(): number {
    return this.platform.clock.now()
  }

  async measure(window: GateWindow, signal: AbortSignal): Promise<Answer> {
    const query = `${this.options.source.requests}[${seconds(window.to - window.shiftedAt)}]`
    const nothing = { value: null, limit: null, baseline: null, query }
    if (window.weight <= 0 && !hasAudience(window.audience))
      return { ...nothing, verdict: 'pass', reason: 'no share of the traffic yet' }
    try {
      const begunAt = window.course[0]?.at ?? window.shiftedAt
      if (this.trial?.id !== window.release.id || this.trial.begunAt !== begunAt) {
        this.trial = await this.begin(window, begunAt, signal)
      } else await this.fetch(this.trial, window, signal)
      const judgement = this.judge(this.trial, window)
      const [errors] = judgement.evidence
      const { nC = 0, xC = 0, nS = 0, xS = 0 } = errors?.counts ?? {}
      const baseline = nS > 0 ? xS / nS : null
      const isEmpty = nC + nS === 0 && judgement.ruling === 'hold'
      return {
        verdict: isEmpty ? 'no-data' : VERDICTS[judgement.ruling],
        reason: isEmpty ? judgement.reason : `${judgement.reason}${this.left(judgement)}`,
        value: nC > 0 ? xC / nC : null,
        baseline,
        limit: baseline === null || errors === undefined ? null : allowedBeside(baseline, errors.limit),
        query,
        evidence: judgement.evidence,
        odds: judgement.odds,
      }
    } catch (thrown) {
      return unanswered(thrown, query)
    }
  }

  /** How long a healthy candidate still needs. */
  private left({ ruling, waiting }: Judgement): string {
    if (ruling !== 'hold' || waiting === null || this.trial === null) return ''
    const { block, share, limit, phi, worth } = waiting
    const expected = { nC: block.nC, nS: block.nS, share, fault: share, limit, phi }
    const blocks = passBlocks(expected, this.options.falsePass ?? DEFAULT_RULES.beta, worth)
    const leftMs = blocks * this.trial.blockMs
    return Number.isFinite(leftMs) && leftMs > 0 ? `; about ${toDuration(coarse(leftMs))} left if healthy` : ''
  }

  async forecast(plan: Plan, stable: Colour, signal: AbortSignal): Promise<readonly string[]> {
    const { source } = this.options
    const selector = also(source.requests, `${source.colourLabel}="${source.values[stable] ?? ''}"`)
    const bad = also(selector, `${source.statusLabel}=~"5.."`)
    const now = this.now()
    const count = async (one: string, lengthMs: number): Promise<number> => {
      const [found] = await this.api.ask(`sum(increase(${one}[${seconds(lengthMs)}]))`, now, signal)
      return Number.isFinite(found?.value) ? (found?.value ?? 0) : 0
    }
    const [all, failed, recent] = await Promise.all([
      count(selector, HISTORY_MS),
      count(bad, HISTORY_MS),
      count(selector, RECENT_MS),
    ])
    if (all <= 0) return ['no requests in the last 20 minutes: a stage would wait for its max and be inconclusive']
    const { errors, harm = DEFAULT_HARM } = this.options
    const metric = errorsMetric({ ...ERRORS, ...errors }, ERRORS_PART, harm)
    const traffic = { perSecond: recent / (RECENT_MS / 1000), share: failed / all, phi: 1 }
    const weights = plan.stages.map(({ route }) => route.weight)
    const stages = forecastStages(weights, traffic, metric, this.rules(plan, plan.intervalMs))
    return stages.map((stage) => describeForecast(stage, traffic, (lengthMs) => toDuration(coarse(lengthMs))))
  }

  /** Reads twenty minutes of stable before the release, and everything since. */
  private async begin(window: GateWindow, begunAt: number, signal: AbortSignal): Promise<Trial> {
    const { source, errors, latency, harm } = this.options
    const boundaries = await this.boundaries(window, begunAt, signal)
    const from = begunAt - HISTORY_MS
    const series = await this.api.askRange(`${source.requests}[${seconds(window.to - from)}]`, window.to, signal)
    const blockMs = blockOf(series, window.plan.intervalMs)
    const requests = new Counters(2, blockMs)
    const durations = new Counters(1 + boundaries.length, blockMs)
    const metrics = goldenMetrics({
      boundaries,
      unit: source.unit,
      ...(errors !== undefined && { errors }),
      ...(latency !== undefined && { latency }),
      ...(harm !== undefined && { harm }),
    })
    const judge = new EvidenceJudge(this.rules(window.plan, blockMs), metrics)
    const trial = { id: window.release.id, begunAt, blockMs, boundaries, judge, requests, durations }
    const made: Trial = { ...trial, fetchedTo: from, judgedTo: begunAt }
    for (const one of requestScrapes(series, source, window.release)) requests.add(one)
    await this.fetchDurations(made, window, signal)
    made.fetchedTo = window.to
    for (let at = begunAt - Math.floor(HISTORY_MS / blockMs) * blockMs; at <= begunAt; at += blockMs) {
      judge.learn(this.counted(made, at))
    }
    return made
  }

  private rules(plan: Plan, blockMs: number) {
    const baked = plan.stages.filter(({ route }) => (route.weight > 0 || hasAudience(route)) && route.weight < 100)
    const { alpha, beta, warmUpMs } = DEFAULT_RULES
    return {
      alpha: this.options.falseRevert ?? alpha,
      beta: this.options.falsePass ?? beta,
      warmUpMs: this.options.warmUpMs ?? warmUpMs,
      blockMs,
      maxStageMs: Math.max(blockMs, ...baked.map((stage) => stage.maxMs)),
      stages: Math.max(1, baked.length),
    }
  }

  /** The boundaries of the histogram, by what stable did before the release. */
  private async boundaries(window: GateWindow, begunAt: number, signal: AbortSignal): Promise<readonly CutBoundary[]> {
    const { source, latency } = this.options
    if (source.durations === null) return []
    const value = source.values[window.release.stable] ?? ''
    const selector = also(source.durations, `${source.colourLabel}="${value}"`)
    const query = `sum by (le) (increase(${selector}[${seconds(HISTORY_MS)}]))`
    // A service that had no traffic before is compared by what it has now.
    const before = await this.api.ask(query, begunAt, signal)
    const samples = before.some((one) => one.value > 0) ? before : await this.api.ask(query, window.to, signal)
    const sorted = samples
      .map(({ labels, value: count }) => ({ bound: boundOf(labels), le: labels['le'] ?? '', count }))
      .sort((one, other) => one.bound - other.bound)
    const total = sorted.at(-1)?.count ?? 0
    const finite = sorted.filter(({ bound }) => Number.isFinite(bound))
    if (!(total > 0) || finite.length === 0) return []
    const picked = pickBoundaries(
      finite.map(({ bound }) => bound),
      finite.map(({ count }) => count),
      total,
      latency?.quantile,
    )
    return picked.map((one) => ({ ...one, le: finite[one.index]?.le ?? '' }))
  }

  private async fetch(trial: Trial, window: GateWindow, signal: AbortSignal): Promise<void> {
    const { source } = this.options
    const from = trial.fetchedTo - OVERLAP_BLOCKS * trial.blockMs
    const query = `${source.requests}[${seconds(window.to - from)}]`
    const series = await this.api.askRange(query, window.to, signal)
    for (const one of requestScrapes(series, source, window.release)) trial.requests.add(one)
    await this.fetchDurations(trial, window, signal)
    trial.fetchedTo = window.to
  }

  /** Only the buckets that were picked: the rest of a histogram is most of the traffic to Prometheus. */
  private async fetchDurations(trial: Trial, window: GateWindow, signal: AbortSignal): Promise<void> {
    const { source } = this.options
    if (source.durations === null || trial.boundaries.length === 0) return
    const from = trial.fetchedTo - OVERLAP_BLOCKS * trial.blockMs
    const bounds = trial.boundaries.map(({ bound }) => bound)
    // A server that is renewed writes whole numbers as 1.0 from then on.
    const texts = trial.boundaries.map(({ le }) => `${le.replace(/\.0$/, '').replaceAll(/[.+]/g, '\\\\$&')}(\\\\.0)?`)
    const selector = also(source.durations, `le=~"\\\\+Inf|${texts.join('|')}"`)
    const series = await this.api.askRange(`${selector}[${seconds(window.to - from)}]`, window.to, signal)
    for (const one of durationScrapes(series, source, window.release, bounds)) trial.durations.add(one)
  }

  private counted(trial: Trial, at: number): readonly Counted[] {
    const requests = trial.requests.advance(at)
    const durations = trial.durations.advance(at)
    const errors = countedOf(requests, 1)
    const twice = this.options.errors?.max === undefined ? [] : [errors]
    return [errors, ...twice, ...trial.boundaries.map((_, index) => countedOf(durations, index + 1))]
  }

  /** Judges every interval that is complete. */
  private judge(trial: Trial, { to, course, plan }: GateWindow): Judgement {
    const late = Math.min(LATE_MS, trial.blockMs / 5)
    for (let at = trial.judgedTo + trial.blockMs; at <= to - late; at += trial.blockMs) {
      const stage = course.findLastIndex((shift) => shift.at < at)
      const { weight = 0, at: since = at } = course[stage] ?? {}
      const nextWeight = nextWeightOf(
        plan.stages.map(({ route }) => route.weight),
        weight,
      )
      const counted = this.counted(trial, at)
      const maxMs = plan.stages.find(({ route }) => route.weight === weight)?.maxMs ?? Infinity
      trial.judge.observe({ stage, weight, nextWeight, stageMs: at - since, maxMs, counted })
      trial.judgedTo = at
    }
    return trial.judge.judgement
  }

  async check(): Promise<readonly Finding[]> {
    const { source } = this.options
    const signal = this.platform.timeout(CHECK_MS)
    const hint = 'check the address, the reporter and the names of service, namespace and workloads'
    try {
      const found = await this.api.askRange(`${source.requests}[5m]`, this.now(), signal)
      return found.length > 0
        ? []
        : [{ level: 'warn', message: `Prometheus has no counters ${source.requests} in the last 5 minutes`, hint }]
    } catch (thrown) {
      return [{ level: 'warn', message: `Prometheus: ${(thrown as Error).message}`, hint: '' }]
    }
  }
}

/**
 * The default gate: errors and latency of the candidate against stable in the same intervals, with evidence that may
 * be looked at any number of times (docs/gate.md).
 */
export function evidence(options: EvidenceOptions): Connect<Gate> {
  return (platform) => new EvidenceGate(options, platform)
}
