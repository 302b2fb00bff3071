import type { Member } from '../core/events.ts';
import { type Colour } from '../core/shares.ts';
import type { Backend, Deployer, Finding, LiveRoute, Permission, RouteChange, TrafficProvider, Workloads } from '../ports.ts';
/** A service with its own parts, connected. */
export interface Part {
    readonly service: string;
    readonly version: string;
    readonly colours: readonly [Colour, Colour];
    readonly traffic: TrafficProvider;
    readonly workloads: Workloads;
    readonly deployer: Deployer;
}
/**
 * The routes of all services as one. Colours are those of the first service; the others may have their roles the
 * other way round. Weights are written to all routes, and what is saved, on the first one, comes last: it is never
 * ahead of what is live.
 */
export declare class TogetherTraffic implements TrafficProvider {
    readonly supports: {
        precision: number;
        match: ("header" | "cookie" | "custom")[];
        mirror: boolean;
    };
    readonly needs: readonly Permission[];
    readonly parts: readonly Part[];
    private readonly first;
    private readonly name;
    private roles;
    private lives;
    constructor(name: string, parts: readonly Part[]);
    private memberOf;
    members(): readonly Member[];
    /** A colour of the release in the words of one service. */
    own(place: number, colour: Colour): Colour;
    private ownShares;
    /** Roles are fixed while a release is under way, and read from what is live otherwise. */
    private learn;
    /** Shares that all routes have, in the colours of the first one; null when they disagree. */
    private shares;
    private isAsWritten;
    /** The candidate's weight as each route was last given it; null where nothing is noted. */
    private written;
    /**
     * A write that reached some routes and not the others, or all of them and not what is saved. What others changed is
     * no write of ours.
     */
    private unfinished;
    /** While a write is unfinished, the shares of the route that is furthest back. */
    private furthestBack;
    private toLive;
    private refuseStrangers;
    read(): Promise<LiveRoute>;
    /** The change as one route gets it: its own colours, its own note, and what it was given last as one more beginning. */
    private changeOf;
    /** Writes to several routes at once; all are tried, whatever becomes of the others. */
    private writeAll;
    write(change: RouteChange): Promise<LiveRoute>;
    ask(request: string): Promise<void>;
    watch(signal: AbortSignal): void;
    ownBackend(place: number, colour: Colour): Promise<Backend>;
    backend(colour: Colour): Promise<Backend>;
    check(): Promise<readonly Finding[]>;
}
