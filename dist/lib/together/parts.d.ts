import type { Deployer, Gate, Workloads } from '../ports.ts';
import type { TogetherTraffic } from './traffic.ts';
/** The workloads of all services as one. */
export declare function togetherWorkloads(traffic: TogetherTraffic): Workloads;
/** Deploys the services in order, and takes them away in the other. */
export declare function togetherDeployer(traffic: TogetherTraffic): Deployer;
/** A gate of one service, asked about its own colours and its own version. */
export declare function memberGate(gate: Gate, service: string): Gate;
