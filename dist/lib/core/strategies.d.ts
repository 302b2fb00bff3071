import type { Limits, Match, Plan, Policies } from './plan.ts';
/** What every strategy may be told; times in milliseconds. */
export interface StrategyOptions {
    readonly gates?: readonly string[];
    readonly intervalMs?: number;
    readonly settleMs?: number;
    readonly readyMs?: number;
    readonly retire?: Plan['retire'];
    readonly ending?: Plan['ending'];
    readonly limits?: Partial<Limits>;
    readonly policies?: Partial<Policies>;
}
/** A stage as a person names it: only the weight is needed. */
export interface StageOptions {
    readonly weight: number;
    readonly name?: string;
    readonly minMs?: number;
    readonly maxMs?: number;
    readonly gates?: readonly string[];
    readonly approval?: boolean;
    /** Requests that are the candidate's whatever the weight. */
    readonly match?: readonly Match[];
    /** Percent of stable's requests that the candidate gets a copy of, 0 to 100. */
    readonly mirror?: number;
}
/** Stages of a canary: weights that rise and end at 100. */
export interface CanaryOptions extends StrategyOptions {
    /** Weights in percent, or stages with times of their own. */
    readonly stages: readonly (number | StageOptions)[];
}
/** Times of the two stages of a blue/green release. */
export interface BlueGreenOptions extends StrategyOptions {
    /** How long the candidate is checked before it serves anyone. */
    readonly previewMs?: number;
    /** How long the new colour is watched after the switch. */
    readonly watchMs?: number;
}
export declare const DEFAULT_POLICIES: Policies;
export declare const DEFAULT_LIMITS: Limits;
export declare const DEFAULT_MIN_MS = 60000;
export declare const DEFAULT_MAX_MS: number;
/** Traffic rises through the stages, each held until its gates pass. */
export declare function canary(options: CanaryOptions): Plan;
/** The candidate is checked at weight 0, then takes all traffic in one step; the way back is one step too. */
export declare function blueGreen(options: BlueGreenOptions): Plan;
/**
 * Blue/green whose second environment exists only during the release: what no longer serves is removed, the candidate
 * after a revert, the old colour after the promotion (or by `sweep`, when `keepOldMs` says so).
 */
export declare function redBlack(options: BlueGreenOptions): Plan;
/** A test of two versions with an audience of its own, which ends in a choice. */
export interface AbTestOptions extends StrategyOptions {
    /** Whose requests the candidate answers. */
    readonly match: readonly Match[];
    /** Percent of all other requests that are the candidate's too, 0 to 99; default 0. */
    readonly weight?: number;
    /** The test runs at least this long, and at most. */
    readonly minMs?: number;
    readonly maxMs?: number;
    /** A person decides after the test has passed. */
    readonly approval?: boolean;
}
/**
 * The candidate serves an audience until its gates choose it: then it takes all requests in one step. A gate that
 * fails, or a test without a decision, keeps stable.
 */
export declare function abTest(options: AbTestOptions): Plan;
/**
 * The first release of all: the colour that already has the weight is deployed, no stage is taken, and there is
 * nothing to go back to, so that even a failure leaves the weights as they are.
 */
export declare function firstRelease(plan: Plan): Plan;
