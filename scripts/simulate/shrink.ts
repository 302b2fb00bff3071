import { simulate, type Outcome } from './run.ts'
import type { Scenario } from './scenario.ts'

/** The lists of a scenario with one element left out. */
function* smaller(scenario: Scenario): Generator<Scenario> {
  for (const [index] of scenario.faults.entries()) {
    yield { ...scenario, faults: scenario.faults.filter((_, other) => other !== index) }
  }
  for (const [index, one] of scenario.happenings.entries()) {
    // Without the first release there is nothing to look at.
    if (index > 0 || one.what !== 'command') {
      yield { ...scenario, happenings: scenario.happenings.filter((_, other) => other !== index) }
    }
  }
  if (scenario.course !== 'canary') yield { ...scenario, course: 'canary' }
  if (scenario.badFrom < 101) yield { ...scenario, badFrom: 101 }
  if (scenario.isCrowded) yield { ...scenario, isCrowded: false }
  if (scenario.isNeverReady) yield { ...scenario, isNeverReady: false }
  if (scenario.approval >= 0) yield { ...scenario, approval: -1 }
  if (scenario.helmfile !== 'fine') yield { ...scenario, helmfile: 'fine' }
  if (scenario.gate !== 'query') yield { ...scenario, gate: 'query' }
}

/** The smallest scenario found that breaks the same rule: one thing after the other is left out. */
export async function shrink(scenario: Scenario): Promise<Outcome> {
  let smallest = await simulate(scenario)
  const rule = smallest.violations[0]?.rule
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false
    for (const candidate of smaller(smallest.scenario)) {
      const found = await simulate(candidate)
      if (found.violations[0]?.rule !== rule || rule === undefined) continue
      smallest = found
      isSmaller = true
      break
    }
  }
  return smallest
}
