import { type Plan } from './core/plan.ts';
import type { Release } from './core/events.ts';
import { type Colour } from './core/shares.ts';
import { type ReleaseState } from './core/state.ts';
import { type Report } from './drive.ts';
import type { Connect, Deployer, Finding, Gate, Journal, Listener, Lock, LockStatus, Platform, TrafficProvider, Workloads } from './ports.ts';
/** Everything a release needs to know. Only the first group has no default. */
export interface ReleaseOptions {
    /** The service, which is also the name of the release. */
    readonly service: string;
    readonly namespace: string;
    readonly plan: Plan;
    readonly traffic: Connect<TrafficProvider>;
    /** What to release; only `release` and `plan` need it. */
    readonly version?: string;
    /** The commit the version was built from. */
    readonly commit?: string;
    /** The two colours; default blue and green. */
    readonly colours?: readonly [Colour, Colour];
    /** The colour to deploy; `auto` (default) is the idle one. */
    readonly deploymentType?: string;
    readonly gates?: Readonly<Record<string, Connect<Gate>>>;
    readonly deployer?: Connect<Deployer>;
    /** Default: Deployments named `<service>-<colour>`. */
    readonly workloads?: Connect<Workloads>;
    readonly journal?: Connect<Journal>;
    readonly lock?: Connect<Lock>;
    readonly listeners?: readonly Listener[];
    /** The outside; a test passes its own. */
    readonly platform?: Partial<Platform>;
    /** Aborting it is what SIGINT does: traffic goes back (or stays, by `onCancel`), and the promise resolves. */
    readonly signal?: AbortSignal;
    /** This run, unique: who holds the lock. */
    readonly holder?: string;
    /** Who asked, for people. */
    readonly by?: string;
}
/** What is live, which release, and who drives it. */
export interface Status {
    readonly object: string;
    readonly shares: Readonly<Record<Colour, number>> | null;
    readonly release: Release | null;
    readonly state: ReleaseState | null;
    readonly driver: LockStatus | null;
}
/** What a release would do now, and everything in its way. */
export interface Preview {
    readonly stable: Colour | null;
    readonly candidate: Colour | null;
    readonly live: string;
    readonly plan: Plan;
    readonly resumes: boolean;
    readonly findings: readonly Finding[];
}
/**
 * Releases a version: deploys the idle colour and moves traffic to it through the stages, or goes on with an
 * unfinished release of the same version.
 * @throws ReleaseError when the release could not be driven; a revert is an outcome and is returned
 */
export declare function release(options: ReleaseOptions): Promise<Report>;
/** What a release would do now: colours, stages and every problem found. Reads only. */
export declare function plan(options: ReleaseOptions): Promise<Preview>;
/**
 * Goes on from a pause, or jumps to the stage of weight `to`. While another run drives, that run is asked and this
 * one returns at once.
 */
export declare function promote(options: ReleaseOptions, to?: number | null): Promise<Report>;
/** Asks the driving run to stop at the end of its stage. */
export declare function pause(options: ReleaseOptions): Promise<Report>;
/**
 * Brings traffic back to stable now, whoever drives: the first write carries the weights, the higher fence and the
 * state. The run that was driving ends `reverted` at its next sample.
 */
export declare function abort(options: ReleaseOptions): Promise<Report>;
/** After a promotion: all traffic back to the previous colour in one write, if it still runs what it ran. */
export declare function rollback(options: ReleaseOptions): Promise<Report>;
/** What is live, which release, which stage, who drives and since when. Reads only. */
export declare function status(options: ReleaseOptions): Promise<Status>;
/** What a sweep did, as a sentence; the report when it brought traffic back. */
export interface Sweep {
    readonly did: string;
    readonly report: Report | null;
}
/** Ends what nobody ends: releases whose driver is gone, pauses past `max-pause`, old colours past `keep-old`. */
export declare function sweep(options: ReleaseOptions): Promise<Sweep>;
/** What `post` does: brings back what this very run left unsettled. Does nothing when all is settled or not ours. */
export declare function settle(options: ReleaseOptions & {
    readonly holder: string;
}): Promise<Sweep>;
