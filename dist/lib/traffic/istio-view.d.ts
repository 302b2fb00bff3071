import { type Audience } from '../core/plan.ts';
import type { Colour, Shares } from '../core/shares.ts';
import type { KubeObject, RouteChange } from '../ports.ts';
import type { Found, Target } from './istio-routes.ts';
import { type PatchOperation, type RouteView } from './routed-object.ts';
/**
 * A VirtualService with our weights. An audience is a route of its own before each of ours, which goes away again;
 * a mirror is two fields of ours.
 */
export declare class IstioView implements RouteView {
    private readonly object;
    private readonly own;
    private readonly targets;
    private readonly managed;
    private readonly weights;
    constructor(object: KubeObject, service: string, targets: readonly [Target, Target], { lists, managed }: Found);
    get isRouted(): boolean;
    shares(): Shares | null;
    has(shares: Shares): boolean;
    /** Where the colour's requests go, as one of our routes writes it. */
    private destinationOf;
    /** The route by which the audience of one of our routes reaches the colour. */
    private routeFor;
    private wantedRoutes;
    private mirrorFor;
    /** The mirror of one of our routes, when it is ours: one to a colour of this service. */
    private mirrorOf;
    private isMirrorOurs;
    serves(audience: Audience, colour: Colour): boolean;
    private mirrorPatch;
    patch(shares: Shares, audience: RouteChange['audience']): readonly PatchOperation[];
}
