import type { Command } from './config/inputs.ts';
import type { Report } from './drive.ts';
import type { ReleaseError } from './errors.ts';
import { type Status } from './control.ts';
import { type Preview } from './release.ts';
import { type WavesPlan } from './waves/command.ts';
import type { ReleaseOptions } from './wire.ts';
/** What a command came to, for the Action and the CLI alike. */
export interface Result {
    readonly exitCode: number;
    readonly outcome: string;
    readonly reason: string;
    /** Text for a person; empty when the events said it all. */
    readonly text: string;
    readonly report: Report | null;
    /** What `plan` found. */
    readonly preview: Preview | null;
    readonly details: unknown;
}
/** Exit codes: promoted and paused 0, reverted 1, stuck 2, refused 3, interrupted 130. */
export declare const EXIT_CODES: {
    readonly promoted: 0;
    readonly paused: 0;
    readonly reverted: 1;
    readonly stuck: 2;
    readonly interrupted: 130;
};
export declare const EXIT_REFUSED = 3;
/** A plan as a person reads it: colours, stages, problems. */
export declare function describePlan(preview: Preview): string;
/** What is live, as a person reads it. */
export declare function describeStatus(found: Status): string;
/**
 * Runs one command.
 * @param to for promote: the weight of the stage to jump to; null for the next one
 * @param waves the groups of a release in waves
 * @throws ReleaseError when it is refused or could not be driven
 */
export declare function runCommand(command: Command, options: ReleaseOptions, to: number | null, waves?: WavesPlan | null): Promise<Result>;
/** An error as a person reads it: what happened, then the way out. */
export declare function describeError(error: ReleaseError): string;
