import type { Scrape } from '../core/counters.ts';
import type { Release } from '../core/events.ts';
import type { Colour } from '../core/shares.ts';
import type { RangeSeries } from './prometheus-api.ts';
/** Where the requests of a service are counted, and how to read the counters. */
export interface CounterSource {
    /** Selector of the counters of requests of both colours, without a range. */
    readonly requests: string;
    /** Selector of the buckets of the duration of both colours; null when there is no histogram. */
    readonly durations: string | null;
    /** Unit of the bounds of the buckets. */
    readonly unit: 'ms' | 's';
    /** Label with the answer's status; what begins with 5 is an error. */
    readonly statusLabel: string;
    /** Label that tells the colours apart, and its value for each of them. */
    readonly colourLabel: string;
    readonly values: Readonly<Record<Colour, string>>;
    /** Value of the label for requests that reached no pod. They are the candidate's: stable had its pods all along. */
    readonly lostValue: string | null;
}
/** Istio's standard metrics of a service. */
export interface IstioCountersOptions {
    readonly service: string;
    /** The Services of the colours, where each has one of its own. */
    readonly services?: readonly string[];
    readonly namespace: string;
    /** Deployment of each colour, the label `destination_workload`. */
    readonly workloads: Readonly<Record<Colour, string>>;
    /** Who counts: the callers' proxies (`source`, sees requests that reached no pod) or the pods' own (`destination`). */
    readonly reporter?: 'source' | 'destination';
}
/** Counters that Istio's proxies keep. */
export declare function istioCounters(options: IstioCountersOptions): CounterSource;
/** Counters that ingress-nginx keeps: the canary's requests are the main Ingress's but for the label `canary`. */
export interface NginxCountersOptions {
    readonly namespace: string;
    /** Name of the main Ingress. */
    readonly ingress: string;
    /** The Service of each track; the first one is the main track, the second one the canary. */
    readonly services: Readonly<Record<Colour, string>>;
    /** Port of the canary's Service in the Ingress; default 80. */
    readonly port?: number;
}
/** Counters of the ingress-nginx controller, also where Prometheus renames their `namespace` to `exported_namespace`. */
export declare function nginxCounters({ namespace, ingress, services, port }: NginxCountersOptions): CounterSource;
/** Requests and errors of each process that counts. */
export declare function requestScrapes(series: readonly RangeSeries[], source: CounterSource, release: Release): Scrape[];
/** The bound of a bucket as Prometheus writes it: `250`, `0.25`, `250.0`. */
export declare const boundOf: (labels: Readonly<Record<string, string>>) => number;
/** Requests, and those above each of the bounds, of each process that counts. */
export declare function durationScrapes(series: readonly RangeSeries[], source: CounterSource, release: Release, bounds: readonly number[]): Scrape[];
