/**
 * An error annotation as the runner reads it from the log. Written here and not with `@actions/core`, because loading
 * that takes longer than everything else a mistake in the inputs needs.
 */
export declare function errorCommand(message: string, place: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
}): string;
