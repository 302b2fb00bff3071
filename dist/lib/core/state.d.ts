import type { Outcome, ReleaseEvent } from './events.ts';
import type { Plan } from './plan.ts';
import type { Verdict } from './verdict.ts';
interface Common {
    readonly plan: Plan;
    /** The candidate's weight as last written by us. */
    readonly weight: number;
    /** Steps that failed in a row. */
    readonly failures: number;
    /** Nothing is tried again before this time. */
    readonly notBefore: number;
    /** Somebody asked for a pause at the end of the stage. */
    readonly pauseWanted: boolean;
}
/** Where a release stands: one phase with just the fields that phase has. Plain JSON, so that saved equals replayed. */
export type ReleaseState = Common & ({
    readonly phase: 'deploying';
} | {
    readonly phase: 'readying';
    readonly since: number;
    readonly inspectedAt: number;
    readonly waitingFor: string;
} | {
    readonly phase: 'shifting';
    readonly stage: number;
    readonly since: number;
    readonly inspectedAt: number;
    readonly capable: boolean;
    readonly waitingFor: string;
} | {
    readonly phase: 'baking';
    readonly stage: number;
    readonly enteredAt: number;
    readonly analysedAt: number;
    readonly fails: number;
    readonly verdict: Verdict;
    readonly reason: string;
} | {
    readonly phase: 'paused';
    readonly stage: number;
    readonly at: number;
    readonly reason: string;
} | {
    readonly phase: 'promoting';
    readonly stableReplaced: boolean;
    readonly routed: boolean;
    readonly retired: boolean;
    readonly reason: string;
} | {
    readonly phase: 'reverting';
    readonly routed: boolean;
    readonly retired: boolean;
    readonly reason: string;
} | {
    readonly phase: Outcome;
    readonly at: number;
    readonly reason: string;
});
/** A phase after which nothing happens by itself. */
export declare function isFinished(state: ReleaseState): boolean;
/** The state a release starts in. */
export declare function start(event: Extract<ReleaseEvent, {
    type: 'release-started';
}>): ReleaseState;
/** What a happening changes. Pure: the same events give the same state, so that the journal replays. */
export declare function evolve(state: ReleaseState, event: ReleaseEvent): ReleaseState;
export {};
