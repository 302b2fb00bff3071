// Makes the pictures of the README from a run of the demo: the report, the job summary and the live view.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import xterm from '@xterm/headless'
import { marked } from 'marked'
import type { Browser, Page } from 'playwright-core'
import { chromium, mermaid } from '../__tests__/e2e/mesh/tools.ts'
import { openBrowser } from '../__tests__/helpers/browser.ts'
import type { ReleaseRecord } from '../src/report/record.ts'
import { toSummary } from '../src/report/summary.ts'

const OUT = 'docs/pictures'
const [COLUMNS, ROWS] = [112, 27]
/** xterm's colours 30 to 37 as a dark terminal shows them. */
const COLOURS = ['#1b1f24', '#ff8f85', '#4fc787', '#e2b55a', '#7fabff', '#d7a6ff', '#52d1c4', '#e8ebef']

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** The screen as it is now, as HTML. */
function screen(terminal: xterm.Terminal): string {
  const { active } = terminal.buffer
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const line = active.getLine(active.baseY + row)
    let html = ''
    for (let column = 0; column < COLUMNS; column += 1) {
      const cell = line?.getCell(column)
      const text = escape(cell?.getChars() === '' ? ' ' : (cell?.getChars() ?? ' '))
      const colour = cell?.isFgPalette() ? COLOURS[cell.getFgColor()] : undefined
      html += colour === undefined ? text : `<span style="color:${colour}">${text}</span>`
    }
    return html.trimEnd()
  })
  const style = 'margin:0;padding:14px;background:#0f1318;color:#e8ebef;font:14px/1.3 "DejaVu Sans Mono",monospace'
  return `<body style="margin:0"><pre style='${style};width:max-content'>${lines.join('\n')}</pre></body>`
}

/** Runs the demo on a terminal. Answers what the screen showed in the stage of 50 %. */
async function watchDemo(folder: string): Promise<string> {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true })
  const demo = `${process.execPath} dist/lib/cli/main.js demo --fault errors --at 50 --report ${folder}/r.html --journal ${folder}/j.json`
  const child = spawn('script', ['-qefc', `stty cols ${COLUMNS} rows ${ROWS}; ${demo}`, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => {
    terminal.write(chunk, () => {
      const now = screen(terminal)
      if (now.includes('stage 50%, held')) shown = now
    })
  })
  await new Promise((done) => child.on('close', done))
  return shown
}

async function take(browser: Browser, name: string, open: (page: Page) => Promise<void>, dark = false): Promise<void> {
  const page = await browser.newPage({ colorScheme: dark ? 'dark' : 'light', viewport: { width: 980, height: 820 } })
  await open(page)
  await page.screenshot({ path: join(OUT, `${name}.png`) })
  await page.close()
}

const SUMMARY_STYLE = `body{font:14px/1.5 "DejaVu Sans",sans-serif;margin:1.2rem;color:#1f2328}table{border-collapse:collapse;font-size:12px}
td,th{border:1px solid #d1d9e0;padding:4px 8px}h2{border-bottom:1px solid #d1d9e0}code{background:#eff1f3;padding:0 4px}`

const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
mkdirSync(OUT, { recursive: true })
const browser = await openBrowser(chromium())
try {
  const live = await watchDemo(folder)
  const record = JSON.parse(readFileSync(join(folder, 'j.json'), 'utf8')) as ReleaseRecord
  const openReport = async (page: Page): Promise<void> => {
    await page.goto(`file://${folder}/r.html`)
  }
  await take(browser, 'report-light', openReport)
  await take(browser, 'report-dark', openReport, true)
  await take(browser, 'live', async (page) => {
    await page.setContent(live)
    const box = await page.locator('pre').boundingBox()
    await page.setViewportSize({ width: Math.ceil(box?.width ?? 900), height: Math.ceil(box?.height ?? 500) })
  })
  await take(browser, 'summary', async (page) => {
    const text = await marked.parse(toSummary(record, 'https://github.com/owner/repo/actions/workflows/release.yml'))
    await page.setContent(`<style>${SUMMARY_STYLE}</style>${text}`)
    await page.addScriptTag({ path: mermaid() })
    await page.evaluate("mermaid.run({ querySelector: 'code.language-mermaid' })")
    await page.setViewportSize({ width: 980, height: 620 })
  })
  writeFileSync(join(OUT, 'README.md'), 'Made by `npm run pictures` from one run of the demo.\n')
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
