import { toDuration } from '../core/duration.ts'
import { isSwapped } from '../core/state.ts'
import { describeBuild, shortCommit, type Changes } from './changes.ts'
import { toMarkdown } from './escape.ts'
import type { ReleaseRecord } from './record.ts'
import { END_WORDS, stageRows, type StageRow } from './stages.ts'
import { count, measuredIn, metricsOf, odds, oddsOf, percent, sentence } from './text.ts'

/** The runner drops a summary of more than 1 MiB as a whole. */
const MOST_BYTES = 1_000_000
const MOST_COMMITS = 20

/** Without the signs that end a task of the chart, and with a space in 5 %: Mermaid leaves out a task named 5%. */
const toTask = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{N} .%_-]/gu, ' ')
    .replaceAll(/(\d)%/g, '$1 %')
    .trim() || 'stage'

const TAGS: Readonly<Record<StageRow['end'], string>> = {
  passed: 'done, ',
  failed: 'crit, ',
  paused: 'active, ',
  running: 'active, ',
  final: '',
}

/** When which weight was held, as a chart that GitHub draws. */
function chart(rows: readonly StageRow[]): readonly string[] {
  const tasks = rows.map(({ name, from, to, end }) => {
    const until = Math.max(to, from + 1000)
    return `    ${toTask(name)} :${TAGS[end]}${Math.round(from)}, ${Math.round(until)}`
  })
  return [
    '```mermaid',
    'gantt',
    '    dateFormat x',
    '    axisFormat %H:%M',
    '    todayMarker off',
    '    section Weights',
    ...tasks,
    '```',
    '',
  ]
}

function stageTable(rows: readonly StageRow[]): readonly string[] {
  const metrics = metricsOf(rows)
  const heads = metrics.map((metric) => `${toMarkdown(metric)}: candidate / stable`)
  const columns = ['stage', 'weight', 'held', 'requests: candidate / stable', ...heads, 'evidence against', 'ended']
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const body = rows.map((row) => {
    const found = measuredIn(row)
    const [first] = found
    const evidence = oddsOf(row)
    const shares = metrics.map((metric) => {
      const one = found.find((each) => each.metric === metric)
      return one === undefined ? '' : `${percent(one.candidateShare)} / ${percent(one.stableShare)}`
    })
    return line([
      toMarkdown(row.name),
      `${row.weight} %`,
      toDuration(row.to - row.from),
      first === undefined ? '' : `${count(first.candidate)} / ${count(first.stable)}`,
      ...shares,
      evidence === null ? '' : odds(evidence.against),
      END_WORDS[row.end],
    ])
  })
  return [line(columns), line(columns.map((_, index) => (index === 0 ? '---' : '---:'))), ...body, '']
}

/** What the gates said last about each weight. */
function gates(rows: readonly StageRow[]): readonly string[] {
  const found = rows.flatMap(({ name, measurements }) =>
    measurements.map((one) => `- **${toMarkdown(name)}** ${toMarkdown(sentence(one))}`),
  )
  if (found.length === 0) return []
  return ['<details><summary>What the gates said</summary>', '', ...found, '', '</details>', '']
}

function contents(changes: Changes | null): readonly string[] {
  if (changes === null) return []
  const { url, total, commits } = changes
  const head = `[${total === null ? 'Commits' : `${total} commit${total === 1 ? '' : 's'}`} of this release](${url})`
  const items = commits
    .slice(0, MOST_COMMITS)
    .map(({ sha, title, author }) => `- \`${shortCommit(sha)}\` ${toMarkdown(title)} (${toMarkdown(author)})`)
  return items.length === 0
    ? [head, '']
    : [`<details><summary>`, '', head, '', '</summary>', '', ...items, '', '</details>', '']
}

/** What a person may do now. */
function nextSteps({ outcome, release }: ReleaseRecord, dispatchUrl: string): string {
  const link = (word: string): string => (dispatchUrl === '' ? word : `[${word}](${dispatchUrl})`)
  const steps: Readonly<Record<string, string>> = {
    paused: `${link('Dispatch')} \`promote\` to go on, \`abort\` to bring traffic back.`,
    interrupted: `Run the release of the same version again to go on, or ${link('dispatch')} \`abort\`.`,
    reverted: `Traffic is on ${toMarkdown(release.stable)}. The candidate is kept for inspection; release a corrected version when ready.`,
    stuck: `A person must look: set the weights by hand or ${link('dispatch')} \`abort\`.`,
    promoted: `${link('Dispatch')} \`rollback\` to bring traffic back to the previous version in one write.`,
  }
  return steps[outcome] ?? ''
}

function builds({ release, state }: ReleaseRecord): string {
  const { stable, candidate, version, previousVersion, origin, previousOrigin, by } = release
  const swapped = isSwapped(state)
  const said = (colour: string, text: string, serves: boolean): string =>
    `**${toMarkdown(colour)}** ${serves ? 'serves' : 'has'} ${toMarkdown(text)}`
  const one = said(candidate, describeBuild(version, origin), swapped)
  const other = said(stable, describeBuild(previousVersion, previousOrigin), !swapped)
  return `${swapped ? `${one}; ${other}` : `${other}; ${one}`}. Started by ${toMarkdown(by)}.`
}

/**
 * The job summary: verdict first, then the stages, then what to do next; below 1 MiB by leaving out detail.
 *
 * @param dispatchUrl page with the button that runs the workflow; empty when it is not known
 */
export function toSummary(record: ReleaseRecord, dispatchUrl = ''): string {
  const { release, outcome, reason, journal, changes } = record
  const rows = stageRows(journal)
  const head = [
    `## ${toMarkdown(release.service)} ${toMarkdown(release.version)}: ${outcome}`,
    '',
    toMarkdown(reason),
    '',
  ]
  const foot = [builds(record), '', nextSteps(record, dispatchUrl)]
  const timeline = rows.length === 0 ? [] : [...stageTable(rows), ...chart(rows)]
  const forms = [
    [...head, ...timeline, ...gates(rows), ...contents(changes), ...foot],
    [...head, ...timeline, ...foot],
    [...head, ...foot],
  ]
  const texts = forms.map((lines) => `${lines.join('\n')}\n`)
  return texts.find((text) => Buffer.byteLength(text) <= MOST_BYTES) ?? `${outcome}\n`
}

/** The summary of a command that releases nothing: what it says to a person. */
export function toTextSummary(title: string, text: string, changes: Changes | null = null): string {
  const block = `\`\`\`\n${text.replaceAll('```', "'''")}\n\`\`\``
  return `${[`## ${toMarkdown(title)}`, '', block, '', ...contents(changes)].join('\n')}\n`
}
