import type { Moment, Scenario } from './simulator.ts'

type Kind = Omit<Scenario, 'isHealthy'>

const share = (errors: number) => () => ({ errors })
/** An outage of something both versions need: 90 s every 10 minutes. */
const inOutage = ({ t }: Moment): boolean => (t + 3600) % 600 < 90
const swing = (t: number): number => 200 * (1 + 0.5 * Math.sin((2 * Math.PI * t) / 900))

/** Rollouts of versions that are not worse than is tolerated. */
const healthy: readonly Kind[] = [
  { name: 'equal, 0.5 %', candidate: share(0.005) },
  { name: 'equal, 5 rps, 1 %', rps: 5, pods: 2, stable: share(0.01), candidate: share(0.01) },
  { name: 'equal, high base of 3 %', stable: share(0.03), candidate: share(0.03) },
  { name: 'equal, clean, 2000 rps', rps: 2000, stable: share(0.0001), candidate: share(0.0001) },
  { name: 'load swings', rps: swing, candidate: share(0.005) },
  {
    name: 'shared outages',
    stable: (moment) => ({ errors: inOutage(moment) ? 0.25 : 0.005 }),
    candidate: (moment) => ({ errors: inOutage(moment) ? 0.25 : 0.005 }),
  },
  { name: 'bursts of 8', burst: 8, candidate: share(0.005) },
  { name: 'restarts and missed scrapes', restarts: 0.05, missed: 0.1, candidate: share(0.005) },
  { name: 'cold start: 8 % for 20 s', candidate: ({ stageT }) => ({ errors: stageT < 20 ? 0.08 : 0.005 }) },
  { name: '1.2 times stable', stable: share(0.005), candidate: share(0.006) },
  { name: 'equal, 20 rps', rps: 20, pods: 3, candidate: share(0.005) },
  { name: 'coarse buckets, slow', bounds: [0.1, 1, 10], latency: 0.4, candidate: share(0.005) },
  {
    name: 'errors swing together',
    stable: ({ t }) => ({ errors: 0.005 * (1 + 0.7 * Math.sin(t / 120)) }),
    candidate: ({ t }) => ({ errors: 0.005 * (1 + 0.7 * Math.sin(t / 120)) }),
  },
]

/** Rollouts of versions that are worse. */
const faulty: readonly Kind[] = [
  { name: 'outage: 30 %', candidate: share(0.3) },
  { name: '0.5 → 5 %', candidate: share(0.05) },
  { name: '0.5 → 2 %', candidate: share(0.02) },
  { name: '0.5 → 1.25 %', candidate: share(0.0125) },
  { name: 'clean → 0.5 %', stable: share(0.0001), candidate: share(0.005) },
  { name: '3 → 7 %', stable: share(0.03), candidate: share(0.07) },
  { name: 'late: 5 % after 2 to 12 min', candidate: ({ t, late }) => ({ errors: t >= late ? 0.05 : 0.005 }) },
  { name: 'only under load', candidate: ({ weight }) => ({ errors: weight >= 20 ? 0.05 : 0.005 }) },
  { name: 'latency × 2', candidate: () => ({ errors: 0.005, slower: 2 }) },
  { name: 'latency × 1.5', candidate: () => ({ errors: 0.005, slower: 1.5 }) },
  { name: '5 % take 2 s longer', candidate: () => ({ errors: 0.005, stuck: 0.05 }) },
  { name: '5 rps → 20 %', rps: 5, pods: 2, stable: share(0.01), candidate: share(0.2) },
  {
    name: 'hidden in a shared outage',
    stable: (moment) => ({ errors: inOutage(moment) ? 0.25 : 0.005 }),
    candidate: (moment) => ({ errors: inOutage(moment) ? 0.4 : 0.05 }),
  },
  { name: 'bursts of 8, 0.6 → 3.6 %', burst: 8, stable: share(0.006), candidate: share(0.036) },
  { name: 'crash: nothing answers', candidate: () => ({ errors: 1, gone: true }) },
  { name: '2000 rps, 0.2 → 0.8 %', rps: 2000, stable: share(0.002), candidate: share(0.008) },
  { name: 'leak: 0.4 points a minute', candidate: ({ t }) => ({ errors: 0.005 + (0.004 * Math.max(0, t)) / 60 }) },
]

export const HEALTHY: readonly Scenario[] = healthy.map((kind) => ({ ...kind, isHealthy: true }))
export const FAULTY: readonly Scenario[] = faulty.map((kind) => ({ ...kind, isHealthy: false }))
