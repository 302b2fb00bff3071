import type { Summarised } from './summary.ts';
/** The versioned report other programs read. */
export declare function toJson(report: Summarised): string;
