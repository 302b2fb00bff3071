import type { Result } from '../command.ts';
import type { Release, ReleaseEvent } from '../core/events.ts';
import type { ReleaseState } from '../core/state.ts';
import type { Listener } from '../ports.ts';
/** Where statuses go: one commit of one repository. */
export interface StatusTarget {
    readonly token: string;
    readonly owner: string;
    readonly repo: string;
    readonly sha: string;
    /** Page of the run, behind the link "Details". */
    readonly runUrl: string;
    /** Name of the status beside others of the commit. */
    readonly context: string;
    /** Told once when GitHub refuses: a release never fails because of it. */
    readonly warn: (message: string) => void;
}
/** What GitHub shows beside the commit. */
export interface CommitStatus {
    readonly state: 'pending' | 'success' | 'failure' | 'error';
    readonly description: string;
}
/** The status at a border of a stage; null for what happens in between. */
export declare function statusOf(event: ReleaseEvent, state: ReleaseState, release: Release): CommitStatus | null;
/** The status of a plan on a pull request. */
export declare function statusOfPlan({ exitCode, reason }: Result): CommitStatus;
/** Sets statuses of one commit. What GitHub refuses is said once and then left alone. */
export declare class CommitStatuses {
    private readonly target;
    private last;
    private isRefused;
    constructor(target: StatusTarget);
    readonly listener: Listener;
    set(status: CommitStatus, commit?: string): Promise<void>;
}
/** The target of this run; null where there is no commit or no token to speak with. */
export declare function targetOf(env: Readonly<Record<string, string | undefined>>, event: unknown, token: string, context: string, warn: (message: string) => void): StatusTarget | null;
