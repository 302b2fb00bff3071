import { type Side } from './counters.ts';
import { type Judgement, type Rules } from './evidence-judge.ts';
/** Counters of one pod; `buckets[i]` counts the requests at or below `bucketBounds[i]` seconds. */
export interface ProtocolSample {
    readonly colour: Side;
    readonly series: string;
    /** Seconds since the rollout began. */
    readonly t: number;
    readonly requests: number;
    readonly errors: number;
    readonly buckets: readonly number[];
}
/** Begins a rollout; `history` is 20 minutes of stable alone. */
export interface ProtocolStart {
    readonly type: 'start';
    readonly run: string;
    readonly stages: readonly number[];
    readonly scrapeSeconds: number;
    readonly bucketBounds: readonly number[];
    readonly history: readonly {
        readonly t: number;
        readonly samples: readonly ProtocolSample[];
    }[];
}
/** One scrape of a rollout. */
export interface ProtocolTick {
    readonly type: 'tick';
    readonly run: string;
    readonly t: number;
    readonly stage: number;
    readonly weight: number;
    readonly nextWeight: number;
    readonly stageT: number;
    readonly samples: readonly ProtocolSample[];
}
/** The rules that a release has when nothing is said in its settings. */
export declare function defaultRules(blockMs: number, weights: readonly number[]): Rules;
/** Judges one rollout of the line protocol with the rules that a release has by default. */
export declare class ProtocolRollout {
    private readonly judge;
    private readonly counters;
    private readonly places;
    private readonly kinds;
    constructor({ stages, scrapeSeconds, bucketBounds, history }: ProtocolStart);
    private take;
    private counted;
    tick({ t, stage, weight, nextWeight, stageT, samples }: ProtocolTick): Judgement;
}
