import type { Connect, Listener } from '../ports.ts';
import type { ReleaseOptions } from '../wire.ts';
import { type WrittenConfig } from './read.ts';
import type { WavesPlan } from '../waves/command.ts';
import type { Command } from './inputs.ts';
/** What belongs to the run and not to the service. */
export interface Surroundings {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly prometheusToken: string;
}
/** The settings as the library wants them, and every secret among them. */
export interface Built {
    readonly options: ReleaseOptions;
    readonly secrets: readonly string[];
    readonly caFile: string;
    readonly notifications: readonly Connect<Listener>[];
    /** Where GitHub keeps a deployment record; empty for none. */
    readonly environment: string;
    readonly hasCheckRun: boolean;
    /** Name of the Deployment of each colour. */
    readonly deployments: Readonly<Record<string, string>>;
    /** Groups that are released one after the other; null for a release of its own. */
    readonly waves: WavesPlan | null;
}
/**
 * The settings as options of the library.
 * @throws ReleaseError INVALID_CONFIG with everything that is missing or does not fit together
 */
export declare function buildOptions(config: WrittenConfig, wanted: Command, surroundings: Surroundings): Built;
