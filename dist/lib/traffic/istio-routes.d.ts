import type { Colour } from '../core/shares.ts';
import type { Finding, KubeObject } from '../ports.ts';
import { type Fields } from './own-rules.ts';
import type { WeightList } from './weights.ts';
/** A colour as the mesh knows it: the resolved host and the subset, never the subset alone. */
export interface Target {
    readonly colour: Colour;
    readonly host: string;
    /** Subset of the DestinationRule; null where each colour is a host of its own. */
    readonly subset: string | null;
    /** The host as it is written into a route that does not have the colour yet. */
    readonly writtenHost: string;
}
/**
 * A host as Istio sees it: without a dot it is a Service of the object's own namespace, with any dot it is literal.
 *
 *     resolveHost('address', 'shop', 'cluster.local')      → 'address.shop.svc.cluster.local'
 *     resolveHost('address.shop', 'shop', 'cluster.local') → 'address.shop'   no such cluster: requests fail
 */
export declare function resolveHost(host: string, namespace: string, domain: string): string;
/** An http route that shares requests between our colours, as it is written. */
export interface HttpRoute {
    readonly index: number;
    readonly written: Fields;
}
/** What the routes of a VirtualService have to do with our two colours. */
export interface Found {
    readonly lists: readonly WeightList[];
    /** The http routes among them. */
    readonly managed: readonly HttpRoute[];
    /** Routes of ours below one that takes every request. */
    readonly unreachable: readonly string[];
    /** The Service port our destinations name; null when they name none. */
    readonly port: number | null;
}
/**
 * The routes of a VirtualService that share requests between our two colours.
 *
 * @param names the routes to move; null for every reachable one that names both colours, or names one of them and
 *   takes every request
 * @throws ReleaseError ROUTE_NOT_FOUND when a colour stands twice in one route
 */
export declare function findRoutes(object: KubeObject, targets: readonly Target[], names: readonly string[] | null, domain: string): Found;
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
