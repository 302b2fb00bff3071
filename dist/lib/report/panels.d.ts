import { type ReleaseEvent } from '../core/events.ts';
import type { Point } from './thin.ts';
/** Whose line it is, which gives it its colour. */
export type Owner = 'stable' | 'candidate' | 'neutral' | 'against' | 'goingOn';
export interface Line {
    readonly name: string;
    readonly owner: Owner;
    readonly points: readonly Point[];
    /** The value holds until the next point. */
    readonly isStep: boolean;
}
/** A value that decides something when a line reaches it. */
export interface Threshold {
    readonly name: string;
    readonly owner: Owner;
    readonly value: number;
}
/** One chart of the report. */
export interface Panel {
    readonly title: string;
    readonly unit: '%' | 'odds' | '';
    readonly lines: readonly Line[];
    readonly thresholds: readonly Threshold[];
}
/** The charts of a release: weights, what each metric was on both colours, the evidence, and every other gate. */
export declare function panels(journal: readonly ReleaseEvent[]): readonly Panel[];
