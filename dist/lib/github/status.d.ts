import type { Result } from '../command.ts';
import type { Release, ReleaseEvent } from '../core/events.ts';
import type { ReleaseState } from '../core/state.ts';
import type { Listener } from '../ports.ts';
import { type GitHub } from './api.ts';
/** What GitHub shows beside the commit. */
export interface CommitStatus {
    readonly state: 'pending' | 'success' | 'failure' | 'error';
    readonly description: string;
}
/** The status at a border of a stage; null for what happens in between. */
export declare function statusOf(event: ReleaseEvent, state: ReleaseState, release: Release): CommitStatus | null;
/** The status of a plan on a pull request. */
export declare function statusOfPlan({ exitCode, reason }: Result): CommitStatus;
/** Sets statuses, each once, of the commit that is released. */
export declare class CommitStatuses {
    private readonly github;
    private readonly context;
    private last;
    /** @param context name of the status beside others of the commit */
    constructor(github: GitHub, context: string);
    readonly listener: Listener;
    set(status: CommitStatus, commit?: string): Promise<void>;
}
