import type { Platform } from '../ports.ts';
/** Randomness and time-outs of the real world. */
export declare const chance: Pick<Platform, 'random' | 'timeout'>;
