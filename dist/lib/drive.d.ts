import { type Outcome, type Release, type ReleaseEvent } from './core/events.ts';
import { type ReleaseState } from './core/state.ts';
import { type Saved } from './core/saved.ts';
import { type Draft } from './ledger.ts';
import { type Course } from './steps.ts';
/** How a run ended; the release may go on in another run when it is `paused` or `interrupted`. */
export interface Report {
    readonly outcome: Outcome | 'paused' | 'interrupted';
    readonly reason: string;
    readonly release: Release;
    readonly state: ReleaseState;
    readonly journal: readonly ReleaseEvent[];
}
/**
 * Drives a release until it ends, pauses or is interrupted: decide → perform → evolve → save → tell.
 *
 * Events gather until a write saves them together with the weights they belong to, in one patch; listeners hear of
 * them after that, never before.
 * @throws ReleaseError STATE_CONFLICT when another driver took over and did not bring traffic back
 */
export declare function drive(saved: Saved, first: readonly Draft[], journal: readonly ReleaseEvent[], course: Course): Promise<Report>;
