import type { Result } from '../command.ts';
import { type ReleaseRecord } from '../report/record.ts';
/** The record of a release, or what another command found, as JSON. */
export declare function toText(result: Result, record: ReleaseRecord | null): string;
/** Where the files of a run are; empty for none. */
export interface Files {
    readonly report: string;
    readonly journal: string;
}
/** The Action's outputs. */
export declare function toOutputs(result: Result, text: string, files: Files, tookMs: number): Readonly<Record<string, string>>;
