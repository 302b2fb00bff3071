import type { Audience } from '../core/plan.ts';
import type { Colour, Shares } from '../core/shares.ts';
import type { KubeObject } from '../ports.ts';
import type { PatchOperation, RouteView } from './routed-object.ts';
export interface IngressPath {
    readonly path?: string;
    readonly pathType?: string;
    readonly backend?: {
        readonly service?: {
            readonly name?: string;
            readonly port?: {
                readonly number?: number;
                readonly name?: string;
            };
        };
    };
}
export interface IngressRule {
    readonly host?: string;
    readonly http?: {
        readonly paths?: readonly IngressPath[];
    };
}
/** The part of an Ingress that says where requests go. */
export interface Ingress extends KubeObject {
    readonly spec?: {
        readonly ingressClassName?: string;
        readonly rules?: readonly IngressRule[];
        readonly tls?: readonly unknown[];
    };
}
export declare const rulesOf: (ingress: Ingress) => readonly IngressRule[];
export declare const pathsOf: (rule: IngressRule) => readonly IngressPath[];
export declare const serviceOf: (path: IngressPath) => string;
/** Host, path and type: the controller joins two Ingresses where all three are the same. */
export declare const keysOf: (ingress: Ingress, service: string) => readonly string[];
/** The canary Ingress: its annotations are the route. */
export declare class CanaryView implements RouteView {
    readonly isRouted = true;
    private readonly ingress;
    private readonly prefix;
    private readonly colours;
    constructor(ingress: Ingress, prefix: string, colours: readonly [Colour, Colour]);
    shares(): Shares;
    has(shares: Shares): boolean;
    /** What the annotations must say so that this audience, and nobody else, reaches the canary. */
    private audienceOf;
    private isSaid;
    serves(audience: Audience): boolean;
    patch(shares: Shares, audience: Audience | null): readonly PatchOperation[];
}
