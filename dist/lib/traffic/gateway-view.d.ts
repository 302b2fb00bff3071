import type { Audience } from '../core/plan.ts';
import type { Colour, Shares } from '../core/shares.ts';
import type { KubeObject, RouteChange } from '../ports.ts';
import { type Fields } from './own-rules.ts';
import type { PatchOperation, RouteView } from './routed-object.ts';
import { type WeightList } from './weights.ts';
/** A rule that shares requests between our colours, as it is written. */
export interface ManagedRule {
    readonly index: number;
    readonly written: Fields;
    readonly list: WeightList;
}
/**
 * An HTTPRoute or GRPCRoute with our weights. An audience is a rule of its own before each of ours, which goes away
 * again: its header makes it the more specific one. A mirror is one filter.
 */
export declare class GatewayView implements RouteView {
    private readonly own;
    private readonly backends;
    private readonly managed;
    private readonly weights;
    constructor(object: KubeObject, service: string, backends: Readonly<Record<Colour, string>>, managed: readonly ManagedRule[]);
    get isRouted(): boolean;
    shares(): Shares | null;
    has(shares: Shares): boolean;
    private refOf;
    /** The rules by which the audience of each of ours reaches the colour. */
    private wantedRules;
    /** One to a colour of this service. */
    private isOurMirror;
    /** The filters of a rule as they are to be. */
    private wantedFilters;
    serves(audience: Audience, colour: Colour): boolean;
    private mirrorPatch;
    patch(shares: Shares, audience: RouteChange['audience']): readonly PatchOperation[];
}
