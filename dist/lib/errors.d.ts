/** The closed list of reasons why a release could not be driven. A failed gate or a revert is an outcome, not an error. */
export type ErrorCode = 'INVALID_CONFIG' | 'UNSUPPORTED_PLAN' | 'LOCK_HELD' | 'UNFINISHED_RELEASE' | 'NO_RELEASE' | 'COMMAND_REFUSED' | 'STATE_CONFLICT' | 'CLUSTER_UNREACHABLE' | 'CLUSTER_FORBIDDEN' | 'CLUSTER_UNAUTHORIZED' | 'CLUSTER_NOT_FOUND' | 'CLUSTER_CONFLICT' | 'CLUSTER_REJECTED' | 'ROUTE_NOT_FOUND' | 'ROUTE_NOT_APPLIED' | 'ROUTE_DRIFTED' | 'DEPLOY_FAILED' | 'METRICS_UNAVAILABLE' | 'METRICS_REJECTED' | 'INTERNAL';
/** One thing wrong with what a person wrote; `line` and `column` count from 1 and are 0 when there is no file. */
export interface Problem {
    readonly path: string;
    readonly message: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
}
/** Why a release could not be driven: a code for programs, a message naming the object, a hint for the person. */
export declare class ReleaseError extends Error {
    readonly code: ErrorCode;
    readonly hint: string;
    readonly problems: readonly Problem[];
    constructor(code: ErrorCode, message: string, more?: {
        readonly hint?: string;
        readonly cause?: unknown;
        readonly problems?: readonly Problem[];
    });
}
/** The refusal of a driver that has been replaced: `by` holds the newer fence on the object. */
export declare function overtaken(object: string, by: string): ReleaseError;
/** The refusal of a service that is being released with others. */
export declare function takingPart(object: string, release: string): ReleaseError;
/** Any thrown value as a `ReleaseError`; what nobody foresaw becomes `INTERNAL` and says how to report it. */
export declare function toReleaseError(thrown: unknown): ReleaseError;
/** The same error with every secret replaced, for people. */
export declare function masked(thrown: unknown, mask: (text: string) => string): ReleaseError;
