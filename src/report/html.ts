import { toDuration } from '../core/duration.ts'
import type { ReleaseEvent } from '../core/events.ts'
import { follow, isSwapped, type ReleaseState } from '../core/state.ts'
import type { Measurement } from '../core/verdict.ts'
import { describeBuild, shortCommit, shortRef, type Changes } from './changes.ts'
import { markup, raw, type Markup } from './escape.ts'
import { toLine } from './line.ts'
import { panels, type Panel } from './panels.ts'
import type { ReleaseRecord } from './record.ts'
import { END_WORDS, stageRows, type StageRow } from './stages.ts'
import { STYLE } from './style.ts'
import { count, measuredIn, metricsOf, moment, odds, oddsOf, percent } from './text.ts'

/** Nothing may be fetched and no script may run: what is in the page is all there is. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
const MOST_EVENTS = 400

interface Told {
  readonly event: ReleaseEvent
  readonly line: string
}

/** The events with their sentences; looks at the gates only where they decided. */
function tell({ journal, release, state: end }: ReleaseRecord): readonly Told[] {
  let state: ReleaseState | null = null
  const told: Told[] = []
  for (const event of journal) {
    state = follow(state, event)
    if (event.type === 'analysis-completed') continue
    told.push({ event, line: toLine(event, state ?? end, release) })
  }
  return told
}

function legend({ lines }: Panel, colours: Readonly<Record<string, string>>): Markup {
  const keys = lines.map(
    ({ name, owner }) =>
      markup`<span class="key"><i style="background:var(--${owner})"></i>${colours[name] ?? name}</span>`,
  )
  return markup`${keys}`
}

async function figures(record: ReleaseRecord, rows: readonly StageRow[]): Promise<readonly Markup[]> {
  const { draw } = await import('./charts.ts')
  const { journal, release } = record
  const [from, to] = [journal[0]?.at ?? 0, journal.at(-1)?.at ?? 0]
  const stages = rows.filter(({ end }) => end !== 'final')
  const colours = { stable: `stable, ${release.stable}`, candidate: `candidate, ${release.candidate}` }
  return panels(journal).map((panel, index) => {
    const label = `${panel.title}: ${panel.lines.map(({ name }) => name).join(' and ')} from ${moment(from)} to ${moment(to)}; the numbers are in the table of stages`
    const svg = raw(draw(panel, stages, from, Math.max(to, from + 1), index))
    return markup`<figure>
<figcaption>${panel.title} ${legend(panel, colours)}</figcaption>
<div class="chart" role="img" aria-label="${label}">${svg}</div>
</figure>`
  })
}

function stageTable(rows: readonly StageRow[]): Markup {
  const metrics = metricsOf(rows)
  const heads = metrics.map((metric) => markup`<th scope="col">${metric}</th>`)
  const body = rows.map((row) => {
    const found = measuredIn(row)
    const [first] = found
    const evidence = oddsOf(row)
    const cells = metrics.map((metric) => {
      const one = found.find((each) => each.metric === metric)
      return markup`<td>${one === undefined ? '' : `${percent(one.candidateShare)} / ${percent(one.stableShare)}`}</td>`
    })
    return markup`<tr class="${row.end}">
<th scope="row">${row.name}</th><td>${row.weight} %</td><td>${toDuration(row.to - row.from)}</td><td>${END_WORDS[row.end]}</td>
<td>${first === undefined ? '' : `${count(first.candidate)} / ${count(first.stable)}`}</td>${cells}
<td>${evidence === null ? '' : odds(evidence.against)}</td><td>${evidence === null ? '' : odds(evidence.goingOn)}</td>
</tr>`
  })
  return markup`<p>Where there are two numbers, the first is the candidate’s and the second is stable’s in the same time.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Table of the stages"><table id="stages" class="numbers">
<thead><tr><th scope="col">stage</th><th scope="col">weight</th><th scope="col">held</th><th scope="col">ended</th><th scope="col">requests</th>${heads}<th scope="col">evidence against</th><th scope="col">for going on</th></tr></thead>
<tbody>${body}</tbody></table></div>`
}

function measured({ gate, verdict, reason, value, limit, baseline, query }: Measurement): Markup {
  const number = (name: string, one: number | null): Markup =>
    one === null ? markup`` : markup`<dt>${name}</dt><dd>${String(one)}</dd>`
  const asked = query === '' ? markup`` : markup`<dt>query</dt><dd><code>${query}</code></dd>`
  return markup`<h3>${gate}: ${verdict}</h3><p>${reason}</p>
<dl>${number('candidate', value)}${number('stable', baseline)}${number('limit', limit)}${asked}</dl>`
}

/** Each weight with what decided about it, and everything needed to ask again. */
function decisions(rows: readonly StageRow[]): Markup {
  const found = rows
    .filter(({ measurements }) => measurements.length > 0)
    .map((row) => {
      const why = row.measurements.filter(({ verdict }) => verdict === row.verdict).map(({ reason }) => reason)
      return markup`<details><summary><b>${row.name}</b> ${END_WORDS[row.end]}: ${why.join('; ')}</summary>
${row.measurements.map(measured)}</details>`
    })
  return found.length === 0 ? markup`<p>No gate was asked.</p>` : markup`${found}`
}

function events(told: readonly Told[]): Markup {
  const shown = told.slice(-MOST_EVENTS)
  const left = told.length - shown.length
  const note = left === 0 ? markup`` : markup`<p>${left} earlier events are in the journal.</p>`
  const rows = shown.map(({ event, line }) => markup`<tr><td>${moment(event.at)}</td><td>${line}</td></tr>`)
  return markup`${note}<div class="scroll" tabindex="0" role="region" aria-label="Table of the events"><table class="told"><thead><tr><th scope="col">when</th><th scope="col">what</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}

function contents(changes: Changes | null): Markup {
  if (changes === null)
    return markup`<p>Nobody knows which commits: one of the two versions has no commit written down.</p>`
  const { url, total, commits } = changes
  const all = total === null ? 'The commits of this release' : `${total} commit${total === 1 ? '' : 's'}`
  const items = commits.map(
    ({ sha, title, author }) => markup`<li><code>${shortCommit(sha)}</code> ${title} <small>${author}</small></li>`,
  )
  const list = items.length === 0 ? markup`` : markup`<ul>${items}</ul>`
  return markup`<p><a href="${url}">${all}</a></p>${list}`
}

function facts({ release, state, journal }: ReleaseRecord): Markup {
  const { candidate, stable, version, previousVersion, origin, previousOrigin, by, id } = release
  const [from, to] = [journal[0]?.at, journal.at(-1)?.at]
  const serving = isSwapped(state) ? candidate : stable
  const run = origin.run === '' ? by : markup`<a href="${origin.run}">${by}</a>`
  const ref =
    origin.ref === '' ? markup`` : markup`<dt>from</dt><dd>${shortRef(origin.ref)} ${shortCommit(origin.commit)}</dd>`
  const time =
    from === undefined || to === undefined
      ? markup``
      : markup`<dt>time</dt><dd>${moment(from)}, ${toDuration(to - from)}</dd>`
  return markup`<dl class="facts">
<dt>released</dt><dd>${describeBuild(version, origin)} on <b class="candidate">${candidate}</b></dd>
<dt>before</dt><dd>${describeBuild(previousVersion, previousOrigin)} on <b class="stable">${stable}</b></dd>
<dt>serves now</dt><dd>${serving}, the candidate has ${state.weight} %</dd>${ref}${time}
<dt>started by</dt><dd>${run}</dd><dt>release</dt><dd>${id}</dd></dl>`
}

/** Green stays green, whichever colour is the candidate. */
function palette(stable: string, candidate: string): Markup {
  const isGreenStable = stable === 'green' || candidate === 'blue'
  const [one, other] = isGreenStable ? ['green', 'blue'] : ['blue', 'green']
  return raw(`:root{--stable:var(--${one});--candidate:var(--${other})}`)
}

/**
 * The report: one file without script that fetches nothing, for the incident review.
 * Long releases are drawn with fewer points, of which no extreme is missing.
 */
export async function toHtml(record: ReleaseRecord): Promise<string> {
  const { release, outcome, reason, journal, changes } = record
  const rows = stageRows(journal)
  const title = `${release.service} ${release.version}: ${outcome}`
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${raw(STYLE)}${palette(release.stable, release.candidate)}</style></head>
<body><header><h1>${release.service} ${release.version} <span class="outcome ${outcome}">${outcome}</span></h1><p class="reason">${reason}</p>
${facts(record)}</header>
<main><section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2><div class="charts">${await figures(record, rows)}</div></section>
<section aria-labelledby="table"><h2 id="table">Stages</h2>${stageTable(rows)}</section>
<section aria-labelledby="why"><h2 id="why">Decisions</h2>${decisions(rows)}</section>
<section aria-labelledby="commits"><h2 id="commits">What is in it</h2>${contents(changes)}</section>
<section aria-labelledby="events"><h2 id="events">Who did what</h2>${events(tell(record))}</section></main>
<footer><p>Made by gray-release from the journal of the release; times are UTC.</p></footer></body></html>
`
  return page.text
}
