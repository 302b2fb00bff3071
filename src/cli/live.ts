import { stripVTControlCharacters } from 'node:util'
import { toDuration } from '../core/duration.ts'
import type { Odds } from '../core/evidence-judge.ts'
import type { Release } from '../core/events.ts'
import type { ReleaseState } from '../core/state.ts'
import type { Listener } from '../ports.ts'
import { toLine } from '../report/line.ts'
import { sparkline } from '../report/spark.ts'
import { odds as said } from '../report/text.ts'

/** What a person watches: lines that stay, and on a terminal a few lines below them that move. */
export interface View {
  readonly listener: Listener
  readonly say: (line: string) => void
  readonly close: () => void
}

/** What a view needs of a stream. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR = 40
const SPARKS = 30
const FRAME_MS = 200
const PLAIN_LOOK_MS = 60_000
const LEAST_COLUMNS = 20

/**
 * Opens the view. Without a terminal it is a plain log with a look at the gates once a minute.
 *
 * @param env of which `NO_COLOR` is honoured
 */
export function openView(
  out: Screen,
  now: () => number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): View {
  const isLive = out.isTTY === true
  const hasColour = isLive && (env['NO_COLOR'] ?? '') === ''
  const paint = (code: number, text: string): string => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const columns = (): number => Math.max(LEAST_COLUMNS, out.columns ?? 80)
  /** Lengths of the moving lines on the screen, as they were written. */
  let footer: readonly number[] = []
  let current: { state: ReleaseState; release: Release } | null = null
  let looks: readonly Odds[] = []
  let lastVerdict = ''
  let lastLook = 0
  let closed = false

  /** A window that was made narrower since has broken the lines into several. */
  const erase = (): string => {
    const rows = footer.reduce((sum, length) => sum + Math.max(1, Math.ceil(length / columns())), 0)
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[0J`
  }

  const cut = (line: string): string => {
    const most = columns() - 1
    // Colours are dropped from a line that must be cut: half a colour would stay for ever.
    return stripVTControlCharacters(line).length <= most ? line : stripVTControlCharacters(line).slice(0, most)
  }

  const evidence = (): readonly string[] => {
    const last = looks.at(-1)
    if (last === undefined) return []
    const row = (name: string, code: number, decidesAt: number, value: (one: Odds) => number): string =>
      `  ${name}${paint(code, sparkline(looks.map(value), decidesAt).padEnd(SPARKS))} ${said(value(last))} of ${decidesAt}`
    return [
      row('going on ', 32, last.passAt, ({ goingOn }) => goingOn),
      row('against  ', 31, last.revertAt, ({ against }) => against),
    ]
  }

  const frame = (): readonly string[] => {
    if (current === null) return []
    const { state, release } = current
    const filled = Math.round((state.weight * BAR) / 100)
    const bar = (length: number, code: number): string => paint(code, '█'.repeat(length)) + '░'.repeat(BAR - length)
    const lines = [
      `  ${release.stable.padEnd(9)}${bar(BAR - filled, 34)} ${100 - state.weight} %`,
      `  ${release.candidate.padEnd(9)}${bar(filled, 32)} ${state.weight} %`,
    ]
    if (state.phase !== 'baking') {
      const reason = 'reason' in state ? state.reason : 'waitingFor' in state ? state.waitingFor : ''
      return [...lines, `  ${state.phase}${reason === '' ? '' : `: ${reason}`}`]
    }
    const stage = state.plan.stages[state.stage]
    const held = toDuration(now() - state.enteredAt)
    const code = state.verdict === 'pass' ? 32 : state.verdict === 'fail' ? 31 : 33
    const head = `  stage ${stage?.name ?? ''}, held ${held} (min ${toDuration(stage?.minMs ?? 0)}, max ${toDuration(stage?.maxMs ?? 0)}): `
    return [...lines, ...evidence(), head + paint(code, state.verdict), `  ${state.reason}`]
  }

  const draw = (permanent: string): void => {
    if (!isLive) {
      if (permanent !== '') out.write(`${permanent}\n`)
      return
    }
    const lines = closed ? [] : frame().map(cut)
    const kept = permanent === '' ? '' : `${permanent}\n`
    out.write(erase() + kept + lines.map((line) => `${line}\n`).join(''))
    footer = lines.map((line) => stripVTControlCharacters(line).length)
  }

  const timer = isLive
    ? setInterval(() => {
        draw('')
      }, FRAME_MS)
    : undefined
  timer?.unref()

  const remember = (event: Parameters<Listener>[0]): void => {
    if (event.type === 'traffic-shifted') looks = []
    if (event.type !== 'analysis-completed') return
    const found = event.measurements.find((one) => one.odds !== undefined)?.odds
    if (found !== undefined) looks = [...looks, found].slice(-SPARKS)
  }

  return {
    listener: (event, state, release) => {
      current = { state, release }
      remember(event)
      if (event.type === 'analysis-completed') {
        const isNews = event.verdict !== lastVerdict || event.at - lastLook >= PLAIN_LOOK_MS
        if (!isNews) return
        lastVerdict = event.verdict
        lastLook = event.at
      } else lastVerdict = ''
      draw(toLine(event, state, release))
    },
    say: (line) => {
      draw(`  ${line}`)
    },
    close: () => {
      if (closed) return
      closed = true
      clearInterval(timer)
      draw('')
    },
  }
}
