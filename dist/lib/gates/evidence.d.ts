import type { Tolerance } from '../core/verdict.ts';
import type { Connect, Gate } from '../ports.ts';
import { type CounterSource } from './counters.ts';
import { type PrometheusOptions } from './prometheus-api.ts';
/** What is compared, and how sure a decision must be. Shares are 0 to 1. */
export interface EvidenceOptions extends PrometheusOptions {
    readonly source: CounterSource;
    /** Server errors; default at most 1.5 times stable's share and 0.1 points. */
    readonly errors?: Partial<Tolerance> & {
        /** An objective: at most this share of errors whatever stable does. */
        readonly max?: number;
    };
    /** Slow requests; `quantile` of stable is slow, `allowance` in points of the requests. */
    readonly latency?: Partial<Tolerance> & {
        readonly quantile?: number;
    };
    /** Chance that a candidate exactly at the limit is reverted by mistake in the whole release; default 2 %. */
    readonly falseRevert?: number;
    /** Chance that a candidate exactly at the limit of a stage passes it; default 5 %. */
    readonly falsePass?: number;
    /** Share of all requests that the next weight may cost in errors beyond what is tolerated; default 0.1 %. */
    readonly harm?: number;
    /** After each change of the weight a candidate may be slow and wrong for so long; default 20 s. */
    readonly warmUpMs?: number;
}
/**
 * The default gate: errors and latency of the candidate against stable in the same intervals, with evidence that may
 * be looked at any number of times (docs/gate.md).
 */
export declare function evidence(options: EvidenceOptions): Connect<Gate>;
