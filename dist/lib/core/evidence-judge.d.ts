import { type Block, type Limit } from './evidence.ts';
import { type Counted, type Metric } from './trial.ts';
/** How the judge decides; all shares 0 to 1, all times in milliseconds. */
export interface Rules {
    /** Chance of a false revert in the whole release when the candidate is exactly at the limit. */
    readonly alpha: number;
    /** Chance of a false pass of a stage when the candidate is exactly at the limit of the pass. */
    readonly beta: number;
    /** After a change of the weight the candidate may be slow and wrong for a moment. */
    readonly warmUpMs: number;
    /** How long a stage may last: the money for faults that begin late is spread over it. */
    readonly maxStageMs: number;
    /** Length of a block: the interval of the scrapes. */
    readonly blockMs: number;
    /** Stages of the release that have a baseline, those below 100 %. */
    readonly stages: number;
}
/** What one interval of a stage brought. */
export interface Interval {
    /** Index of the stage, its weight and the next one in percent; the next of the last stage is 100. */
    readonly stage: number;
    readonly weight: number;
    readonly nextWeight: number;
    /** Age of the stage at the end of the interval, and the most it may reach. */
    readonly stageMs: number;
    readonly maxMs: number;
    /** In the order of the metrics; the first one is errors. */
    readonly counted: readonly Counted[];
}
export type Ruling = 'advance' | 'hold' | 'revert' | 'inconclusive';
/** Numbers behind a ruling, of one metric. */
export interface MetricEvidence {
    readonly metric: string;
    /** Counts of the stage so far. */
    readonly counts: Block;
    /** Odds against "the candidate is within the limit", of the whole release. */
    readonly revert: number;
    /** Odds against "the next weight costs more than its harm", of this stage. */
    readonly pass: number;
    readonly limit: Limit;
    /** Points above `rho × stable` that the pass rules out. */
    readonly passDelta: number;
    readonly dispersion: number;
}
/** What is missing for a pass: the expected block of a healthy candidate, and the evidence there is. */
export interface Waiting {
    readonly block: Block;
    readonly share: number;
    readonly limit: Limit;
    readonly phi: number;
    readonly worth: number;
}
/** Evidence of all metrics together, beside what decides; odds, from 0, neutral at 1. */
export interface Odds {
    /** Against "the candidate is within its limits", of the whole release. */
    readonly against: number;
    /** The candidate is taken back when `against` reaches this. */
    readonly revertAt: number;
    /** That the next weight harms no more than it may: of the metric that has the least, in this stage. */
    readonly goingOn: number;
    /** The stage passes when `goingOn` reaches this. */
    readonly passAt: number;
}
/** A decision with the sentence that carries it. */
export interface Judgement {
    readonly odds: Odds;
    readonly ruling: Ruling;
    /** The metric that still waits for evidence, as one block of it is expected; null when none does. */
    readonly waiting: Waiting | null;
    readonly reason: string;
    readonly evidence: readonly MetricEvidence[];
}
/** The next weight of a plan; 100 after the last one. */
export declare const nextWeightOf: (weights: readonly number[], weight: number) => number;
/** Rules of a release when its settings say nothing; the tests of `docs/gate.md` measure these. */
export declare const DEFAULT_RULES: {
    readonly alpha: 0.02;
    readonly beta: 0.05;
    readonly warmUpMs: 20000;
};
/** The part of the money that is staked when the first stage begins to count. */
export declare const MONEY_FIRST: number;
/**
 * What a pass must rule out: points above `rho × stable`. The larger the next weight, the less the candidate may be
 * worse, so that what it may cost stays the same.
 *
 * @param perSecond requests a second of the whole service
 */
export declare function passDeltaOf({ harm, mostHarm }: Metric, nextWeight: number, perSecond: number): number;
/** A share as people read it. */
export declare const percent: (share: number) => string;
/**
 * Judges a release interval by interval: revert, go on, wait, or give up undecided. Pure: the same intervals give the
 * same judgement, so a run that is started again recomputes it from the metrics.
 */
export declare class EvidenceJudge {
    private readonly rules;
    private readonly trials;
    private stage;
    private begun;
    /** Whether the stage's money is on the table: for its warm-up, and for what comes after. */
    private isWarmFunded;
    private isFunded;
    private requestsAfterWarmUp;
    private served;
    private shareBefore;
    private illMs;
    private perSecond;
    private base;
    /** What has been put on faults that begin late. */
    private trickled;
    private interval;
    constructor(rules: Rules, metrics: readonly Metric[]);
    /** What stable did before the release: its shares, its bursts, its traffic. */
    learn(counted: readonly Counted[]): void;
    private smooth;
    private enter;
    private get isFirst();
    /** How much of each later stage's money there is. */
    private split;
    observe(interval: Interval): void;
    private warmUp;
    private bake;
    private isIll;
    private count;
    private get value();
    get evidence(): readonly MetricEvidence[];
    /** The judgement after the last interval. */
    get judgement(): Judgement;
    private rule;
    /**
     * At 100 % no higher weight is asked for, and there is no stable beside the candidate: what slows the whole cluster
     * down would keep it from passing for ever. When the watch is over, it is enough that nothing speaks against it.
     */
    private get isOver();
    /** What is missing for going on; null for nothing. */
    private whyWait;
    private get open();
    private get waiting();
    private get worst();
    private say;
    /** A limit in words: beside stable, without a stable, or of its own. */
    private inWords;
    private limitOf;
    private whyRevert;
    private whyAdvance;
    private whyIll;
}
