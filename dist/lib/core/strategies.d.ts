import type { Limits, Plan, Policies } from './plan.ts';
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
 * The first release of all: the colour that already has the weight is deployed, no stage is taken, and there is
 * nothing to go back to, so that even a failure leaves the weights as they are.
 */
export declare function firstRelease(plan: Plan): Plan;
