import type { Built } from './build.ts';
import { type WrittenConfig } from './read.ts';
/**
 * Several services as one release: each is built from what the file says and what it says itself.
 *
 * @param build builds one service
 * @throws ReleaseError INVALID_CONFIG with the problems of all of them
 */
export declare function buildSeveral(config: WrittenConfig, build: (one: WrittenConfig) => Built): Built;
