import type { Shape } from './shape.ts';
/** The whole file `gray-release.yaml`. */
export declare const SETTINGS: Shape;
