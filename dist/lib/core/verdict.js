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
/** Chance of `count` or more events when `mean` are expected (Poisson upper tail). */
export function poissonTail(count, mean) {
    if (count <= 0)
        return 1;
    if (mean <= 0)
        return 0;
    // Summed from the smaller side in logarithms, so that thousands of events do not underflow.
    let logTerm = -mean;
    let below = 0;
    for (let k = 0; k < count; k += 1) {
        if (k > 0)
            logTerm += Math.log(mean) - Math.log(k);
        below += Math.exp(logTerm);
    }
    return Math.max(0, 1 - below);
}
/** One look may blame chance for a revert this often; a bake has dozens of looks, hence so small. */
const CHANCE = 1e-4;
/**
 * Holds the candidate's share of bad requests against stable's.
 *
 * - *fail*: more bad requests were counted than the limit allows, and chance explains them less than once in 10,000
 *   looks;
 * - *pass*: on at least `minRequests` the share is within the limit and what the weight makes harmless: at weight `w`
 *   an excess of `harm ÷ w` costs no more than the share `harm` of all requests (2 points at 5 %, 0.1 at 100 % for a
 *   harm of 0.1 %). Without this, four unlucky requests would hold up a healthy candidate at a low weight for ever;
 * - otherwise more requests are needed.
 *
 * @param weight the candidate's percent, above 0
 * @param harm share of all requests, 0 to 1
 */
export function against(candidate, stable, tolerated) {
    const { minRequests, weight, harm } = tolerated;
    // Stable's own share is uncertain too: one more bad request than counted keeps a lucky zero from becoming the bar.
    const baseline = stable.total > 0 ? stable.bad / stable.total : 0;
    const limit = limitOf(baseline, tolerated);
    const generous = limitOf(stable.total > 0 ? Math.min(1, (stable.bad + 1) / stable.total) : 0, tolerated);
    if (candidate.total <= 0 || stable.total <= 0)
        return { verdict: 'no-data', limit };
    if (poissonTail(Math.round(candidate.bad), generous * candidate.total) < CHANCE)
        return { verdict: 'fail', limit };
    if (candidate.total < minRequests)
        return { verdict: 'no-data', limit };
    const harmless = limit + (harm * 100) / weight;
    return { verdict: candidate.bad / candidate.total <= harmless ? 'pass' : 'undecided', limit };
}
