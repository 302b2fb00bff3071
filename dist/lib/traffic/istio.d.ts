import type { Colour } from '../core/shares.ts';
import type { Connect, TrafficProvider } from '../ports.ts';
/** How the service is routed with Istio. */
export interface IstioOptions {
    readonly service: string;
    readonly namespace: string;
    /** The two colours and the subsets of the DestinationRule they are. */
    readonly subsets: Readonly<Record<Colour, string>>;
    /** The two colours and the Services they are, where each has one of its own; then there are no subsets. */
    readonly hosts?: Readonly<Record<Colour, string>>;
    /** Host the routes send to; the service's own by default. */
    readonly host?: string;
    /** Name of the VirtualService; found by host when not given. */
    readonly virtualService?: string;
    /** Names of the http routes to move; every route that names both colours when not given. */
    readonly routes?: readonly string[];
    readonly clusterDomain?: string;
}
/** Istio: two subsets of a DestinationRule, or two Services, with weights in a VirtualService. Only our numbers are ever written. */
export declare function istio(options: IstioOptions): Connect<TrafficProvider>;
