import type { Result } from '../command.ts';
/** The journal and the outcome as JSON. */
export declare function toText(result: Result): string;
/** The Action's outputs. */
export declare function toOutputs(result: Result, reportPath: string, tookMs: number): Readonly<Record<string, string>>;
