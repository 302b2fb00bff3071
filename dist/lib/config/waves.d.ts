import type { Built } from './build.ts';
import { type WrittenConfig } from './read.ts';
/**
 * Groups in waves: each group is built from what the file says and what it says itself.
 *
 * @param build builds one group
 * @throws ReleaseError INVALID_CONFIG with the problems of all of them
 */
export declare function buildWaves(config: WrittenConfig, build: (one: WrittenConfig) => Built): Built;
