import { toDuration } from './duration.ts'

/**
 * A condition under which a request takes the candidate whatever the weight: a header or a cookie of this value, or
 * the router's own words (`custom`, the value is its JSON).
 */
export interface Match {
  readonly by: 'header' | 'cookie' | 'custom'
  /** Of the header or the cookie; empty for `custom`. */
  readonly name: string
  readonly value: string
}

/** Who reaches the candidate beside its weight. */
export interface Audience {
  /** Requests of any of these are the candidate's. */
  readonly match: readonly Match[]
  /** Percent of stable's requests that the candidate gets a copy of; its answers go nowhere. */
  readonly mirror: number
}

/** Nobody reaches the candidate but by its weight. */
export const NOBODY: Audience = { match: [], mirror: 0 }

/** How requests are shared: `weight` is the candidate's percent, 0 to 100. */
export interface Route extends Audience {
  readonly weight: number
}

/** Whether anybody reaches the candidate beside its weight. */
export const hasAudience = ({ match, mirror }: Audience): boolean => match.length > 0 || mirror > 0

/** An audience for people, to be put behind the shares; empty for nobody. */
export function describeAudience({ match, mirror }: Audience, candidate: string): string {
  const asked = match.map(({ by, name, value }) => (by === 'custom' ? value : `${by} ${name}=${value}`))
  return [
    asked.length === 0 ? '' : `, ${candidate} for ${asked.join(' or ')}`,
    mirror === 0 ? '' : `, copies of ${mirror} % to ${candidate}`,
  ].join('')
}

/** A route held for a bake time under gates. */
export interface Stage {
  readonly name: string
  readonly route: Route
  /** The stage is held at least this long. */
  readonly minMs: number
  /** Without a decision after this long the stage is inconclusive. */
  readonly maxMs: number
  readonly gates: readonly string[]
  /** After the stage has passed, the release waits for a person. */
  readonly approval: boolean
}

/** What to do where the user may choose. */
export interface Policies {
  readonly onInconclusive: 'revert' | 'pause' | 'continue'
  readonly onCancel: 'revert' | 'hold'
  readonly onLost: 'revert' | 'hold'
  readonly onDrift: 'stop' | 'reassert'
  readonly capacity: 'require' | 'warn'
  /** A pause that nobody ends within this time is reverted by `sweep`. */
  readonly maxPauseMs: number
  /** The old colour stays this long after a promotion; null: until the next release takes its place. */
  readonly keepOldMs: number | null
}

/** How many failures of a kind a release tolerates. */
export interface Limits {
  /** Failing analyses of a stage that are tolerated before it reverts. */
  readonly fails: number
  /** Steps forward that may fail in a row (API server away) before the release turns back. */
  readonly steps: number
  /** Tries to bring traffic back before the release is declared stuck. */
  readonly reverts: number
}

/** The whole course of a release. */
export interface Plan {
  readonly strategy: string
  readonly stages: readonly Stage[]
  /** `swap`: the candidate becomes stable. `replace`: stable receives the candidate's version, traffic goes back to it. */
  readonly ending: 'swap' | 'replace'
  /** What happens to the track that no longer serves. */
  readonly retire: 'keep' | 'remove'
  /** The weight to return to: 0, or 100 for the first release of all, which has no other colour to serve. */
  readonly base: number
  /** Time between analyses within a bake. */
  readonly intervalMs: number
  /** After a weight is written the data plane needs this long; gates look only at what came later. */
  readonly settleMs: number
  /** The candidate's pods must be ready within this time. */
  readonly readyMs: number
  readonly limits: Limits
  readonly policies: Policies
}

/** What a traffic provider can do, so that a plan it cannot honour is refused before anything moves. */
export interface Support {
  /** The smallest step of weight in percent; 1 where weights are whole percents. */
  readonly precision: number
  /** What it can tell requests by. */
  readonly match: readonly Match['by'][]
  readonly mirror: boolean
}

/** Every reason why this plan cannot be driven; empty when it can. */
export function checkPlan(plan: Plan, supports: Support, knownGates: readonly string[]): string[] {
  const problems: string[] = []
  let previous = -1
  let isAfterAudience = false
  for (const stage of plan.stages) {
    const { weight, match, mirror } = stage.route
    if (!(weight >= 0 && weight <= 100)) problems.push(`stage ${stage.name}: weight ${weight} is not between 0 and 100`)
    if (weight < previous || (weight === previous && !hasAudience(stage.route) && !isAfterAudience)) {
      problems.push(`stage ${stage.name}: weight ${weight} does not rise above ${previous}`)
    }
    if (!(mirror >= 0 && mirror <= 100)) problems.push(`stage ${stage.name}: mirror ${mirror} is not between 0 and 100`)
    if (Math.abs(weight / supports.precision - Math.round(weight / supports.precision)) > 1e-9) {
      problems.push(`stage ${stage.name}: weight ${weight} cannot be reached in steps of ${supports.precision}`)
    }
    for (const { by } of match) {
      if (supports.match.includes(by)) continue
      const can = supports.match.length === 0 ? 'not at all' : `by ${supports.match.join(', ')}`
      problems.push(`stage ${stage.name}: this router cannot tell requests by ${by} (it can ${can})`)
    }
    if (mirror > 0 && !supports.mirror) problems.push(`stage ${stage.name}: this router cannot mirror requests`)
    if (stage.maxMs < stage.minMs) {
      problems.push(
        `stage ${stage.name}: max ${toDuration(stage.maxMs)} is shorter than min ${toDuration(stage.minMs)}`,
      )
    }
    for (const gate of stage.gates) {
      if (!knownGates.includes(gate)) {
        problems.push(`stage ${stage.name}: there is no gate "${gate}" (there are: ${knownGates.join(', ') || 'none'})`)
      }
    }
    previous = weight
    isAfterAudience = hasAudience(stage.route)
  }
  const last = plan.stages.at(-1)
  if (last !== undefined && plan.ending === 'swap' && last.route.weight !== 100) {
    problems.push(`the last stage has weight ${last.route.weight}, it must be 100`)
  }
  return problems
}
