export const ERRORS = { tolerance: 1.5, allowance: 0.001 };
const MOST_HARM = 10;
/** Server errors of the candidate against stable. */
export function errorsMetric({ tolerance, allowance }, part, harm) {
    const limit = { rho: tolerance, delta: allowance };
    return { name: 'errors', part, limit, harm, mostHarm: harm * MOST_HARM, aloneShare: 0 };
}
/** An objective of its own: at most this share of errors, whatever stable does. */
function objectiveMetric(most, part, harm) {
    const limit = { rho: 0, delta: most };
    return { name: 'errors against the objective', part, limit, harm, mostHarm: harm * MOST_HARM, aloneShare: 0 };
}
/** In the body and in the tail: a few very slow requests are found in the tail sooner. */
const DEPTHS = [
    { share: 0.04, delta: 0.01, harm: 0.005 },
    { share: 0.001, delta: 0.002, harm: 0.002 },
];
/**
 * Picks the boundaries of the histogram by what stable did before the release: between boundaries a quantile is only
 * guessed, the share above one is counted.
 *
 * @param bounds upper bounds, rising, without infinity
 * @param below how many of stable's requests were at or below each bound
 * @param total all of stable's requests
 * @param quantile of stable above which a request is slow, in place of the first depth; 0.5 to 0.9999
 */
export function pickBoundaries(bounds, below, total, quantile) {
    const picked = [];
    const [body, ...tail] = DEPTHS;
    const depths = quantile === undefined || body === undefined ? DEPTHS : [{ ...body, share: 1 - quantile }, ...tail];
    for (const depth of depths) {
        // Half a request, so that a boundary above which nothing was seen can be picked too.
        const far = bounds.map((_, index) => {
            const share = Math.max(total - (below[index] ?? 0), 0.5) / Math.max(total, 1);
            return Math.abs(Math.log(share) - Math.log(depth.share));
        });
        const index = far.indexOf(Math.min(...far));
        const bound = bounds[index];
        if (bound !== undefined && !picked.some((one) => one.index === index))
            picked.push({ index, bound, depth });
    }
    return picked;
}
/**
 * With all requests and no stable beside it, a candidate is as slow as the whole cluster is: only what a cluster's own
 * bad minutes do not reach speaks against it. An overload does.
 */
const ALONE_SLOW = 0.25;
/** Slow requests at each boundary; `unit` is that of the bounds, `looseness` multiplies the harm that is let through. */
function latencyMetrics(boundaries, { tolerance = ERRORS.tolerance, allowance }, part, unit, looseness) {
    return boundaries.map(({ bound, depth }) => ({
        name: `slower than ${bound} ${unit}`,
        part: part / boundaries.length,
        limit: { rho: tolerance, delta: allowance ?? depth.delta },
        harm: depth.harm * looseness,
        mostHarm: depth.harm * looseness * MOST_HARM,
        aloneShare: ALONE_SLOW,
    }));
}
/** Errors come first; latency has the other half of the one alpha. */
export const ERRORS_PART = 0.5;
export const DEFAULT_HARM = 0.001;
/** The metrics of a release under one alpha: errors, an objective if there is one, and each boundary of latency. */
export function goldenMetrics(options) {
    const { errors, latency = {}, harm = DEFAULT_HARM, boundaries, unit } = options;
    const part = boundaries.length > 0 ? ERRORS_PART : 1;
    const objective = errors?.max === undefined ? [] : [objectiveMetric(errors.max, part / 2, harm)];
    const first = errorsMetric({ ...ERRORS, ...errors }, part / (1 + objective.length), harm);
    return [first, ...objective, ...latencyMetrics(boundaries, latency, 1 - part, unit, harm / DEFAULT_HARM)];
}
