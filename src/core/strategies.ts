import type { Limits, Match, Plan, Policies, Stage } from './plan.ts'

/** What every strategy may be told; times in milliseconds. */
export interface StrategyOptions {
  readonly gates?: readonly string[]
  readonly intervalMs?: number
  readonly settleMs?: number
  readonly readyMs?: number
  readonly retire?: Plan['retire']
  readonly ending?: Plan['ending']
  readonly limits?: Partial<Limits>
  readonly policies?: Partial<Policies>
}

/** A stage as a person names it: only the weight is needed. */
export interface StageOptions {
  readonly weight: number
  readonly name?: string
  readonly minMs?: number
  readonly maxMs?: number
  readonly gates?: readonly string[]
  readonly approval?: boolean
  /** Requests that are the candidate's whatever the weight. */
  readonly match?: readonly Match[]
  /** Percent of stable's requests that the candidate gets a copy of, 0 to 100. */
  readonly mirror?: number
}

/** Stages of a canary: weights that rise and end at 100. */
export interface CanaryOptions extends StrategyOptions {
  /** Weights in percent, or stages with times of their own. */
  readonly stages: readonly (number | StageOptions)[]
}

/** Times of the two stages of a blue/green release. */
export interface BlueGreenOptions extends StrategyOptions {
  /** How long the candidate is checked before it serves anyone. */
  readonly previewMs?: number
  /** How long the new colour is watched after the switch. */
  readonly watchMs?: number
}

export const DEFAULT_POLICIES: Policies = {
  onInconclusive: 'revert',
  onCancel: 'revert',
  onLost: 'revert',
  onDrift: 'stop',
  capacity: 'require',
  maxPauseMs: 24 * 3_600_000,
  keepOldMs: null,
}

export const DEFAULT_LIMITS: Limits = { fails: 0, steps: 5, reverts: 60 }

export const DEFAULT_MIN_MS = 60_000
export const DEFAULT_MAX_MS = 30 * 60_000

function toStage(written: number | StageOptions, gates: readonly string[]): Stage {
  const stage = typeof written === 'number' ? { weight: written } : written
  const minMs = stage.minMs ?? DEFAULT_MIN_MS
  return {
    name: stage.name ?? `${stage.weight}%`,
    route: { weight: stage.weight, match: stage.match ?? [], mirror: stage.mirror ?? 0 },
    minMs,
    maxMs: stage.maxMs ?? Math.max(DEFAULT_MAX_MS, minMs),
    gates: stage.gates ?? gates,
    approval: stage.approval ?? false,
  }
}

function toPlan(strategy: string, stages: readonly Stage[], options: StrategyOptions): Plan {
  return {
    strategy,
    stages,
    ending: options.ending ?? 'swap',
    retire: options.retire ?? 'keep',
    base: 0,
    intervalMs: options.intervalMs ?? 15_000,
    settleMs: options.settleMs ?? 10_000,
    readyMs: options.readyMs ?? 10 * 60_000,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    policies: { ...DEFAULT_POLICIES, ...options.policies },
  }
}

/** Traffic rises through the stages, each held until its gates pass. */
export function canary(options: CanaryOptions): Plan {
  const gates = options.gates ?? []
  return toPlan(
    'canary',
    options.stages.map((stage) => toStage(stage, gates)),
    options,
  )
}

/** The candidate is checked at weight 0, then takes all traffic in one step; the way back is one step too. */
export function blueGreen(options: BlueGreenOptions): Plan {
  const gates = options.gates ?? []
  const preview = { weight: 0, name: 'preview', minMs: options.previewMs ?? 0, gates: [] }
  const serve = { weight: 100, name: 'switch', minMs: options.watchMs ?? DEFAULT_MIN_MS }
  return toPlan('blue-green', [toStage(preview, gates), toStage(serve, gates)], options)
}

/**
 * Blue/green whose second environment exists only during the release: what no longer serves is removed, the candidate
 * after a revert, the old colour after the promotion (or by `sweep`, when `keepOldMs` says so).
 */
export function redBlack(options: BlueGreenOptions): Plan {
  return { ...blueGreen({ ...options, retire: 'remove' }), strategy: 'red-black' }
}

/** A test of two versions with an audience of its own, which ends in a choice. */
export interface AbTestOptions extends StrategyOptions {
  /** Whose requests the candidate answers. */
  readonly match: readonly Match[]
  /** Percent of all other requests that are the candidate's too, 0 to 99; default 0. */
  readonly weight?: number
  /** The test runs at least this long, and at most. */
  readonly minMs?: number
  readonly maxMs?: number
  /** A person decides after the test has passed. */
  readonly approval?: boolean
}

/**
 * The candidate serves an audience until its gates choose it: then it takes all requests in one step. A gate that
 * fails, or a test without a decision, keeps stable.
 */
export function abTest(options: AbTestOptions): Plan {
  const { match, weight = 0, minMs, maxMs, approval } = options
  const test = {
    ...{ weight, match, name: 'test' },
    ...(minMs !== undefined && { minMs }),
    ...(maxMs !== undefined && { maxMs }),
    ...(approval !== undefined && { approval }),
  }
  const serve = { weight: 100, name: 'switch' }
  const gates = options.gates ?? []
  return toPlan('ab-test', [toStage(test, gates), toStage(serve, gates)], options)
}

/**
 * The first release of all: the colour that already has the weight is deployed, no stage is taken, and there is
 * nothing to go back to, so that even a failure leaves the weights as they are.
 */
export function firstRelease(plan: Plan): Plan {
  return { ...plan, strategy: 'first-release', stages: [], ending: 'swap', retire: 'keep', base: 100 }
}
