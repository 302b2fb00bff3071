import type { Support } from '../core/plan.ts';
import type { Colour } from '../core/shares.ts';
import type { Connect, TrafficProvider } from '../ports.ts';
import type { WrittenConfig } from './read.ts';
export declare const ROUTERS: readonly ["istio", "gateway-api", "ingress-nginx", "replicas"];
export type Router = (typeof ROUTERS)[number];
/** How the settings share requests. */
export interface Routing {
    readonly router: Router;
    readonly colours: readonly [Colour, Colour];
    /** Name of the Deployment of each colour. */
    readonly workloads: Readonly<Record<Colour, string>>;
    /** Name of the Service of each colour, where each has one. */
    readonly services: Readonly<Record<Colour, string>>;
    /** Whether each colour has a Service of its own. */
    readonly hasServices: boolean;
    readonly traffic: Connect<TrafficProvider>;
    readonly supports: Support;
    /** One track is fixed: it gets the new version at the end, and the canary goes. */
    readonly hasTracks: boolean;
}
/** @param wrong is told what does not fit together */
export declare function routingOf(config: WrittenConfig, wrong: (path: string, message: string) => void): Routing;
