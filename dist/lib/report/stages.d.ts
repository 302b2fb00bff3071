import type { ReleaseEvent } from '../core/events.ts';
import type { Measurement, Verdict } from '../core/verdict.ts';
/** One weight that was held, and how it ended. */
export interface StageRow {
    /** Name of the stage; what the weight was for, outside of one. */
    readonly name: string;
    readonly weight: number;
    readonly from: number;
    to: number;
    end: 'passed' | 'failed' | 'paused' | 'running' | 'final';
    verdict: Verdict | null;
    /** The last look at the gates. */
    measurements: readonly Measurement[];
}
/** How a stage ended, for people. */
export declare const END_WORDS: Readonly<Record<StageRow['end'], string>>;
/** The weights of a release in order; the journal is folded once more, so that each has the name of its stage. */
export declare function stageRows(journal: readonly ReleaseEvent[]): readonly StageRow[];
