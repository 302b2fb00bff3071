import { ProtocolRollout, type ProtocolSample, type ProtocolStart } from '../../src/core/judge-protocol.ts'
import type { Answer, Rule } from './simulator.ts'

/** Our own rule, as a release has it by default. */
export function ours(start: ProtocolStart): Rule {
  const rollout = new ProtocolRollout(start)
  return { tick: (tick) => rollout.tick(tick).ruling }
}

interface Sums {
  readonly requests: number
  readonly errors: number
  readonly buckets: readonly number[]
}

/** What the last minutes added, by subtracting scrapes as `increase()` does. */
class Window {
  private readonly kept: { t: number; samples: readonly ProtocolSample[] }[] = []
  private readonly seconds: number

  constructor(seconds: number) {
    this.seconds = seconds
  }

  add(t: number, samples: readonly ProtocolSample[]): void {
    this.kept.push({ t, samples })
    while ((this.kept[0]?.t ?? t) < t - this.seconds) this.kept.shift()
  }

  of(colour: 'candidate' | 'stable'): Sums {
    let requests = 0
    let errors = 0
    let buckets: number[] = []
    const names = new Set(this.kept.flatMap(({ samples }) => samples.map((one) => one.series)))
    for (const name of names) {
      const points = this.kept.flatMap(({ samples }) => samples.filter((s) => s.series === name && s.colour === colour))
      for (let k = 1; k < points.length; k += 1) {
        const [from, to] = [points[k - 1], points[k]]
        if (from === undefined || to === undefined || from.t === to.t) continue
        const isReset = to.requests < from.requests
        requests += to.requests - (isReset ? 0 : from.requests)
        errors += to.errors - (isReset ? 0 : from.errors)
        buckets = to.buckets.map(
          (value, index) => (buckets[index] ?? 0) + value - (isReset ? 0 : (from.buckets[index] ?? 0)),
        )
      }
    }
    return { requests, errors, buckets }
  }
}

/** The 99th percentile by the histogram, in seconds, as histogram_quantile gives it. */
function p99({ requests, buckets }: Sums, bounds: readonly number[]): number {
  const rank = 0.99 * requests
  const index = buckets.findIndex((count) => count >= rank)
  if (index < 0) return bounds.at(-1) ?? Number.NaN
  const [lower, before] = index === 0 ? [0, 0] : [bounds[index - 1] ?? 0, buckets[index - 1] ?? 0]
  const inside = (buckets[index] ?? 0) - before
  return lower + ((bounds[index] ?? 0) - lower) * (inside > 0 ? (rank - before) / inside : 1)
}

const MOST_P99_S = 0.5

/** Flagger's documented analysis: each minute 99 % success and p99 ≤ 500 ms of the candidate alone, 5 failures revert. */
export function flagger({ bucketBounds }: ProtocolStart): Rule {
  const window = new Window(60)
  let failed = 0
  return {
    tick({ t, samples, stageT }): Answer {
      window.add(t, samples)
      if (t % 60 !== 0 || stageT < 60) return 'hold'
      const sums = window.of('candidate')
      const isGood = sums.requests > 0 && sums.errors / sums.requests <= 0.01 && p99(sums, bucketBounds) <= MOST_P99_S
      if (isGood) return 'advance'
      failed += 1
      return failed >= 5 ? 'revert' : 'hold'
    },
  }
}

/** The rule of Argo Rollouts' documentation: each minute 95 % success over 5 minutes, 5 minutes a stage, none may fail. */
export function argo({ bucketBounds }: ProtocolStart): Rule {
  const window = new Window(300)
  return {
    tick({ t, samples, stageT }): Answer {
      window.add(t, samples)
      if (t % 60 !== 0) return 'hold'
      const sums = window.of('candidate')
      const isGood = sums.requests > 0 && sums.errors / sums.requests <= 0.05 && p99(sums, bucketBounds) <= MOST_P99_S
      if (!isGood) return 'revert'
      return stageT >= 300 ? 'advance' : 'hold'
    },
  }
}

/** "One and a half times stable on one minute", 5 minutes a stage. */
export function ratio({ bucketBounds }: ProtocolStart): Rule {
  const window = new Window(60)
  return {
    tick({ t, samples, stageT }): Answer {
      window.add(t, samples)
      if (t % 60 !== 0) return 'hold'
      const [candidate, stable] = [window.of('candidate'), window.of('stable')]
      if (candidate.requests === 0) return 'revert'
      const share = (sums: Sums): number => sums.errors / Math.max(1, sums.requests)
      const isWorse =
        share(candidate) > 1.5 * share(stable) || p99(candidate, bucketBounds) > 1.5 * p99(stable, bucketBounds)
      if (isWorse) return 'revert'
      return stageT >= 300 ? 'advance' : 'hold'
    },
  }
}
