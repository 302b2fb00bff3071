import { Counters, countedOf, type Side } from './counters.ts'
import { DEFAULT_RULES, EvidenceJudge, type Judgement, type Rules } from './evidence-judge.ts'
import { goldenMetrics, pickBoundaries } from './golden.ts'

/** Counters of one pod; `buckets[i]` counts the requests at or below `bucketBounds[i]` seconds. */
export interface ProtocolSample {
  readonly colour: Side
  readonly series: string
  /** Seconds since the rollout began. */
  readonly t: number
  readonly requests: number
  readonly errors: number
  readonly buckets: readonly number[]
}

/** Begins a rollout; `history` is 20 minutes of stable alone. */
export interface ProtocolStart {
  readonly type: 'start'
  readonly run: string
  readonly stages: readonly number[]
  readonly scrapeSeconds: number
  readonly bucketBounds: readonly number[]
  readonly history: readonly { readonly t: number; readonly samples: readonly ProtocolSample[] }[]
}

/** One scrape of a rollout. */
export interface ProtocolTick {
  readonly type: 'tick'
  readonly run: string
  readonly t: number
  readonly stage: number
  readonly weight: number
  readonly nextWeight: number
  readonly stageT: number
  readonly samples: readonly ProtocolSample[]
}

const MIN_STAGE_S = 60
const MAX_STAGE_MS = 20 * 60_000

/** The rules that a release has when nothing is said in its settings. */
export function defaultRules(blockMs: number, weights: readonly number[]): Rules {
  const stages = weights.filter((weight) => weight < 100).length
  return { ...DEFAULT_RULES, maxStageMs: MAX_STAGE_MS, blockMs, stages }
}

/** Judges one rollout of the line protocol with the rules that a release has by default. */
export class ProtocolRollout {
  private readonly judge: EvidenceJudge
  private readonly counters: Counters
  private readonly places: readonly number[]
  private readonly kinds: number

  constructor({ stages, scrapeSeconds, bucketBounds, history }: ProtocolStart) {
    const blockMs = scrapeSeconds * 1000
    // All bounds are counted while stable is looked at; afterwards only those that were picked.
    const probe = new Counters(2 + bucketBounds.length, blockMs)
    const before = [...history].sort((one, other) => one.t - other.t)
    for (const { samples } of before) {
      for (const one of samples) if (one.colour === 'stable') probe.add(toScrape(one, bucketBounds.keys()))
    }
    const { stable } = probe.advance(0)
    const boundaries = pickBoundaries(bucketBounds, stable.slice(2), stable[0] ?? 0)
    this.places = boundaries.map(({ index }) => index)
    const metrics = goldenMetrics({ boundaries, unit: 's' })
    this.kinds = metrics.length
    this.judge = new EvidenceJudge(defaultRules(blockMs, stages), metrics)
    this.counters = new Counters(1 + this.kinds, blockMs)
    for (const { t, samples } of before) {
      if (t > 0) continue
      for (const one of samples) this.take(one)
      this.judge.learn(this.counted(t))
    }
  }

  private take(sample: ProtocolSample): void {
    const { counts, ...rest } = toScrape(sample, this.places)
    const [requests = 0, errors = 0, ...below] = counts
    this.counters.add({ ...rest, counts: [requests, errors, ...below.map((count) => requests - count)] })
  }

  private counted(t: number) {
    const added = this.counters.advance(t * 1000)
    return Array.from({ length: this.kinds }, (_, kind) => countedOf(added, kind + 1))
  }

  tick({ t, stage, weight, nextWeight, stageT, samples }: ProtocolTick): Judgement {
    for (const one of samples) this.take(one)
    const age = { stageMs: stageT * 1000, maxMs: MAX_STAGE_MS }
    this.judge.observe({ stage, weight, nextWeight, ...age, counted: this.counted(t) })
    const { judgement } = this.judge
    if (judgement.ruling === 'hold' && stageT * 1000 >= MAX_STAGE_MS) return { ...judgement, ruling: 'inconclusive' }
    if (judgement.ruling !== 'advance' || stageT >= MIN_STAGE_S) return judgement
    return { ...judgement, ruling: 'hold', reason: `${MIN_STAGE_S} s at least` }
  }
}

function toScrape({ colour, series, t, requests, errors, buckets }: ProtocolSample, places: Iterable<number>) {
  const below = [...places].map((place) => buckets[place] ?? 0)
  return { side: colour, pod: series, at: t * 1000, counts: [requests, errors, ...below] }
}
