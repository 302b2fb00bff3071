import type { Audience } from '../core/plan.ts';
import { type Colour, type Shares } from '../core/shares.ts';
import { ReleaseError } from '../errors.ts';
import type { Cluster, Finding, KubeObject, LiveRoute, Platform, RouteChange } from '../ports.ts';
/** One step of a JSON patch (RFC 6902). */
export interface PatchOperation {
    readonly op: 'add' | 'replace' | 'test' | 'remove';
    readonly path: string;
    readonly value?: unknown;
}
/** One object, read as a route between our two colours. */
export interface RouteView {
    /** Whether it has a place for our weights at all. */
    readonly isRouted: boolean;
    /** Percent of our share by colour; null when its routes disagree or nothing has a weight. */
    shares(): Shares | null;
    /** Whether the weights are those that writing these shares gives. */
    has(shares: Shares): boolean;
    /** Whether exactly this audience reaches the colour beside its weight. */
    serves(audience: Audience, colour: Colour): boolean;
    /** The smallest patch that gives the shares and the audience (null leaves it alone); empty when they are there. */
    patch(shares: Shares, audience: RouteChange['audience']): readonly PatchOperation[];
}
/** What a kind of route object must say about itself. */
export interface RoutedKind {
    /** The release the notes on the object belong to. */
    readonly service: string;
    /** The object's path by its name; `''` gives the collection. */
    path(name: string): Promise<string>;
    /** The name of the one object that shares requests between our colours. @throws ReleaseError ROUTE_NOT_FOUND */
    find(): Promise<string>;
    view(object: KubeObject): RouteView;
    /** Why the object is none of ours. */
    noRoutes(object: KubeObject): ReleaseError;
    /** What to say when the object is not there. */
    missing(name: string): Promise<ReleaseError>;
}
/** An object for people: `VirtualService happyride/address-service-deployment`. */
export declare function describeObject(object: KubeObject, kind?: string): string;
/** Refuses with what was found in place of a route. */
export declare function notFound(message: string, hint: string): ReleaseError;
/** Refuses to write over what somebody else wrote. */
export declare function drifted(object: string, found: Shares | null, expected: readonly Shares[]): ReleaseError;
/** Who else writes this object as a whole. */
export declare function fighters(object: KubeObject, field: string): readonly Finding[];
/**
 * A route that lives on one object of the cluster: its weights, our notes and the fence are written in one patch that
 * names only our numbers, and read back.
 */
export declare class RoutedObject {
    private readonly kind;
    private readonly platform;
    private readonly followed;
    constructor(kind: RoutedKind, platform: Platform);
    /** The newest object we know. */
    get latest(): KubeObject | null;
    watch(signal: AbortSignal): void;
    /** Asks for the object; one that is not there is refused with the names of those that are. */
    private ask;
    /** The object as the server has it now. */
    get(): Promise<KubeObject>;
    /** The object: from memory while the watch runs. */
    current(): Promise<KubeObject>;
    private noteKey;
    private noteOf;
    private toLive;
    read(): Promise<LiveRoute>;
    private refuseIfFenced;
    private operations;
    private refuseIfDrifted;
    private patch;
    write(change: RouteChange): Promise<LiveRoute>;
    /** Leaves a request for the run that drives. */
    leave(request: string): Promise<void>;
    /** Weights are read back from the server; notes alone are what the answer to the patch says. */
    private confirm;
}
/** A router whose route is one object: what it answers about it, and how it writes it, is the object's. */
export declare abstract class ObjectRouter {
    protected abstract readonly route: RoutedObject;
    read(): Promise<LiveRoute>;
    write(change: RouteChange): Promise<LiveRoute>;
    ask(request: string): Promise<void>;
    watch(signal: AbortSignal): void;
}
/** All objects of a collection. */
export declare function listObjects(cluster: Cluster, path: string): Promise<readonly KubeObject[]>;
/** The version of an API group that the server prefers. @throws ReleaseError ROUTE_NOT_FOUND when it serves none */
export declare function preferredVersion(cluster: Cluster, group: string, hint: string): Promise<string>;
/** Collects what is wrong with a route: each question that cannot even be asked is a finding too. */
export declare function gather(questions: readonly (() => Promise<readonly Finding[]>)[]): Promise<readonly Finding[]>;
