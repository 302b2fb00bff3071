import type { Connect } from '../ports.ts';
/** Where the metrics are asked, and as whom. */
export interface PrometheusOptions {
    /** Base address, for example `https://prometheus.example`; not needed with `service`. */
    readonly url?: string;
    /** `namespace/name:port` of a Service, asked through the API server's proxy with the cluster's own credentials. */
    readonly service?: string;
    readonly bearerToken?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
}
/** One value of an instant query. `value` is NaN or infinite as Prometheus sent it. */
export interface Sample {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
}
/** One series with its samples: times in milliseconds, oldest first. */
export interface RangeSeries {
    readonly labels: Readonly<Record<string, string>>;
    readonly points: readonly (readonly [number, number])[];
}
/** The HTTP API of Prometheus: an answer or one clear error. */
export interface PrometheusApi {
    /** @throws ReleaseError METRICS_UNAVAILABLE (could not ask) or METRICS_REJECTED (asking again cannot help) */
    ask(query: string, at: number, signal: AbortSignal): Promise<readonly Sample[]>;
    /** The raw samples of a selector with a range, as they were scraped. @throws as `ask` */
    askRange(query: string, at: number, signal: AbortSignal): Promise<readonly RangeSeries[]>;
    readonly address: string;
}
/** JSON has no infinity: Prometheus writes `"NaN"`, `"+Inf"` and `"-Inf"`, of which JavaScript knows only the first. */
export declare function toValue(text: unknown): number;
/** Connects to a Prometheus (or anything with its HTTP API). */
export declare function prometheusApi(options: PrometheusOptions): Connect<PrometheusApi>;
/** What a gate says when it could not ask: an `error`, which never passes and never blames the candidate. */
export declare function unanswered(thrown: unknown, query: string): {
    verdict: "error";
    reason: string;
    value: null;
    limit: null;
    baseline: null;
    query: string;
};
