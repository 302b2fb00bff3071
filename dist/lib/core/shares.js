/** A share above this on the smaller side without a saved release is nobody's leftover: a person must say what it is. */
export const MOST_LEFTOVER = 10;
/** The shares of a release whose candidate has `weight` percent: `toShares('blue', 'green', 5) → { blue: 95, green: 5 }`. */
export function toShares(stable, candidate, weight) {
    return { [stable]: 100 - weight, [candidate]: weight };
}
/** Shares for people: `"blue 95 / green 5"`. */
export function describeShares(shares) {
    if (shares === null)
        return 'no split of its own (no weight, or routes that disagree)';
    return Object.entries(shares)
        .map(([colour, weight]) => `${colour} ${weight}`)
        .join(' / ');
}
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
export function splitWeights(ours, weight) {
    let candidate = Math.round((ours * weight) / 100);
    if (weight > 0 && candidate === 0 && ours > 1)
        candidate = 1;
    if (weight < 100 && candidate === ours && ours > 1)
        candidate = ours - 1;
    return [ours - candidate, candidate];
}
