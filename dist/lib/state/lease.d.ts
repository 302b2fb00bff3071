import type { Connect, Lock } from '../ports.ts';
/** Which Lease says who drives a release. */
export interface LeaseOptions {
    readonly service: string;
    readonly namespace: string;
    /** Without a renewal for this long the holder counts as gone. */
    readonly durationMs?: number;
}
/** The API server wants exactly six fractional digits: `2026-01-02T03:04:05.678000Z`. */
export declare function toMicroTime(at: number): string;
/** Who drives is written in a Lease; its `leaseTransitions` is the fence. */
export declare function lease(options: LeaseOptions): Connect<Lock>;
