/**
 * Milliseconds of a written time such as `90s`, `5m`, `1h30m`, `250ms` or `2d`.
 * A number without a unit is refused (undefined), because nobody can tell seconds from minutes.
 */
export declare function parseDuration(text: string): number | undefined;
/** A length for people: `toDuration(90_000) → "1m30s"`, `toDuration(0) → "0s"`. At most two units are shown. */
export declare function toDuration(lengthMs: number): string;
