import { type Beginning, type ReleaseEvent } from './events.ts';
import type { ReleaseState } from './release-state.ts';
export type { ReleaseState } from './release-state.ts';
/** A phase after which nothing happens by itself. */
export declare function isFinished(state: ReleaseState): boolean;
/** The state a release starts in. */
export declare function start(event: Beginning): ReleaseState;
/** What a happening changes. Pure: the same events give the same state, so that the journal replays. */
export declare function evolve(state: ReleaseState, event: ReleaseEvent): ReleaseState;
/** The state after one more event of a journal; null before its beginning. */
export declare function follow(state: ReleaseState | null, event: ReleaseEvent): ReleaseState | null;
/** The state that a journal leads to; null for one without a beginning. */
export declare function replay(journal: readonly ReleaseEvent[]): ReleaseState | null;
/** Whether stable itself has got the version: it serves, and the candidate is gone. */
export declare function isReplaced(state: ReleaseState): boolean;
/** Whether the colours have changed places: the candidate is what serves now. */
export declare function isSwapped(state: ReleaseState): boolean;
