// Plants one defect after the other in a copy of the product and shows which seed finds it:
// node scripts/simulate/mutants.ts [--seeds N]. The table is for docs/simulation.md.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

interface Mutant {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const MUTANTS: readonly Mutant[] = [
  {
    name: 'what was written is not read back',
    file: 'traffic/routed-object.ts',
    from: 'if (live.has(change.shares) && (audience === null || live.serves(audience, audience.colour))) return live',
    to: 'return live',
  },
  {
    name: 'a write does not look at the fence',
    file: 'traffic/routed-object.ts',
    from: 'if (by !== undefined) throw overtaken(describeObject(object), by)',
    to: 'if (by === "") throw overtaken(describeObject(object), by)',
  },
  {
    name: 'a patch carries no version and no test of the fence',
    file: 'traffic/routed-object.ts',
    from: '    return [...head, ...operations]',
    to: "    return [...head.slice(1), ...operations.filter(({ op }) => op !== 'test')]",
  },
  {
    name: 'the way back trusts memory',
    file: 'steps.ts',
    from: "const expected = phase === 'reverting' ? null : [this.expectedShares(), target]",
    to: 'const expected = [this.expectedShares(), target]',
  },
  {
    name: 'drift is not looked for',
    file: 'steps.ts',
    from: "return live.unfinished === '' && !isOurs",
    to: "return live.object === '' && !isOurs",
  },
  {
    name: 'listeners are told before the write',
    file: 'ledger.ts',
    from: '    const before = { state: this.state, unsaved: [...this.unsaved] }\n    this.happen(draft)\n',
    to: '    const before = { state: this.state, unsaved: [...this.unsaved] }\n    this.happen(draft)\n    this.observe()\n',
  },
  {
    name: 'a failed write counts as done',
    file: 'ledger.ts',
    from: '      this.state = before.state\n      this.unsaved = before.unsaved\n      throw thrown',
    to: '      if (before.unsaved.length < 0) throw thrown',
  },
  {
    name: 'NaN is zero',
    file: 'gates/query.ts',
    from: 'return { value: first.value, missing }',
    to: "return { value: Number.isFinite(first.value) ? first.value : 0, missing: '' }",
  },
  {
    name: 'an empty answer is zero',
    file: 'gates/query.ts',
    from: "if (first === undefined) return { value: Number.NaN, missing: 'the query found nothing' }",
    to: "if (first === undefined) return { value: 0, missing: '' }",
  },
  {
    name: 'an answer that never came is a pass',
    file: 'gates/prometheus-api.ts',
    from: "return { verdict: 'error' as const,",
    to: "return { verdict: 'pass' as 'error',",
  },
  {
    name: 'inconclusive without data may go on',
    file: 'core/decide.ts',
    from: "if (policy === 'continue' && state.verdict === 'undecided')",
    to: "if (policy === 'continue')",
  },
  {
    name: 'weights rise without a look at the pods',
    file: 'core/decide.ts',
    from: 'if (!isMore || state.capable)',
    to: 'if (weight >= 0)',
  },
  {
    name: 'a failed verdict is forgotten at the border of a stage',
    file: 'core/decide.ts',
    from: 'if (state.fails > state.plan.limits.fails) return',
    to: 'if (state.fails > state.plan.limits.fails + 9) return',
  },
  {
    name: 'a lease that ran out is taken without watching it',
    file: 'state/lease.ts',
    from: 'if (found !== null && found.metadata.resourceVersion !== version) throw this.held(specOf(found))',
    to: 'if (found !== null && version === "") throw this.held(specOf(found))',
  },
  {
    name: 'the sum of foreign destinations is not left alone',
    file: 'core/shares.ts',
    from: 'return [ours - candidate, candidate]',
    to: 'return [100 - candidate, candidate]',
  },
  {
    name: 'a secret stays in the events',
    file: 'ledger.ts',
    from: "typeof value === 'string' && FREE_TEXTS.has(key) ? mask(value) : value,",
    to: 'value,',
  },
  {
    name: 'a rollback goes on with the journal of what it rolls back',
    file: 'core/events.ts',
    from: "event?.type === 'release-started' || event?.type === 'rollback-started'",
    to: "event?.type === 'release-started'",
  },
  {
    name: 'a journal with a gap is taken as it is',
    file: 'drive.ts',
    from: 'if (!beginsAnew(first[0]) && !isDeepStrictEqual(replay(journal), saved.state)) {',
    to: 'if (journal.length > 1e9) {',
  },
  {
    name: 'an audience is left when nobody is wanted any more',
    file: 'traffic/own-rules.ts',
    from: '  are(wanted: ReadonlyMap<number, Fields>): boolean {\n',
    to: '  are(wanted: ReadonlyMap<number, Fields>): boolean {\n    if (wanted.size === 0) return true\n',
  },
  {
    name: 'red-black removes the colour that serves',
    file: 'core/decide.ts',
    from: "    return { do: 'retire', track: 'stable' }",
    to: "    return { do: 'retire', track: 'candidate' }",
  },
]

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '3000' }, only: { type: 'string', default: '' } },
})

/** The seed that finds it, and the rule that it breaks; null when none does. */
function hunt({ file, from, to }: Mutant): { readonly seed: number; readonly rule: string } | null {
  // Beside the sources: Node takes types only from files that no package folder holds.
  const folder = mkdtempSync('mutant-')
  try {
    for (const name of ['src', 'scripts']) cpSync(name, join(folder, name), { recursive: true })
    cpSync('package.json', join(folder, 'package.json'))
    symlinkSync('../node_modules', join(folder, 'node_modules'))
    const path = join(folder, 'src', file)
    const text = readFileSync(path, 'utf8')
    if (text.split(from).length !== 2) throw new Error(`${file} does not have exactly one "${from}"`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
    const args = ['scripts/simulate/main.ts', '--seeds', values.seeds, '--first']
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e9 })
    const found = /^FOUND (\d+) (.*)$/m.exec(stdout)
    return found === null ? null : { seed: Number(found[1]), rule: found[2] ?? '' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.stdout.write('| planted defect | seed | rule that it breaks |\n| --- | --- | --- |\n')
let missed = 0
for (const mutant of MUTANTS) {
  if (!mutant.name.includes(values.only)) continue
  const found = hunt(mutant)
  if (found === null) missed += 1
  process.stdout.write(`| ${mutant.name} | ${found?.seed ?? `none in ${values.seeds}`} | ${found?.rule ?? ''} |\n`)
}
process.exitCode = missed === 0 ? 0 : 1
