import type http from 'node:http';
import type { SandboxApiServer } from './api-server.ts';
type Labels = Readonly<Record<string, string>>;
/** Pods that a request may go to: those of a Service, with more labels. */
export interface Destination {
    readonly service: string;
    /** Undefined when the route names what nobody defined. */
    readonly labels: Labels | undefined;
    readonly weight: number;
}
/** What a request asks for. */
export type Asked = Pick<http.IncomingMessage, 'headers' | 'url'>;
/** One rule of a router, in the order in which they are asked. */
export interface Rule {
    readonly takes: (request: Asked) => boolean;
    /** Nothing is asked of a request. */
    readonly isDefault: boolean;
    readonly destinations: readonly Destination[];
    /** Who gets copies, and how many percent of the requests. */
    readonly mirror: {
        readonly to: Destination;
        readonly percent: number;
    } | null;
}
/** Where requests go, by the objects that say so: what a control plane makes of them. Reads nothing of the product. */
export declare class SandboxRouter {
    private readonly api;
    private readonly namespace;
    private readonly service;
    constructor(api: SandboxApiServer, namespace: string, service: string);
    /** The rules of the newest objects; null when they make no sense, and the old ones stay. */
    rules(): readonly Rule[] | null;
    private subset;
    private istio;
    /** The more a rule asks, the earlier it is asked. */
    private gateway;
    private nginx;
}
export {};
