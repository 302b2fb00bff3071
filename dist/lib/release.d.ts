import { type Plan } from './core/plan.ts';
import { type Origin } from './core/events.ts';
import { type Colour } from './core/shares.ts';
import type { Report } from './drive.ts';
import type { Finding } from './ports.ts';
import { type ReleaseOptions } from './wire.ts';
/** What a release would do now, and everything in its way. */
export interface Preview {
    readonly stable: Colour | null;
    readonly candidate: Colour | null;
    readonly live: string;
    /** What serves now and where it came from, as far as an earlier release wrote it down. */
    readonly serving: {
        readonly version: string | null;
        readonly origin: Origin;
    };
    readonly plan: Plan;
    readonly resumes: boolean;
    /** What the stages can find at today's traffic, and how long they take; empty when no gate can say. */
    readonly forecast: readonly string[];
    readonly findings: readonly Finding[];
}
/**
 * Releases a version: deploys the idle colour and moves traffic to it through the stages, or goes on with an
 * unfinished release of the same version.
 * @throws ReleaseError when the release could not be driven; a revert is an outcome and is returned
 */
export declare function release(options: ReleaseOptions): Promise<Report>;
/** What a release would do now: colours, stages and every problem found. Reads only. */
export declare function plan(options: ReleaseOptions): Promise<Preview>;
