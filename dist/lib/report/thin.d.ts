/** A point of a line: time in milliseconds since the epoch, and a value; null is a gap. */
export type Point = readonly [at: number, value: number | null];
/**
 * At most about `most` points of a line that look the same: of each slice of time the lowest and the highest, so that
 * no extreme is lost, and the first and the last of all.
 *
 * @param points in order of time
 */
export declare function thin(points: readonly Point[], most: number): readonly Point[];
