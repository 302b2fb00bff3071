/** Which of the two versions. */
export type Side = 'candidate' | 'stable';
/** Counters of one pod at one time: requests first, then each kind of bad ones. They only grow until the pod restarts. */
export interface Scrape {
    readonly side: Side;
    /** Identity of the counters' owner; a new owner begins at zero. */
    readonly pod: string;
    /** Milliseconds. */
    readonly at: number;
    readonly counts: readonly number[];
}
/** What a span of time added. */
export interface Added {
    readonly candidate: readonly number[];
    readonly stable: readonly number[];
    /** Stable's pods apart. */
    readonly pods: readonly (readonly number[])[];
}
/**
 * Turns counters of pods into what was added between two times. Counters are subtracted pod by pod before they are
 * summed: a restart, a missed scrape and pods that come and go change nothing else.
 */
export declare class Counters {
    private readonly owners;
    private readonly since;
    private readonly size;
    private readonly blockMs;
    private largest;
    /**
     * @param size length of `counts`
     * @param blockMs interval of the scrapes
     */
    constructor(size: number, blockMs: number);
    /** Scrapes of a pod in the order of time; one that is known already is ignored. */
    add(scrape: Scrape): void;
    private isNew;
    /** What was added up to a time since the last call. */
    advance(to: number): Added;
}
/** The counts of one kind of bad requests, as the judge wants them. */
export declare function countedOf({ candidate, stable, pods }: Added, kind: number): {
    block: {
        nC: number;
        xC: number;
        nS: number;
        xS: number;
    };
    pods: {
        n: number;
        x: number;
    }[];
};
