import { type Plan } from '../core/plan.ts';
import type { WrittenConfig } from './read.ts';
import type { Routing } from './routing.ts';
/** The gate of a test of two versions. */
export declare const GOAL = "goal";
type Wrong = (path: string, message: string) => void;
/** The plan that the settings ask for. @param wrong is told what does not fit together */
export declare function planOf(config: WrittenConfig, routing: Routing, known: readonly string[], wrong: Wrong): Plan;
export {};
