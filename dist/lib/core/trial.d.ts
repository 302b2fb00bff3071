import { Dispersion, ShareEstimate, type Block, type Limit, type PodCount } from './evidence.ts';
/** One question that is asked of both colours: what counts as bad, and how much of it is tolerated. */
export interface Metric {
    /** As it is said to people: `errors`, `slower than 250 ms`. */
    readonly name: string;
    /** Its part in the evidence for a revert; those of all metrics add up to 1. */
    readonly part: number;
    readonly limit: Limit;
    /** Share of all requests that the next weight may cost in bad ones beyond the tolerated, 0 to 1. */
    readonly harm: number;
    /** The largest harm, for services with few requests. */
    readonly mostHarm: number;
    /** Without a baseline beside it, at least this share of bad requests is tolerated, 0 to 1. */
    readonly aloneShare: number;
}
/** Counts of one metric in one interval. */
export interface Counted {
    readonly block: Block;
    /** Stable's pods apart, for the size of bursts; empty when they are not known. */
    readonly pods: readonly PodCount[];
}
/** However little a stage may cost: a candidate that is this many points worse never passes. */
export declare const MOST_PASS_DELTA = 0.5;
export declare const NOTHING: Block;
export declare const shareOf: (bad: number, all: number) => number;
/** One metric through the whole release: its money, its bets and what it knows of stable. */
export declare class Trial {
    readonly metric: Metric;
    readonly stable: ShareEstimate;
    readonly dispersion: Dispersion;
    counts: Block;
    passDelta: number;
    /** The pass was certain at some time in this stage. */
    hasPassed: boolean;
    private inHand;
    private readonly late;
    private warm;
    private kept;
    private pass;
    private all;
    constructor(metric: Metric);
    /** Of the stage so far. */
    count(block: Block): void;
    enter(): void;
    putWarm(money: number): void;
    put(money: number): void;
    putAll(): void;
    private spend;
    playWarm(block: Block): void;
    /** The last requests of a stable that serves nothing any more are no baseline: a handful, and not of these callers. */
    playAlone(block: Block, passDelta: number, beta: number): void;
    play(block: Block, passDelta: number, beta: number): void;
    /** What is bet against: for a revert, and for going on. */
    private claims;
    /** At 100 % stable serves nothing: what it did before is the limit, generously. */
    private withoutBaseline;
    /** After the block was played: what it says about stable. */
    learn({ block, pods }: Counted, isIll: boolean): void;
    get worth(): number;
    get passWorth(): number;
    get share(): number;
}
