import type { Connect, Gate } from '../ports.ts';
import type { Colour } from '../core/shares.ts';
import { type PrometheusOptions } from './prometheus-api.ts';
/** A question of the user's in PromQL: a bound, or the candidate against stable. */
export interface QueryOptions {
    /** One value; `{colour}`, `{workload}`, `{version}`, `{namespace}`, `{service}` and `{window}` are filled in. */
    readonly query: string;
    readonly max?: number;
    readonly min?: number;
    /** Compares with stable: at most `stable × tolerance + allowance`; with `min` (higher is better) at least `stable ÷ tolerance − allowance`. */
    readonly tolerance?: number;
    readonly allowance?: number;
    /** Requests behind the value; below `minRequests` there is no data. */
    readonly requests?: string;
    readonly minRequests?: number;
    /** Deployment of each colour, for `{workload}`. */
    readonly workloads?: Readonly<Record<Colour, string>>;
    readonly namespace?: string;
}
/** A gate that asks Prometheus the user's own question. */
export declare function prometheus(options: PrometheusOptions & QueryOptions): Connect<Gate>;
