import { type Built } from './build.ts';
import { type WrittenConfig } from './read.ts';
import { type Command } from './inputs.ts';
/** Everything one run was told, checked. */
export interface Settings {
    readonly command: Command;
    /** For promote: the weight of the stage to jump to. */
    readonly to: number | null;
    readonly written: WrittenConfig;
    readonly built: Built;
    /** Where the HTML report goes; empty when nobody said. */
    readonly report: string;
    readonly kubeconfig: string;
    readonly context: string;
}
/**
 * Reads the file and the inputs; makes no network call.
 * @param adjust changes what was written before defaults are put in (the sandbox puts its own addresses there)
 * @throws ReleaseError INVALID_CONFIG with every problem
 */
export declare function loadSettings(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string | undefined>>, adjust?: (written: WrittenConfig) => WrittenConfig): Settings;
