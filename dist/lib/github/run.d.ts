import { type Origin } from '../core/events.ts';
/** What the runner says about the run it is in. */
export interface Run {
    readonly owner: string;
    readonly repo: string;
    /** The commit that people look at: the head of a pull request, else the one that was checked out. */
    readonly sha: string;
    /** Page of the run. */
    readonly url: string;
    /** Page with the button that runs the workflow again; empty when the runner does not say which it is. */
    readonly dispatchUrl: string;
    readonly origin: Origin;
}
type Variables = Readonly<Record<string, string | undefined>>;
/**
 * Reads the runner's variables.
 * @param event what started the run, as the runner wrote it down; null for nothing
 * @returns null outside a runner
 */
export declare function readRun(env: Variables, event: unknown): Run | null;
export {};
