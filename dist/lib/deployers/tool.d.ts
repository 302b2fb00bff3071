import type { Platform } from '../ports.ts';
/** A program that deploys, as one run of it. */
export interface ToolRun {
    readonly command: readonly string[];
    /** Said before it starts, in front of the command. */
    readonly prefix?: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    /** What to do when the program is not there. */
    readonly install: string;
    /** What went wrong, out of its last lines. */
    readonly reason?: (lines: readonly string[]) => readonly string[];
    /** The way out of a failure, by its exit code. */
    readonly hint?: (code: number | null) => string;
}
export declare const DEFAULT_TIMEOUT_MS: number;
/** The last lines without colours and without empty ones. */
export declare const lastOf: (lines: readonly string[]) => readonly string[];
/** What a program of the user's gets to see: the run's own variables, without the Action's inputs. */
export declare function childEnv(platform: Platform): Record<string, string>;
/** Runs a program that deploys; its output is said as it comes. @throws ReleaseError DEPLOY_FAILED with its last lines */
export declare function runTool(platform: Platform, run: ToolRun): Promise<void>;
