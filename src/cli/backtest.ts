import { NOBODY } from '../core/plan.ts'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Built } from '../config/build.ts'
import { loadSettings } from '../config/load.ts'
import { toDuration } from '../core/duration.ts'
import { UNKNOWN_ORIGIN, type Release, type ReleaseEvent } from '../core/events.ts'
import { ProtocolRollout, type ProtocolStart, type ProtocolTick } from '../core/judge-protocol.ts'
import { ReleaseError } from '../errors.ts'
import { detachedPlatform } from '../platform/platform.ts'
import type { Gate, GateWindow, Shift } from '../ports.ts'

const OPTIONS = {
  judge: { type: 'boolean' },
  journal: { type: 'string' },
  course: { type: 'string' },
  stable: { type: 'string' },
  until: { type: 'string' },
  config: { type: 'string' },
  'prometheus-url': { type: 'string' },
} as const

/** Answers the line protocol: one message a line in, one answer a line out. */
export async function judgeLines(input: NodeJS.ReadableStream, answer: (line: string) => void): Promise<void> {
  let rollout: ProtocolRollout | null = null
  for await (const line of createInterface({ input })) {
    if (line.trim() === '') continue
    try {
      const message = JSON.parse(line) as ProtocolStart | ProtocolTick
      if (message.type === 'start') {
        rollout = new ProtocolRollout(message)
        answer(JSON.stringify({ ok: true }))
        continue
      }
      if (rollout === null) throw new Error('a tick came before any start')
      const { ruling, reason } = rollout.tick(message)
      answer(JSON.stringify({ decision: ruling, reason }))
    } catch (thrown) {
      answer(JSON.stringify({ error: (thrown as Error).message }))
    }
  }
}

/** A release as it went: who was who, its weights, and when it ended. */
interface Past {
  readonly release: Release
  readonly course: readonly Shift[]
  readonly until: number
}

function pastOf(path: string): Past {
  let text: unknown
  try {
    text = JSON.parse(readFileSync(path, 'utf8'))
  } catch (thrown) {
    throw new ReleaseError('INVALID_CONFIG', `the journal ${path} cannot be read: ${(thrown as Error).message}`, {
      hint: 'give the file that the output report-path names',
    })
  }
  const { release, journal } = text as { readonly release?: Release; readonly journal?: readonly ReleaseEvent[] }
  const course = (journal ?? []).flatMap((event) =>
    event.type === 'traffic-shifted' && event.weight > 0 ? [{ at: event.at, weight: event.weight }] : [],
  )
  const last = journal?.at(-1)
  if (release === undefined || last === undefined || course.length === 0) {
    throw new ReleaseError('INVALID_CONFIG', `${path} has no journal of a release that moved traffic`)
  }
  return { release, course, until: last.at }
}

function timeOf(text: string, what: string): number {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new ReleaseError('INVALID_CONFIG', `${what}: "${text}" is no time such as 2026-01-02T03:04:05Z`)
}

/** `5@2026-01-02T10:00:00Z,25@2026-01-02T10:05:00Z`: weights and when they were written. */
function courseOf(text: string): readonly Shift[] {
  return text.split(',').map((one) => {
    const [weight = '', at = ''] = one.trim().split('@')
    if (!(Number(weight) > 0 && Number(weight) <= 100)) {
      throw new ReleaseError('INVALID_CONFIG', `course: "${one}" is not WEIGHT@TIME with a weight from 1 to 100`)
    }
    return { weight: Number(weight), at: timeOf(at, 'course') }
  })
}

/** Looks through the eyes of a gate at every moment of one weight: when it would first have decided. */
async function replay(gate: Gate, past: Past, index: number, plan: GateWindow['plan']): Promise<string> {
  const shift = past.course[index]
  if (shift === undefined) return ''
  const end = past.course[index + 1]?.at ?? past.until
  const stage = plan.stages.find(({ route }) => route.weight === shift.weight)
  const minMs = stage?.minMs ?? 0
  for (let due = shift.at + plan.intervalMs; ; due += plan.intervalMs) {
    // The last look is when the release itself decided, whatever its own rhythm was.
    const to = Math.min(due, end)
    const course = past.course.slice(0, index + 1)
    const { release } = past
    const window = {
      from: shift.at,
      to,
      shiftedAt: shift.at,
      weight: shift.weight,
      audience: NOBODY,
      release,
      course,
      plan,
    }
    const { verdict, reason } = await gate.measure(window, AbortSignal.timeout(60_000))
    const after = toDuration(to - shift.at)
    if (verdict === 'fail') return `would revert after ${after}: ${reason}`
    if (verdict === 'pass' && to - shift.at >= minMs) return `would go on after ${after}: ${reason}`
    const last = `${verdict} until the end after ${after}: ${reason}`
    if (to >= end) return last
  }
}

async function backtestPast(past: Past, { options, secrets, caFile }: Built): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const platform = detachedPlatform({ secrets, caFile, say })
  let isReverted = false
  for (const [name, connect] of Object.entries(options.gates ?? {})) {
    for (const [index, { weight, at }] of past.course.entries()) {
      const lasted = toDuration((past.course[index + 1]?.at ?? past.until) - at)
      const found = await replay(connect(platform), past, index, options.plan)
      isReverted ||= found.startsWith('would revert')
      say(`${name}, ${weight} % (it lasted ${lasted}): ${found}`)
    }
  }
  return isReverted ? 1 : 0
}

/** The command `backtest`: what the gates of the settings would have decided. Exit 1 if they would have reverted. */
export async function backtest(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.judge === true) {
    await judgeLines(process.stdin, (line) => void process.stdout.write(`${line}\n`))
    return 0
  }
  const { journal, course, stable, until, config, 'prometheus-url': url } = values
  const inputs = { ...(config !== undefined && { config }), ...(url !== undefined && { 'prometheus-url': url }) }
  const { built } = loadSettings({ ...inputs, version: 'backtest', command: 'plan' }, process.env)
  if (journal !== undefined) return backtestPast(pastOf(journal), built)
  if (course === undefined || stable === undefined || until === undefined) {
    const problem = 'backtest needs --judge, or --journal FILE, or --course, --stable and --until'
    throw new ReleaseError('INVALID_CONFIG', problem, {
      hint: 'for example --course 5@2026-01-02T10:00:00Z,50@2026-01-02T10:10:00Z --until 2026-01-02T10:30:00Z --stable blue',
    })
  }
  const { service, colours = ['blue', 'green'] } = built.options
  const candidate = colours.find((colour) => colour !== stable) ?? ''
  const release: Release = {
    ...{ id: 'backtest', service, version: '', previousVersion: null, stable, candidate, by: '' },
    ...{ origin: UNKNOWN_ORIGIN, previousOrigin: UNKNOWN_ORIGIN, members: [] },
  }
  return backtestPast({ release, course: courseOf(course), until: timeOf(until, 'until') }, built)
}
