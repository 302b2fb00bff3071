import { type Limit } from './evidence.ts';
import { type Rules } from './evidence-judge.ts';
import type { Metric } from './trial.ts';
/** One block as it is expected. */
export interface Expected {
    /** Requests of candidate and stable in a block. */
    readonly nC: number;
    readonly nS: number;
    /** Stable's bad share, and the candidate's; 0 to 1. */
    readonly share: number;
    readonly fault: number;
    readonly limit: Limit;
    /** Size of the bursts. */
    readonly phi: number;
}
/** How the money for a revert is staked. */
export interface Stakes {
    readonly alpha: number;
    /** The metric's part. */
    readonly part: number;
    readonly money: number;
    /** How many bets share the money. */
    readonly ratios: number;
}
/**
 * Blocks until a fault of this size is reverted; infinite for one within the limit.
 *
 * @param power standard deviations: 1.28 for 9 of 10 releases, 0 for the median
 */
export declare function revertBlocks(expected: Expected, { alpha, part, money, ratios }: Stakes, power?: number): number;
/**
 * Blocks until a healthy candidate has passed; `limit.delta` is what the pass rules out.
 *
 * @param worth evidence there is already, 1 at the begin of a stage
 */
export declare function passBlocks(expected: Expected, beta: number, worth?: number, power?: number): number;
/** Today's traffic of a service, and how stable does. */
export interface Traffic {
    /** Requests a second of both colours. */
    readonly perSecond: number;
    /** Stable's bad share, 0 to 1. */
    readonly share: number;
    readonly phi: number;
}
/** What a stage can do at today's traffic; times in milliseconds, infinite for never. */
export interface StageForecast {
    readonly weight: number;
    /** Until a healthy candidate has passed, in 9 of 10 releases. */
    readonly passMs: number;
    /** Sizes of a fault as a share of requests, and the time until 9 of 10 such candidates are reverted. */
    readonly faults: readonly {
        readonly share: number;
        readonly revertMs: number;
    }[];
}
/** The forecast of each stage below 100 %, for one metric. */
export declare function forecastStages(weights: readonly number[], { perSecond, share, phi }: Traffic, metric: Metric, rules: Rules): readonly StageForecast[];
/** A stage as one line for people, with advice when it is pointless. */
export declare function describeForecast({ weight, passMs, faults }: StageForecast, { perSecond }: Traffic, show: (lengthMs: number) => string): string;
