import type { getOctokit } from '@actions/github';
import type { Outcome } from '../core/events.ts';
import type { Run } from './run.ts';
export type Octokit = ReturnType<typeof getOctokit>;
/** What every call of a repository carries. */
export interface Target {
    readonly owner: string;
    readonly repo: string;
    readonly request: {
        readonly signal: AbortSignal;
    };
}
/** How a release ended, in the states of GitHub. */
export declare const END_STATES: Readonly<Record<Outcome, 'success' | 'failure' | 'error'>>;
/** A text as GitHub takes descriptions: one line of at most 140 characters. */
export declare function toDescription(text: string): string;
/**
 * GitHub as a courtesy: whatever it refuses becomes one warning that names the permission, and never the release's
 * problem.
 */
export declare class GitHub {
    readonly run: Run;
    private readonly token;
    private readonly warn;
    private readonly now;
    private readonly connect;
    private readonly refused;
    private busyUntil;
    private octokit;
    /** @param warn is told once for each permission that is missing */
    constructor(run: Run, token: string, warn: (message: string) => void, now?: () => number, connect?: (token: string) => Promise<Octokit>);
    /**
     * One call.
     * @param what its purpose, for people
     * @param permission what the job must grant, for example `statuses: write`
     * @returns null when it was refused or did not arrive
     */
    ask<Answer>(what: string, permission: string, call: (octokit: Octokit, target: Target) => Promise<{
        readonly data: Answer;
    }>): Promise<Answer | null>;
    /** Remembers what will not change, so that it is asked and said once. */
    private why;
}
