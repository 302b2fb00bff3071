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
    readonly namespace: string;
    /** Deployment of each colour, the label `destination_workload`. */
    readonly workloads: Readonly<Record<Colour, string>>;
    /** Who counts: the callers' proxies (`source`, sees requests that reached no pod) or the pods' own (`destination`). */
    readonly reporter?: 'source' | 'destination';
}
/** Counters that Istio's proxies keep. */
export declare function istioCounters({ service, namespace, workloads, reporter }: IstioCountersOptions): CounterSource;
/** Counters that ingress-nginx keeps: each colour is a Service behind the Ingress. */
export interface NginxCountersOptions {
    readonly namespace: string;
    readonly services: Readonly<Record<Colour, string>>;
}
/** Counters of the ingress-nginx controller. */
export declare function nginxCounters({ namespace, services }: NginxCountersOptions): CounterSource;
/** Requests and errors of each process that counts. */
export declare function requestScrapes(series: readonly RangeSeries[], source: CounterSource, release: Release): Scrape[];
/** The bound of a bucket as Prometheus writes it: `250`, `0.25`, `250.0`. */
export declare const boundOf: (labels: Readonly<Record<string, string>>) => number;
/** Requests, and those above each of the bounds, of each process that counts. */
export declare function durationScrapes(series: readonly RangeSeries[], source: CounterSource, release: Release, bounds: readonly number[]): Scrape[];
