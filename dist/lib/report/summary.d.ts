import type { ReleaseEvent, Release } from '../core/events.ts';
import type { ReleaseState } from '../core/state.ts';
/** What a summary is made of. */
export interface Summarised {
    readonly outcome: string;
    readonly reason: string;
    readonly release: Release;
    readonly state: ReleaseState;
    readonly journal: readonly ReleaseEvent[];
}
/** The job summary: verdict first, then the stages, then what to do next. */
export declare function toSummary(report: Summarised): string;
