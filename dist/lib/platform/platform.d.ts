import type { Platform } from '../ports.ts';
import type { ClusterOptions } from './cluster.ts';
/** What the real outside is told. */
export interface SystemOptions extends Partial<ClusterOptions> {
    /** Texts that must never be shown. */
    readonly secrets?: readonly string[];
    /** A PEM file of certificate authorities to trust beside the system's. */
    readonly caFile?: string;
    readonly say?: (line: string) => void;
}
/** Replaces every secret in a text, the longest first, because one may contain another. */
export declare function masker(secrets: readonly string[]): (text: string) => string;
/** The outside without a cluster: for questions to metrics alone. */
export declare function detachedPlatform({ secrets, caFile, say }: SystemOptions): Platform;
/**
 * The real outside. The Kubernetes client is loaded here and not before: it is most of what the program weighs, and
 * a mistake in the settings is found without it.
 */
export declare function systemPlatform(options?: SystemOptions): Promise<Platform>;
