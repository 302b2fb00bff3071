import { parseDuration } from '../core/duration.ts'
import { hasAudience, type Match, type Plan, type Policies } from '../core/plan.ts'
import {
  abTest,
  blueGreen,
  canary,
  DEFAULT_MAX_MS,
  DEFAULT_MIN_MS,
  redBlack,
  type StageOptions,
} from '../core/strategies.ts'
import type { WrittenConfig, WrittenMatch, WrittenStage } from './read.ts'
import type { Routing } from './routing.ts'

const DEFAULT_STAGES = [1, 5, 25, 50, 100]
/** With pods alone a step is a tenth at best, and the last one is the main track's own deployment. */
const DEFAULT_TRACK_STAGES = [10, 50]
/** The gate of a test of two versions. */
export const GOAL = 'goal'

type Wrong = (path: string, message: string) => void

function toMatch(written: WrittenMatch, path: string, wrong: Wrong): Match {
  const { header, cookie, custom, value } = written
  const given = [header, cookie, custom].filter((one) => one !== undefined)
  if (given.length !== 1) wrong(path, 'exactly one of header, cookie and custom is wanted')
  if (custom !== undefined) {
    try {
      const parsed: unknown = JSON.parse(custom)
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('no object')
    } catch {
      wrong(`${path}.custom`, `"${custom}" is no JSON object, such as {"uri": {"prefix": "/beta"}}`)
      return { by: 'custom', name: '', value: '{}' }
    }
    return { by: 'custom', name: '', value: custom }
  }
  if (header !== undefined && value === undefined) wrong(`${path}.value`, 'is missing; the value of the header')
  return header === undefined
    ? { by: 'cookie', name: cookie ?? '', value: value ?? 'always' }
    : { by: 'header', name: header, value: value ?? '' }
}

class Planner {
  private readonly config: WrittenConfig
  private readonly routing: Routing
  /** Gates by name; the ones of the user's own are asked where a stage names them. */
  private readonly known: readonly string[]
  private readonly wrong: Wrong

  constructor(config: WrittenConfig, routing: Routing, known: readonly string[], wrong: Wrong) {
    this.config = config
    this.routing = routing
    this.known = known
    this.wrong = wrong
  }

  /** Signals watch every stage that serves; a check watches the stages that name it, or all when none does. */
  private gatesOf(hasTraffic: boolean, named: readonly string[]): readonly string[] {
    const checks = Object.keys(this.config.gates?.checks ?? {})
    const claimed = new Set((this.config.stages ?? []).flatMap((stage) => stage.checks ?? []))
    const signals = hasTraffic ? this.known.filter((name) => !checks.includes(name) && name !== GOAL) : []
    return [
      ...signals,
      ...checks.filter((name) => named.includes(name) || !claimed.has(name)),
      ...named.filter((name) => !checks.includes(name)),
    ]
  }

  private policies(): Partial<Policies> {
    const written = this.config.policies ?? {}
    const keepOld = written['keep-old']
    const keepOldMs = keepOld === undefined || keepOld === 'forever' ? null : (parseDuration(keepOld) ?? -1)
    if (keepOldMs === -1) {
      this.wrong('policies.keep-old', `"${keepOld ?? ''}" is neither forever nor a time such as 24h`)
    }
    return {
      ...(written['on-inconclusive'] !== undefined && { onInconclusive: written['on-inconclusive'] }),
      ...(written['on-cancel'] !== undefined && { onCancel: written['on-cancel'] }),
      ...(written['on-lost'] !== undefined && { onLost: written['on-lost'] }),
      ...(written['on-drift'] !== undefined && { onDrift: written['on-drift'] }),
      ...(written['max-pause'] !== undefined && { maxPauseMs: written['max-pause'] }),
      ...(written.capacity !== undefined && { capacity: written.capacity }),
      keepOldMs,
    }
  }

  private stage(written: WrittenStage, index: number): StageOptions {
    const { name, min, max, approval, checks = [], mirror = 0 } = written
    const path = `stages[${index}]`
    const match = (written.match ?? []).map((one, place) => toMatch(one, `${path}.match[${place}]`, this.wrong))
    const audience = hasAudience({ match, mirror })
    if (written.weight === undefined && !audience) this.wrong(path, 'weight is missing')
    const { weight = 0 } = written
    const minMs = min ?? Math.min(DEFAULT_MIN_MS, max ?? DEFAULT_MIN_MS)
    const own = mirror > 0 ? `mirror ${mirror * 100}%` : audience ? `audience ${weight}%` : undefined
    const label = name ?? own
    return {
      weight,
      match,
      mirror: mirror * 100,
      minMs,
      maxMs: max ?? Math.max(DEFAULT_MAX_MS, minMs),
      gates: this.gatesOf(weight > 0 || audience, checks),
      ...(label !== undefined && { name: label }),
      ...(approval !== undefined && { approval }),
    }
  }

  plan(): Plan {
    const { config, routing } = this
    const { strategy = 'canary', test } = config
    if (routing.hasTracks && config.ending === 'swap') {
      this.wrong('ending', `with ${routing.router} the main track gets the version in the end: replace`)
    }
    const ending = config.ending ?? (routing.hasTracks ? ('replace' as const) : ('swap' as const))
    const common = {
      ending,
      // A canary that has done its work goes; a colour stays as the way back.
      ...(ending === 'replace' && { retire: 'remove' as const }),
      policies: this.policies(),
      ...(config.interval !== undefined && { intervalMs: config.interval }),
      ...(config.traffic?.settle !== undefined && { settleMs: config.traffic.settle }),
      ...(config['ready-timeout'] !== undefined && { readyMs: config['ready-timeout'] }),
    }
    if (strategy !== 'canary' && config.stages !== undefined) {
      this.wrong('stages', `${strategy} has its own two stages; leave them out`)
    }
    if (strategy === 'ab-test') {
      const match = (test?.match ?? []).map((one, place) => toMatch(one, `test.match[${place}]`, this.wrong))
      if (match.length === 0) this.wrong('test.match', 'is missing; whose requests the candidate answers')
      const { weight, min, max, approval } = test ?? {}
      const signals = this.gatesOf(true, [])
      const plan = abTest({
        ...common,
        match,
        gates: signals,
        ...(weight !== undefined && { weight }),
        ...(min !== undefined && { minMs: min }),
        ...(max !== undefined && { maxMs: max }),
        approval: approval ?? !this.known.includes(GOAL),
      })
      const goal = this.known.includes(GOAL) ? [GOAL] : []
      const stages = plan.stages.map((stage) =>
        stage.name === 'test' ? { ...stage, gates: [...stage.gates, ...goal] } : stage,
      )
      return { ...plan, stages }
    }
    if (strategy === 'blue-green' || strategy === 'red-black') {
      const make = strategy === 'blue-green' ? blueGreen : redBlack
      const plan = make({ ...common, gates: this.gatesOf(true, []) })
      const preview = this.gatesOf(false, [])
      return {
        ...plan,
        stages: plan.stages.map((stage) => (stage.route.weight === 0 ? { ...stage, gates: preview } : stage)),
      }
    }
    const fallback = routing.hasTracks ? DEFAULT_TRACK_STAGES : DEFAULT_STAGES
    const written = config.stages ?? fallback.map((weight): WrittenStage => ({ weight }))
    return canary({ ...common, stages: written.map((stage, index) => this.stage(stage, index)) })
  }
}

/** The plan that the settings ask for. @param wrong is told what does not fit together */
export function planOf(config: WrittenConfig, routing: Routing, known: readonly string[], wrong: Wrong): Plan {
  return new Planner(config, routing, known, wrong).plan()
}
