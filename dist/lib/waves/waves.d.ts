import type { Report } from '../drive.ts';
import type { Lock, Platform } from '../ports.ts';
import type { ReleaseOptions } from '../wire.ts';
/** One place of a wave: a namespace, a cluster, or a partition with Deployments of its own. */
export interface Group {
    /** For people, unique in the release. */
    readonly name: string;
    /** Its release; its platform is that of its own cluster. */
    readonly options: ReleaseOptions;
}
/** Groups that are released before the next wave begins. */
export interface Wave {
    readonly groups: readonly Group[];
    /** Nothing begins for so long after it; default 0. */
    readonly pauseMs?: number;
}
/** A service that is released in one group after the other. */
export interface WavesOptions {
    readonly service: string;
    /** Where the state of the whole is kept. */
    readonly namespace: string;
    readonly version: string;
    readonly waves: readonly Wave[];
    /** How many groups of a wave are released at the same time; default 1. */
    readonly sideBySide?: number;
    /** What becomes of earlier waves when one fails; default `revert-all`. */
    readonly onFailure?: 'revert-all' | 'keep-before';
    /** The outside of the whole: its state and its lock. */
    readonly platform: Platform;
    readonly lock: Lock;
    readonly holder: string;
    readonly signal?: AbortSignal;
}
/** How one group ended. */
export interface GroupReport {
    readonly name: string;
    readonly wave: number;
    readonly outcome: Report['outcome'] | 'untouched';
    readonly reason: string;
}
/** How the whole ended, with what every group came to. */
export interface WavesReport {
    readonly outcome: Report['outcome'];
    readonly reason: string;
    readonly groups: readonly GroupReport[];
}
/**
 * Releases a version in one wave of groups after the other, or goes on with an unfinished one. A group that fails goes
 * back by itself; those of its wave, and by policy those before, follow.
 * @throws ReleaseError when it could not be driven; a revert is an outcome and is returned
 */
export declare function releaseWaves(options: WavesOptions): Promise<WavesReport>;
/** Brings every group back that this release, or the last one, has moved. @throws ReleaseError NO_RELEASE for none */
export declare function abortWaves(options: WavesOptions): Promise<WavesReport>;
