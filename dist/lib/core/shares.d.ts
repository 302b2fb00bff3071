/** The name of a workload that can serve, for example `blue`. */
export type Colour = string;
/** Percent of our traffic by colour; whole numbers that add up to 100. */
export type Shares = Readonly<Record<Colour, number>>;
/** A share above this on the smaller side without a saved release is nobody's leftover: a person must say what it is. */
export declare const MOST_LEFTOVER = 10;
/** The shares of a release whose candidate has `weight` percent: `toShares('blue', 'green', 5) → { blue: 95, green: 5 }`. */
export declare function toShares(stable: Colour, candidate: Colour, weight: number): Shares;
/** Shares for people: `"blue 95 / green 5"`. */
export declare function describeShares(shares: Shares | null): string;
/**
 * Whole weights for our two destinations inside what the foreign ones leave.
 *
 * `ours` is the sum our destinations have today (100 when nothing foreign is there); the candidate gets `weight`
 * percent of it. A weight strictly between 0 and 100 never rounds to nothing or to everything, as long as `ours`
 * has room for both:
 *
 *     splitWeights(100, 5)  → [95, 5]
 *     splitWeights(80, 5)   → [76, 4]
 *     splitWeights(10, 1)   → [9, 1]     a non-zero weight never rounds to nothing
 */
export declare function splitWeights(ours: number, weight: number): readonly [stable: number, candidate: number];
