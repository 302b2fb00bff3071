import type { Permission, Platform } from '../ports.ts';
/** Where a release in waves stands. */
export interface WavesState {
    readonly schema: 1;
    readonly version: string;
    /** `resting`: the pause after a wave; the last three are ends. */
    readonly phase: 'rising' | 'resting' | 'going-back' | 'promoted' | 'reverted' | 'stuck';
    /** Index of the wave under way, or of the one that was the last. */
    readonly wave: number;
    /** When the phase began, ms since 1970. */
    readonly since: number;
    readonly reason: string;
    /** Groups that served the version before this release began: they are none of its doing. */
    readonly untouched: readonly string[];
}
/** Whether nothing happens by itself any more. */
export declare const isOver: ({ phase }: WavesState) => boolean;
/** The state in a ConfigMap; a write over somebody else's is refused. */
export declare class WavesStore {
    readonly needs: readonly Permission[];
    private readonly platform;
    private readonly collection;
    private readonly name;
    private version;
    constructor(platform: Platform, namespace: string, service: string);
    load(): Promise<WavesState | null>;
    save(state: WavesState): Promise<void>;
}
