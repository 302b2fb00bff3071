import type { Release, ReleaseEvent } from '../core/events.ts';
import type { ReleaseState } from '../core/state.ts';
import type { Changes } from './changes.ts';
/** A release as a run leaves it. */
export interface Reported {
    readonly outcome: string;
    readonly reason: string;
    readonly release: Release;
    readonly state: ReleaseState;
    readonly journal: readonly ReleaseEvent[];
}
/**
 * The release as other programs read it, and what summary and report are made from. `journal.schema.json` describes
 * it; `schema` rises when a reader of the old one would misunderstand.
 */
export interface ReleaseRecord extends Reported {
    readonly schema: 1;
    /** What is in the release; null when nobody knows where one of the two versions came from. */
    readonly changes: Changes | null;
}
export declare function toRecord({ outcome, reason, release, state, journal }: Reported, changes: Changes | null): ReleaseRecord;
/** The record as it is written to a file. */
export declare function encodeRecord(record: ReleaseRecord): string;
/** @returns undefined for a text that is not a record of this schema */
export declare function decodeRecord(text: string): ReleaseRecord | undefined;
