import type { Release, ReleaseEvent } from '../core/events.ts';
import type { ReleaseState } from '../core/state.ts';
/** One event as one line for the log: the object first, numbers included. */
export declare function toLine(event: ReleaseEvent, state: ReleaseState, release: Release): string;
