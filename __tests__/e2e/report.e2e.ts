import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { MetricEvidence } from '../../src/core/evidence-judge.ts'
import { toHtml } from '../../src/report/html.ts'
import type { ReleaseRecord } from '../../src/report/record.ts'
import { toSummary } from '../../src/report/summary.ts'
import { count, percent } from '../../src/report/text.ts'
import { openBrowser, openFile } from '../helpers/browser.ts'
import { longRelease } from '../helpers/long-release.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const folder = mkdtempSync(join(tmpdir(), 'report-'))
// Scripts of the page: the types of a document are not those of Node.
const OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"
const CELLS =
  "[...document.querySelectorAll('#stages tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))"
const LONG = longRelease({ weights: [1, 5, 25, 50, 100], hours: 2, metrics: 3, everyMs: 15_000 })

let browser: Browser
let tools: ReturnType<typeof inject<'mesh'>>['tools']

beforeAll(async () => {
  tools = inject('mesh').tools
  browser = await openBrowser(tools.chromium)
})
afterAll(async () => {
  await browser.close()
})

interface Demo {
  readonly path: string
  readonly record: ReleaseRecord
}

const demos = new Map<string, Demo>()

/** What the demo leaves behind: the same as of a release in a cluster. */
function demo(fault: string): Demo {
  const known = demos.get(fault)
  if (known !== undefined) return known
  const path = join(folder, `${fault}.html`)
  const args = ['dist/lib/cli/main.js', 'demo', '--fault', fault, '--report', path, '--journal', `${path}.json`]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status, `${stdout}${stderr}`).toBe(fault === 'none' ? 0 : 1)
  const made = { path, record: JSON.parse(readFileSync(`${path}.json`, 'utf8')) as ReleaseRecord }
  demos.set(fault, made)
  return made
}

/** The evidence of the last look at a stage. */
function lastLook(record: ReleaseRecord, stage: string): readonly MetricEvidence[] {
  const looks = record.journal.flatMap((event) => (event.type === 'analysis-completed' ? [event] : []))
  const found = looks.findLast((event) => event.stage === stage)
  return found?.measurements.flatMap(({ evidence = [] }) => evidence) ?? []
}

describe('the report in a browser', () => {
  it.each(['light', 'dark'] as const)('opens without an error, asks nobody, and is accessible (%s)', async (scheme) => {
    const { path } = demo('errors')
    const { page, complaints, requests } = await openFile(browser, path, scheme)
    expect(await page.locator('h1').textContent()).toContain('reverted')
    // Everything is open for the check: what is hidden is not looked at.
    await page.evaluate(OPEN_ALL)
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] })
    await page.close()
    // The page's own policy would refuse the script that checks it.
    const context = await browser.newContext({ bypassCSP: true, colorScheme: scheme })
    const open = await context.newPage()
    await open.goto(`file://${path}`)
    await open.evaluate(OPEN_ALL)
    await open.addScriptTag({ path: AXE })
    const { violations } = await open.evaluate<AxeResults>('axe.run()')
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    await context.close()
  })

  it('has the numbers of the journal', async () => {
    const { path, record } = demo('none')
    const { page } = await openFile(browser, path)
    const rows = await page.evaluate<string[][]>(CELLS)
    const heads = await page.locator('#stages thead th').allTextContents()
    for (const stage of ['5%', '25%', '50%', '100%']) {
      const row = rows.find(([name]) => name === stage) ?? []
      for (const { metric, counts } of lastLook(record, stage)) {
        const share = (bad: number, all: number): string => percent(all > 0 ? bad / all : null)
        expect(row[heads.indexOf(metric)]).toBe(`${share(counts.xC, counts.nC)} / ${share(counts.xS, counts.nS)}`)
        if (metric === 'errors')
          expect(row[heads.indexOf('requests')]).toBe(`${count(counts.nC)} / ${count(counts.nS)}`)
      }
    }
    await page.close()
  })

  it('is used with the keyboard alone', async () => {
    const { path } = demo('errors')
    const { page } = await openFile(browser, path)
    const summaries = await page.locator('details').count()
    expect(summaries).toBeGreaterThan(0)
    await page.locator('details summary').first().focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('details[open]').count()).toBe(1)
    expect(await page.locator('details[open] code').first().textContent()).toContain('istio_requests_total')
    await page.close()
  })

  it('prints on two pages, also after two hours', async () => {
    const path = join(folder, 'long.html')
    writeFileSync(path, await toHtml(LONG))
    const { page, complaints } = await openFile(browser, path)
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
    expect(pdf.match(/\/Type\s*\/Page[^s]/g)?.length).toBeLessThanOrEqual(2)
    expect(complaints).toEqual([])
    await page.close()
  })
})

it('the chart of the summary is drawn by Mermaid as GitHub does', async () => {
  const [, chart = ''] = /```mermaid\n([^]*?)```/.exec(toSummary(LONG)) ?? []
  const page = await browser.newPage()
  await page.setContent('<body></body>')
  await page.addScriptTag({ path: tools.mermaid })
  const svg = await page.evaluate(async (text) => {
    interface Mermaid {
      render(id: string, text: string): Promise<{ svg: string }>
    }
    const { mermaid } = globalThis as unknown as { mermaid: Mermaid }
    return (await mermaid.render('chart', text)).svg
  }, chart)
  for (const weight of [1, 5, 25, 50, 100]) expect(svg).toContain(`>${weight} % </text>`)
  await page.close()
})
