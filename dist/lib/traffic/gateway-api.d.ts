import type { Colour } from '../core/shares.ts';
import type { Connect, TrafficProvider } from '../ports.ts';
/** How the service is routed with the Gateway API, at a gateway or inside a mesh. */
export interface GatewayApiOptions {
    readonly service: string;
    readonly namespace: string;
    /** The Service that each colour is. */
    readonly backends: Readonly<Record<Colour, string>>;
    /** Default HTTPRoute. */
    readonly kind?: 'HTTPRoute' | 'GRPCRoute';
    /** Name of the route object; found by its backends when not given. */
    readonly route?: string;
    /** Names of the rules to move; every rule that names both colours when not given. */
    readonly rules?: readonly string[];
}
/** Gateway API: two weighted backends of an HTTPRoute or GRPCRoute. Only our numbers are ever written. */
export declare function gatewayApi(options: GatewayApiOptions): Connect<TrafficProvider>;
