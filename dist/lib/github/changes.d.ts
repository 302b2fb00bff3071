import type { Origin } from '../core/events.ts';
import { type Changes } from '../report/changes.ts';
import type { GitHub } from './api.ts';
/** The commits that one version has and the other has not; without GitHub's answer the link alone; null without both. */
export declare function changesBetween(github: GitHub | null, from: Origin, to: Origin): Promise<Changes | null>;
