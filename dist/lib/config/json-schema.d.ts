import type { Shape } from './shape.ts';
type Schema = Readonly<Record<string, unknown>>;
/** A shape as JSON Schema, for editors. */
export declare function toJsonSchema(shape: Shape): Schema;
export {};
