import type { SandboxApiServer } from './api-server.ts';
import type { SandboxMetrics } from './metrics.ts';
/** What is wrong with the pods of a Deployment. */
export type FaultKind = 'none' | 'errors' | 'latency' | 'crash' | 'leak' | 'never-ready';
/** A fault and when it begins: as soon as the Deployment's weight in the route reaches `at` percent. */
export interface Fault {
    readonly kind: FaultKind;
    readonly at: number;
}
export interface MeshOptions {
    readonly namespace: string;
    /** The short name of the Service the load calls. */
    readonly service: string;
    readonly now: () => number;
    /** How much faster than the wall clock the sandbox's time runs. */
    readonly speed: number;
}
/** Deployments become real HTTP servers; a router that follows the VirtualService's weights sends real requests to them. */
export declare class SandboxMesh {
    /** Faults by Deployment. */
    readonly faults: Map<string, Fault>;
    /** Requests answered, by Deployment and status code. */
    readonly served: Map<string, number>;
    private readonly pods;
    private readonly api;
    private readonly metrics;
    private readonly options;
    private readonly agent;
    private readonly router;
    private readonly timers;
    private readonly faultSince;
    private address;
    private obeyed;
    private inFlight;
    constructor(api: SandboxApiServer, metrics: SandboxMetrics, options: MeshOptions);
    listen(): Promise<void>;
    close(): void;
    /** Open-loop load of `rps` requests per second of sandbox time, until `close`; scrapes every `scrapeMs`. */
    load(rps: number, scrapeMs: number): void;
    private call;
    /** Like istiod: a route whose weights make no sense is not taken over, the old split stays. */
    private obey;
    /** Whether the Deployment's fault has begun: its colour has had the weight once. */
    private faultOf;
    private weightOf;
    private respond;
    private subsetLabels;
    private choose;
    private forward;
    private record;
}
