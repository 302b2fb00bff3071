import type { MetricEvidence } from '../../src/core/evidence-judge.ts'
import { UNKNOWN_ORIGIN, type Release, type ReleaseEvent } from '../../src/core/events.ts'
import { NOBODY } from '../../src/core/plan.ts'
import { evolve, start } from '../../src/core/state.ts'
import { canary } from '../../src/core/strategies.ts'
import { toRecord, type ReleaseRecord } from '../../src/report/record.ts'
import { Random } from '../../scripts/gate-bench/random.ts'

export interface LongOptions {
  readonly weights: readonly number[]
  readonly hours: number
  readonly metrics: number
  readonly everyMs: number
  /** At this look of the release the candidate has this share of errors, and at no other one. */
  readonly spike?: { readonly look: number; readonly share: number }
}

/** The record of a promoted release with a look at the gates every few seconds, with counts as a service has them. */
export function longRelease({ weights, hours, metrics, everyMs, spike }: LongOptions): ReleaseRecord {
  const random = new Random(7)
  const plan = canary({ stages: weights.map((weight) => ({ weight, gates: ['evidence'] })) })
  const release: Release = {
    ...{ id: 'shop-2.0-long', service: 'shop', version: '2.0', previousVersion: '1.9' },
    ...{ stable: 'blue', candidate: 'green', by: 'owner/repo#42/1 (octocat)' },
    ...{ origin: UNKNOWN_ORIGIN, previousOrigin: UNKNOWN_ORIGIN, members: [] },
  }
  let at = Date.parse('2026-03-01T12:00:00Z')
  const started: ReleaseEvent = { at, type: 'release-started', release, plan, weight: 0 }
  const journal: ReleaseEvent[] = [
    started,
    { at: (at += 20_000), type: 'candidate-deployed', tookMs: 20_000 },
    { at: (at += 5_000), type: 'candidate-inspected', ready: true, summary: '4/4 pods ready' },
  ]
  const looks = Math.floor((hours * 3_600_000) / everyMs / weights.length)
  let look = 0
  for (const { name, route } of plan.stages) {
    const { weight } = route
    journal.push({ at: (at += 1000), type: 'candidate-inspected', ready: true, summary: '4 ready pods, 1 needed' })
    journal.push({ at: (at += 1000), type: 'traffic-shifted', audience: NOBODY, weight, tookMs: 12 })
    const counts = Array.from({ length: metrics }, () => ({ nC: 0, xC: 0, nS: 0, xS: 0 }))
    for (let index = 0; index < looks; index += 1) {
      look += 1
      const requests = random.poisson((300 * everyMs) / 1000)
      const nC = random.binomial(requests, weight / 100)
      const evidence = counts.map((sum, kind): MetricEvidence => {
        const share = 0.002 + kind * 0.004
        const hit = kind === 0 && spike?.look === look ? Math.round(nC * spike.share) : random.binomial(nC, share)
        sum.nC += nC
        sum.xC += hit
        sum.nS += requests - nC
        sum.xS += random.binomial(requests - nC, share)
        const numbers = { revert: random.next() + 0.2, pass: random.next() * 20, passDelta: 0.01, dispersion: 1.1 }
        const metric = kind === 0 ? 'errors' : `slower than ${kind * 50} ms`
        return { metric, counts: { ...sum }, limit: { rho: 1.5, delta: 0.001 }, ...numbers }
      })
      const odds = { against: random.next() + 0.2, revertAt: 50, goingOn: random.next() * 20, passAt: 20 }
      const measurement = { value: 0.002, limit: 0.01, baseline: 0.002, query: 'istio_requests_total{…}[60s]' }
      const reason = 'errors: candidate 0.2 % of 12345 requests, stable 0.2 % of 54321; nothing is ruled out yet'
      journal.push({
        ...{ at: (at += everyMs), type: 'analysis-completed', stage: name, verdict: 'undecided' },
        measurements: [{ gate: 'evidence', verdict: 'undecided', reason, ...measurement, evidence, odds }],
      })
    }
    journal.push({ at: (at += 10), type: 'stage-passed', stage: name, reason: 'evidence passed' })
  }
  journal.push({ at: (at += 1000), type: 'release-finished', outcome: 'promoted', reason: 'every stage passed' })
  const state = journal.slice(1).reduce(evolve, start(started))
  return toRecord({ outcome: 'promoted', reason: 'every stage passed', release, state, journal }, null)
}
