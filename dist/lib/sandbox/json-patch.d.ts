/** A refusal as the API server words it. */
export declare class Refusal extends Error {
    readonly status: number;
    readonly reason: string;
    constructor(status: number, reason: string, message: string);
}
export type Json = null | boolean | number | string | Json[] | {
    [key: string]: Json;
};
/** RFC 6902 for the operations anybody sends here; a path that leads nowhere or a failed test is 422. */
export declare function applyJsonPatch(document: Json, operations: unknown): Json;
/** RFC 7386: null removes, objects merge, everything else replaces. */
export declare function applyMergePatch(document: Json | undefined, patch: Json): Json;
