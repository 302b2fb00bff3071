import type { Release } from './events.ts'
import type { Colour, Shares } from './shares.ts'
import type { ReleaseState } from './state.ts'

/** A release as it is written on the route object, next to the weights it explains. */
export interface Saved {
  readonly schema: 1
  readonly release: Release
  readonly state: ReleaseState
  /** The run that wrote it. */
  readonly holder: string
  /** What each colour ran when it last served, so that a way back is only offered to the same thing. */
  readonly fingerprints: Readonly<Record<Colour, string>>
}

/** What another run asks of the driving one. */
export interface Request {
  readonly release: string
  readonly command: 'pause' | 'promote'
  readonly by: string
  readonly to: number | null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string | null): Record<string, unknown> | undefined {
  if (text === null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const PHASES = [
  'deploying',
  'readying',
  'shifting',
  'baking',
  'paused',
  'promoting',
  'reverting',
  'promoted',
  'reverted',
  'stuck',
]

export function encodeSaved(saved: Saved): string {
  return JSON.stringify(saved)
}

/** The saved release; undefined when there is none or it was written by something else than this schema. */
export function decodeSaved(text: string | null): Saved | undefined {
  const value = parse(text)
  if (value?.['schema'] !== 1 || !isObject(value['release']) || !isObject(value['state'])) return undefined
  const state = value['state']
  if (!PHASES.includes(String(state['phase'])) || !isObject(state['plan'])) return undefined
  // Written by encodeSaved of this schema: the fields above are what tells it from anything else.
  return value as unknown as Saved
}

export function encodeRequest(request: Request): string {
  return JSON.stringify(request)
}

/** What another run asked for; undefined when the note is not one of ours. */
export function decodeRequest(text: string | null): Request | undefined {
  const value = parse(text)
  if (typeof value?.['release'] !== 'string' || typeof value['by'] !== 'string') return undefined
  if (value['command'] !== 'pause' && value['command'] !== 'promote') return undefined
  const to = typeof value['to'] === 'number' ? value['to'] : null
  return { release: value['release'], command: value['command'], by: value['by'], to }
}

/** What is noted on the route of a service that is released with others: whose release it is, and what was last written. */
export interface PartNote {
  readonly of: string
  readonly shares: Shares
}

export function encodePart(note: PartNote): string {
  return JSON.stringify(note)
}

/** Whose release a service takes part in; undefined for none that we can read. */
export function decodePart(text: string | null): PartNote | undefined {
  const value = parse(text)
  if (typeof value?.['of'] !== 'string' || !isObject(value['shares'])) return undefined
  return { of: value['of'], shares: value['shares'] as Shares }
}

/** Who may write: `encodeFence(7, 'owner/repo#12/1') → "7 owner/repo#12/1"`. */
export function encodeFence(number: number, holder: string): string {
  return `${number} ${holder}`
}

/** The fence on an object; undefined when there is none. */
export function decodeFence(text: string | null): { readonly number: number; readonly holder: string } | undefined {
  const found = /^(\d{1,9}) (.*)$/.exec(text ?? '')
  return found === null ? undefined : { number: Number(found[1]), holder: found[2] ?? '' }
}

/** Who took over from the driver with this fence; undefined while it is still the one. */
export function overtakenBy(
  note: string | null,
  ours: { readonly number: number; readonly holder: string },
): string | undefined {
  const theirs = decodeFence(note)
  if (theirs === undefined || theirs.number < ours.number) return undefined
  return theirs.number === ours.number && theirs.holder === ours.holder ? undefined : theirs.holder
}
