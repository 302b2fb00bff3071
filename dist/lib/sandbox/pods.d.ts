import http from 'node:http';
import type { SandboxApiServer } from './api-server.ts';
/** A pod that runs: a real HTTP server on loopback. */
export interface RunningPod {
    readonly name: string;
    readonly deployment: string;
    readonly server: http.Server;
    port: number;
    readonly labels: Readonly<Record<string, string>>;
    ready: boolean;
}
/** What the pods of a sandbox need to know. */
export interface PodsOptions {
    readonly namespace: string;
    /** How much faster than the wall clock the sandbox's time runs. */
    readonly speed: number;
    /** How the pods of a Deployment answer a request. */
    readonly respond: (deployment: string, response: http.ServerResponse) => void;
    /** Deployments whose pods never become ready. */
    readonly isNeverReady: (deployment: string) => boolean;
}
/** The controllers of the sandbox: Deployments become pods that listen, Services get endpoints. */
export declare class SandboxPods {
    private readonly pods;
    private readonly templates;
    /** Servers of pods that were told to go, and still answer. */
    private readonly leaving;
    private readonly timers;
    private readonly api;
    private readonly options;
    private serial;
    private closed;
    constructor(api: SandboxApiServer, options: PodsOptions);
    close(): void;
    /** Labels of a Deployment's pods; none when it has no pods. */
    labelsOf(deployment: string): Readonly<Record<string, string>>;
    private reconcile;
    private forget;
    /** More or fewer of the same pods. */
    private scale;
    private start;
    private stop;
    private publishPod;
    private report;
    private publishEndpoints;
    /** The pods with all of these labels. */
    with(labels: Readonly<Record<string, string>>): RunningPod[];
    /** The processes of a Deployment die; for a moment the endpoints still name them, until the probe has failed. */
    crash(deployment: string): void;
}
