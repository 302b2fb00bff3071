import type { Odds } from '../core/evidence-judge.ts';
import type { Measurement } from '../core/verdict.ts';
import type { StageRow } from './stages.ts';
/** A share of requests: `1.3 %`. */
export declare const percent: (share: number | null) => string;
export declare const count: (value: number) => string;
/** Odds to one: `77 to 1`. */
export declare const odds: (value: number) => string;
/** A moment as an incident review wants it: `2026-03-01 12:00:05 UTC`. */
export declare const moment: (at: number) => string;
/** What a stage measured of one metric, on both colours. */
export interface Measured {
    readonly metric: string;
    readonly candidate: number;
    readonly candidateShare: number | null;
    readonly stable: number;
    readonly stableShare: number | null;
}
/** The metrics of a stage, with what was counted in it. */
export declare function measuredIn({ measurements }: StageRow): readonly Measured[];
/** The metrics of all stages, each once. */
export declare const metricsOf: (rows: readonly StageRow[]) => readonly string[];
export declare const oddsOf: ({ measurements }: StageRow) => Odds | null;
/** A measurement as one sentence, its gate first. */
export declare const sentence: ({ gate, verdict, reason }: Measurement) => string;
