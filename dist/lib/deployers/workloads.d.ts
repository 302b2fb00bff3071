import type { Colour } from '../core/shares.ts';
import type { Connect, Workloads } from '../ports.ts';
/** Which Deployment each colour is. */
export interface WorkloadsOptions {
    readonly namespace: string;
    readonly deployments: Readonly<Record<Colour, string>>;
}
/** Deployments, their pods and endpoints. */
export declare function workloads(options: WorkloadsOptions): Connect<Workloads>;
