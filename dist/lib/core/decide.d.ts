import type { Outcome, Track } from './events.ts';
import { type Audience, type Stage } from './plan.ts';
import { type ReleaseState } from './state.ts';
/** What to do now. Only the loop carries it out. */
export type Decision = {
    readonly do: 'deploy';
    readonly track: Track;
} | {
    readonly do: 'inspect';
    readonly weight: number;
} | {
    readonly do: 'shift';
    readonly weight: number;
    readonly audience: Audience;
} | {
    readonly do: 'analyse';
    readonly stage: Stage;
    readonly from: number;
    readonly shiftedAt: number;
} | {
    readonly do: 'wait';
    readonly until: number;
} | {
    readonly do: 'pass';
    readonly stage: Stage;
    readonly reason: string;
} | {
    readonly do: 'pause';
    readonly reason: string;
} | {
    readonly do: 'revert';
    readonly reason: string;
} | {
    readonly do: 'retire';
    readonly track: Track;
} | {
    readonly do: 'finish';
    readonly outcome: Outcome;
    readonly reason: string;
} | {
    readonly do: 'stop';
};
/** What to do in this state at this time (milliseconds since the epoch). Pure. */
export declare function decide(state: ReleaseState, now: number): Decision;
/** Why a person's command cannot be obeyed in this state; undefined when it can. */
export declare function refusal(command: 'promote' | 'pause' | 'abort', state: ReleaseState, to?: number | null): string | undefined;
