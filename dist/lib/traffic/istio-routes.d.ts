import { type Colour, type Shares } from '../core/shares.ts';
import type { Finding, KubeObject } from '../ports.ts';
export interface WeightedDestination {
    readonly destination?: {
        readonly host?: string;
        readonly subset?: string;
        readonly port?: {
            readonly number?: number;
        };
    };
    readonly weight?: number;
}
/** A colour as the mesh knows it: the resolved host and the subset, never the subset alone. */
export interface SubsetTarget {
    readonly colour: Colour;
    readonly host: string;
    readonly subset: string;
}
/** One http route of ours, by its place in the object. */
interface ManagedRoute {
    readonly index: number;
    readonly label: string;
    readonly route: readonly WeightedDestination[];
    /** Place of each colour in `route`; -1 where the colour is not there yet. */
    readonly places: Readonly<Record<Colour, number>>;
}
export interface PatchOperation {
    readonly op: 'add' | 'replace' | 'test' | 'remove';
    readonly path: string;
    readonly value?: unknown;
}
/**
 * A host as Istio sees it: without a dot it is a Service of the object's own namespace, with any dot it is literal.
 *
 *     resolveHost('address', 'shop', 'cluster.local')      → 'address.shop.svc.cluster.local'
 *     resolveHost('address.shop', 'shop', 'cluster.local') → 'address.shop'   no such cluster: requests fail
 */
export declare function resolveHost(host: string, namespace: string, domain: string): string;
/** The routes of a VirtualService that share requests between our two colours. */
export declare class RouteEditor {
    readonly object: KubeObject;
    readonly managed: readonly ManagedRoute[];
    /** Routes of ours below one that takes every request. */
    readonly unreachable: readonly string[];
    private readonly targets;
    /**
     * @param names the routes to move; null for every reachable one that names both colours, or names one of them and
     *   takes every request
     * @throws ReleaseError ROUTE_NOT_FOUND when a colour stands twice in one route
     */
    constructor(object: KubeObject, targets: readonly SubsetTarget[], names: readonly string[] | null, domain: string);
    /** Our destinations' sum today, which is what foreign destinations leave us. */
    private room;
    private weightOf;
    private sharesOf;
    /** The shares all our routes have; null when they disagree or have none. */
    shares(): Shares | null;
    /** The weight each colour gets in a route when `shares` are written. */
    private wanted;
    /** Whether the weights are exactly those that writing `shares` gives. */
    has(shares: Shares): boolean;
    /** The smallest patch that gives `shares`: only our weights, and a destination where a colour has none yet. */
    patch(shares: Shares): PatchOperation[];
    /** The Service port our destinations name; null when they name none. */
    port(): number | null;
}
/** An object for people: `VirtualService happyride/address-service-deployment`. */
export declare function describeObject(object: KubeObject): string;
/** The hosts an object claims, as Istio resolves them. */
export declare function hostsOf(object: KubeObject, domain: string): readonly string[];
/** The gateways an object is bound to; without any it rules the mesh. */
export declare function gatewaysOf(object: KubeObject): readonly string[];
/** Whether some route of the object sends requests to the host without naming a subset, past any split. */
export declare function bypasses(object: KubeObject, host: string, domain: string): boolean;
/** Other VirtualServices that get in the way of ours: for the same host, or past its split. */
export declare function neighbours(ours: KubeObject, all: readonly KubeObject[], host: string, domain: string): readonly Finding[];
/** A VirtualService and a DestinationRule that would do, ready to paste. */
export declare function examplePair(host: string, service: string, namespace: string, subsets: readonly string[]): string;
export {};
