import xterm from '@xterm/headless'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openView, type View } from '../../src/cli/live.ts'
import type { ReleaseEvent } from '../../src/core/events.ts'
import { evolve, start, type ReleaseState } from '../../src/core/state.ts'
import { sparkline } from '../../src/report/spark.ts'
import { longRelease } from '../helpers/long-release.ts'

const { journal, release } = longRelease({ weights: [5, 100], hours: 0.2, metrics: 2, everyMs: 15_000 })

/** A terminal as people have one, of which every line can be read. */
class Terminal {
  readonly isTTY = true
  readonly written: string[] = []
  private readonly terminal: xterm.Terminal

  constructor(columns: number) {
    this.terminal = new xterm.Terminal({
      cols: columns,
      rows: 24,
      scrollback: 1000,
      convertEol: true,
      allowProposedApi: true,
    })
  }

  get columns(): number {
    return this.terminal.cols
  }

  write(text: string): void {
    this.written.push(text)
    this.terminal.write(text)
  }

  async resize(columns: number): Promise<void> {
    await this.lines()
    this.terminal.resize(columns, 24)
  }

  async lines(): Promise<string[]> {
    await new Promise<void>((done) => {
      this.terminal.write('', done)
    })
    const { active } = this.terminal.buffer
    return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
  }
}

let clock = 0
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Shows the events up to the first for which `isLast` holds. */
async function show(view: View, isLast: (event: ReleaseEvent, state: ReleaseState) => boolean): Promise<void> {
  let state: ReleaseState | null = null
  for (const event of journal) {
    state = event.type === 'release-started' ? start(event) : state === null ? null : evolve(state, event)
    if (state === null) continue
    clock = event.at
    await view.listener(event, state, release)
    if (isLast(event, state)) return
  }
}

let looks = 0
const afterTenLooks = (event: ReleaseEvent): boolean => event.type === 'analysis-completed' && (looks += 1) >= 10

describe('the live view', () => {
  beforeEach(() => {
    looks = 0
  })

  it('shows weights, evidence, how long the stage lasts and what it waits for', async () => {
    const terminal = new Terminal(120)
    const view = openView(terminal, () => clock, {})
    await show(view, afterTenLooks)
    vi.advanceTimersByTime(250)
    const lines = (await terminal.lines()).filter((line) => line !== '')
    expect(lines.slice(-6).join('\n')).toMatch(
      /blue +█{38}░{2} 95 %\n +green +█{2}░{38} 5 %\n +going on +[▁▂▃▄▅▆▇█]{10} +[\d.]+ to 1 of 20\n +against +[▁▂▃▄▅▆▇█]{10} +[\d.]+ to 1 of 50\n +stage 5%, held 2m30s \(min 1m, max 30m\): undecided\n +evidence: errors/,
    )
    view.close()
  })

  it('leaves a transcript with every event once and nothing of what moved', async () => {
    const terminal = new Terminal(100)
    const view = openView(terminal, () => clock, {})
    await show(view, () => false)
    vi.advanceTimersByTime(2000)
    view.close()
    const text = (await terminal.lines()).join('\n')
    expect(text.match(/stage 5%: passed/g)).toHaveLength(1)
    expect(text.match(/promoted; every stage passed/g)).toHaveLength(1)
    expect(text).not.toMatch(/[█░▁▂▃▄▅▆▇]/)
  })

  it('survives a window that is made narrower and wider', async () => {
    const terminal = new Terminal(120)
    const view = openView(terminal, () => clock, {})
    await show(view, afterTenLooks)
    for (const columns of [60, 33, 150]) {
      await terminal.resize(columns)
      vi.advanceTimersByTime(400)
    }
    const lines = await terminal.lines()
    expect(lines.filter((line) => /^ +blue +█/.test(line))).toHaveLength(1)
    expect(lines.filter((line) => /^ +going on/.test(line))).toHaveLength(1)
    view.close()
    expect((await terminal.lines()).join('\n')).not.toMatch(/[█░]/)
  })

  it.each([
    ['1', false],
    ['', true],
    [undefined, true],
  ])('with NO_COLOR=%s has colours: %s', async (value, isColoured) => {
    const terminal = new Terminal(100)
    const view = openView(terminal, () => clock, { NO_COLOR: value })
    await show(view, afterTenLooks)
    view.close()
    expect(terminal.written.join('').includes('\u001b[34m')).toBe(isColoured)
  })
})

describe('the plain log', () => {
  it('has a look at the gates once a minute, with the time, the requests and the evidence', async () => {
    const written: string[] = []
    const view = openView({ write: (text) => written.push(text) }, () => clock, {})
    await show(view, () => false)
    view.close()
    const beats = written.filter((line) => line.includes('undecided'))
    expect(beats[1]).toMatch(
      /^stage 5%: undecided after 1m15s of 30m; evidence undecided: .* of \d+ requests.*; evidence [\d.]+ to 1 for going on \(passes at 20\), [\d.]+ to 1 against \(taken back at 50\)\n$/,
    )
    expect(beats.length).toBeLessThanOrEqual(2 * 7)
    expect(written.join('')).not.toContain('\u001b')
  })
})

it('evidence as blocks reaches the top where it decides', () => {
  expect(sparkline([0.01, 0.1, 1, 20, 400], 20)).toBe('▁▁▄██')
})
