import type { Connect, Gate } from '../ports.ts';
/** A smoke test: a program whose exit code is the verdict. */
export interface CommandOptions {
    /** Program and arguments; never run by a shell. */
    readonly command: readonly string[];
    readonly timeoutMs?: number;
    readonly cwd?: string;
}
/** Runs a program once per stage; 0 passes. It finds the colour, version and weight in `GRAY_RELEASE_…` variables. */
export declare function command(options: CommandOptions): Connect<Gate>;
