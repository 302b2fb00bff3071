import { type ReleaseOptions } from '../wire.ts';
import { type WavesOptions } from './waves.ts';
/** Waves without what belongs to the run. */
export type WavesPlan = Pick<WavesOptions, 'service' | 'namespace' | 'waves' | 'sideBySide' | 'onFailure'>;
/** What a command came to for all groups together. */
export interface WavesResult {
    readonly outcome: string;
    readonly reason: string;
    readonly text: string;
    readonly details: unknown;
}
/**
 * Runs a command for all groups.
 *
 * @param run what belongs to the run: platform, holder, listeners, signal
 * @throws ReleaseError COMMAND_REFUSED for a command that is about one group
 */
export declare function runWaves(command: string, waves: WavesPlan, run: Pick<ReleaseOptions, 'platform' | 'holder' | 'by' | 'listeners' | 'signal' | 'origin' | 'version'>): Promise<WavesResult>;
