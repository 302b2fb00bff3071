import type { Tolerance } from './verdict.ts';
import type { Metric } from './trial.ts';
export declare const ERRORS: Tolerance;
/** Server errors of the candidate against stable. */
export declare function errorsMetric({ tolerance, allowance }: Tolerance, part: number, harm: number): Metric;
/** A depth of the histogram at which slow requests are counted. */
interface Depth {
    /** Stable's share of requests above the boundary that is looked for. */
    readonly share: number;
    readonly delta: number;
    readonly harm: number;
}
/** A boundary of the histogram that was picked, by its place among the bounds. */
export interface Boundary {
    readonly index: number;
    readonly bound: number;
    readonly depth: Depth;
}
/**
 * Picks the boundaries of the histogram by what stable did before the release: between boundaries a quantile is only
 * guessed, the share above one is counted.
 *
 * @param bounds upper bounds, rising, without infinity
 * @param below how many of stable's requests were at or below each bound
 * @param total all of stable's requests
 * @param quantile of stable above which a request is slow, in place of the first depth; 0.5 to 0.9999
 */
export declare function pickBoundaries(bounds: readonly number[], below: readonly number[], total: number, quantile?: number): readonly Boundary[];
/** Errors come first; latency has the other half of the one alpha. */
export declare const ERRORS_PART = 0.5;
export declare const DEFAULT_HARM = 0.001;
/** What is asked of a candidate: tolerances, harm, and the boundaries of the histogram that were picked. */
export interface GoldenOptions {
    readonly errors?: Partial<Tolerance> & {
        readonly max?: number;
    };
    readonly latency?: Partial<Tolerance>;
    /** Share of all requests that the next weight may cost, 0 to 1. */
    readonly harm?: number;
    readonly boundaries: readonly Boundary[];
    /** Unit of the boundaries. */
    readonly unit: string;
}
/** The metrics of a release under one alpha: errors, an objective if there is one, and each boundary of latency. */
export declare function goldenMetrics(options: GoldenOptions): readonly Metric[];
export {};
