import type { Result } from '../command.ts';
import type { GitHub } from './api.ts';
/** A check run with the summary, on the commit that was released: for branches whose rules ask for a check. */
export declare function recordCheck(github: GitHub, name: string, result: Result, summary: string): Promise<void>;
