const BY_WEIGHT = ['pass', 'undecided', 'no-data', 'error', 'fail'];
/** The verdict of a stage is the worst of its gates; without gates there is nothing against going on. */
export function worst(verdicts) {
    return verdicts.reduce((a, b) => (BY_WEIGHT.indexOf(b) > BY_WEIGHT.indexOf(a) ? b : a), 'pass');
}
/** Whether a value keeps its bounds. A value that is not a finite number is no data. */
export function judge(value, bound) {
    if (!Number.isFinite(value))
        return 'no-data';
    if (bound.max !== null && value > bound.max)
        return 'fail';
    if (bound.min !== null && value < bound.min)
        return 'fail';
    return 'pass';
}
/** The largest value the candidate may have: `limitOf(0.02, { tolerance: 1.5, allowance: 0.001 }) → 0.031`. */
export function limitOf(baseline, tolerated) {
    return baseline * tolerated.tolerance + tolerated.allowance;
}
