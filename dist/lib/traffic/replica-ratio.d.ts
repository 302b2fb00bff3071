import type { Colour } from '../core/shares.ts';
import type { Connect, TrafficProvider } from '../ports.ts';
/** How requests are shared without a router: one Service selects the pods of both tracks, and their number is the split. */
export interface ReplicaRatioOptions {
    readonly service: string;
    readonly namespace: string;
    /** The Deployment of each track; the first one is the main track, the second one the canary. */
    readonly deployments: Readonly<Record<Colour, string>>;
    /** The Service that selects both; default the service's name. */
    readonly kubeService?: string;
}
/** No router: the pods of two Deployments behind one Service. The share is what whole pods allow. */
export declare function replicaRatio(options: ReplicaRatioOptions): Connect<TrafficProvider>;
