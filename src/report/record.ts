import type { Release, ReleaseEvent } from '../core/events.ts'
import type { ReleaseState } from '../core/state.ts'
import type { Changes } from './changes.ts'

/** A release as a run leaves it. */
export interface Reported {
  readonly outcome: string
  readonly reason: string
  readonly release: Release
  readonly state: ReleaseState
  readonly journal: readonly ReleaseEvent[]
}

/**
 * The release as other programs read it, and what summary and report are made from. `journal.schema.json` describes
 * it; `schema` rises when a reader of the old one would misunderstand.
 */
export interface ReleaseRecord extends Reported {
  readonly schema: 1
  /** What is in the release; null when nobody knows where one of the two versions came from. */
  readonly changes: Changes | null
}

export function toRecord(
  { outcome, reason, release, state, journal }: Reported,
  changes: Changes | null,
): ReleaseRecord {
  return { schema: 1, outcome, reason, release, state, journal, changes }
}

/** The record as it is written to a file. */
export function encodeRecord(record: ReleaseRecord): string {
  return JSON.stringify(record, null, 2)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** @returns undefined for a text that is not a record of this schema */
export function decodeRecord(text: string): ReleaseRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(value) || value['schema'] !== 1) return undefined
  const isWhole = isObject(value['release']) && isObject(value['state']) && Array.isArray(value['journal'])
  // Written by encodeRecord of this schema: the fields above are what tells it from anything else.
  return isWhole ? (value as unknown as ReleaseRecord) : undefined
}
