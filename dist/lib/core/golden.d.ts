import type { Tolerance } from './verdict.ts';
import type { Metric } from './trial.ts';
export declare const ERRORS: Tolerance;
/** Server errors of the candidate against stable. */
export declare function errorsMetric({ tolerance, allowance }: Tolerance, part: number, harm: number): Metric;
/** An objective of its own: at most this share of errors, whatever stable does. */
export declare function objectiveMetric(most: number, part: number, harm: number): Metric;
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
/** Slow requests at each boundary; `unit` is that of the bounds, `looseness` multiplies the harm that is let through. */
export declare function latencyMetrics(boundaries: readonly Boundary[], { tolerance, allowance }: Partial<Tolerance>, part: number, unit: string, looseness?: number): readonly Metric[];
/** The parts of errors and latency in one alpha. */
export declare const ERRORS_PART = 0.5;
export declare const LATENCY_PART = 0.5;
export {};
