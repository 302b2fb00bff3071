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
    private readonly routes;
    /** What the data plane has taken over. */
    private obeyed;
    /** Of each call, in the order of the calls; a test of two versions has an audience. */
    headersOf: () => Readonly<Record<string, string>>;
    /** Share of the answered requests that a Deployment turns into a success, for tests of two versions. */
    readonly conversion: Map<string, number>;
    private inFlight;
    constructor(api: SandboxApiServer, metrics: SandboxMetrics, options: MeshOptions);
    listen(): Promise<void>;
    close(): void;
    /** Open-loop load of `rps` requests per second of sandbox time, until `close`; scrapes every `scrapeMs`. */
    load(rps: number, scrapeMs: number): void;
    private call;
    /** Whether the Deployment's fault has begun: its colour has had the weight once. */
    private faultOf;
    /** Percent of what nobody asks for in particular that goes to a Deployment. */
    private weightOf;
    private selectorOf;
    private respond;
    private readyPods;
    private ask;
    /** What a visitor does with an answer. */
    private convert;
    private forward;
    private record;
    private histogram;
    /** The controller's own counters: everything is the main Ingress's but the label `canary`. */
    private recordNginx;
}
