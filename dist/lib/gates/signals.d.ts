import type { Colour } from '../core/shares.ts';
import { type Tolerance } from '../core/verdict.ts';
import type { Connect, Gate } from '../ports.ts';
import { type PrometheusOptions } from './prometheus-api.ts';
/** Where Istio counts the requests of a service. */
export interface SignalSource {
    readonly service: string;
    readonly namespace: string;
    /** Deployment of each colour, the label `destination_workload`. */
    readonly workloads: Readonly<Record<Colour, string>>;
    /** Who counts: the callers' proxies (`source`, sees requests that reached no pod) or the pods' own (`destination`). */
    readonly reporter?: 'source' | 'destination';
}
/** How much worse than stable the candidate may be. Shares are 0 to 1. */
export interface SignalOptions extends PrometheusOptions, Partial<Tolerance> {
    readonly source: SignalSource;
    /** Fewer requests of the candidate than this are no data. */
    readonly minRequests?: number;
}
/** Latency is judged by the share of requests slower than stable's quantile. */
export interface LatencyOptions extends SignalOptions {
    readonly quantile?: number;
}
/** Server errors of the candidate against stable, those that reached no pod included. */
export declare function errors(options: SignalOptions): Connect<Gate>;
/** Slow requests of the candidate against stable. */
export declare function latency(options: LatencyOptions): Connect<Gate>;
/** Whether the weight that was written is the share that is served. */
export declare function traffic(options: SignalOptions): Connect<Gate>;
