import type { Release } from './core/events.ts';
import type { Colour } from './core/shares.ts';
import { type ReleaseState } from './core/state.ts';
import type { Report } from './drive.ts';
import type { LockStatus } from './ports.ts';
import { type ReleaseOptions } from './wire.ts';
/** What is live, which release, and who drives it. */
export interface Status {
    readonly object: string;
    readonly shares: Readonly<Record<Colour, number>> | null;
    readonly release: Release | null;
    readonly state: ReleaseState | null;
    readonly driver: LockStatus | null;
}
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
