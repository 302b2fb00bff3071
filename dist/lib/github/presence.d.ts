import type { Result } from '../command.ts';
import type { Listener } from '../ports.ts';
import type { Changes } from '../report/changes.ts';
import type { Run } from './run.ts';
/** What is shown on GitHub. */
export interface PresenceOptions {
    readonly service: string;
    readonly isPlan: boolean;
    readonly token: string;
    /** Environment of the deployment record; empty for none. */
    readonly environment: string;
    readonly hasCheckRun: boolean;
    readonly warn: (message: string) => void;
}
/** Everything of a release that is to be seen on GitHub. It warns, and never fails a release. */
export declare class Presence {
    readonly listeners: readonly Listener[];
    private readonly run;
    private readonly github;
    private readonly statuses;
    private readonly options;
    constructor(run: Run, options: PresenceOptions);
    /** The commits that go out, or would; `isHurried` leaves it at the link, for a run that is about to be killed. */
    changes(result: Result, isHurried: boolean): Promise<Changes | null>;
    /** After the command: what is known only now. */
    end(result: Result, summary: string): Promise<void>;
}
