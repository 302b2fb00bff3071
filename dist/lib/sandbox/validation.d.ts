import type { StoredObject } from './stored-object.ts';
/** The checks of the real server that a client of ours could run into. */
export declare function validate(object: StoredObject): void;
