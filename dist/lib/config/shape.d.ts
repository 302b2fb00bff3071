import type { Problem } from '../errors.ts';
/** What a setting may look like: the one source of validation, JSON Schema and documentation. */
export type Shape = {
    readonly doc: string;
} & ({
    readonly kind: 'text';
    readonly example?: string;
    readonly pattern?: RegExp;
    readonly wanted?: string;
} | {
    readonly kind: 'number';
    readonly min: number;
    readonly max: number;
    readonly whole?: boolean;
} | {
    readonly kind: 'duration';
} | {
    readonly kind: 'share';
} | {
    readonly kind: 'boolean';
} | {
    readonly kind: 'choice';
    readonly of: readonly string[];
} | {
    readonly kind: 'never';
    readonly wanted: string;
} | {
    readonly kind: 'list';
    readonly of: Shape;
    readonly short?: boolean;
} | {
    readonly kind: 'map';
    readonly of: Shape;
} | {
    readonly kind: 'object';
    readonly keys: Readonly<Record<string, Shape>>;
    readonly from?: string;
});
/** Where a value was written. */
export type Locate = (path: string) => Pick<Problem, 'file' | 'line' | 'column'>;
/** The known name a person most likely meant; undefined when none is near. */
export declare function nearest(name: string, known: readonly string[]): string | undefined;
/**
 * Checks a written value and converts it: times to milliseconds, shares such as `0.1%` to 0.001.
 * Every problem goes to `problems`; what is wrong is left out of the answer.
 */
export declare function convert(shape: Shape, value: unknown, path: string, locate: Locate, problems: Problem[]): unknown;
