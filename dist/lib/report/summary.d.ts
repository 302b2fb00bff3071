import { type Changes } from './changes.ts';
import type { ReleaseRecord } from './record.ts';
/**
 * The job summary: verdict first, then the stages, then what to do next; below 1 MiB by leaving out detail.
 *
 * @param dispatchUrl page with the button that runs the workflow; empty when it is not known
 */
export declare function toSummary(record: ReleaseRecord, dispatchUrl?: string): string;
/** The summary of a command that releases nothing: what it says to a person. */
export declare function toTextSummary(title: string, text: string, changes?: Changes | null): string;
