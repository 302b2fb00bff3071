/** Normal approximations are not used below these. */
const LEAST_TRIALS = 100;
const LEAST_OF_EACH = 10;
/** The size of a difference that is looked for, as a part of the success rate. */
const EFFECT = 0.1;
/**
 * Odds that two success rates differ, which may be looked at any number of times: the mixture sequential probability
 * ratio test with a normal mixture, `√(V / (V + τ²)) · exp(τ² d² / (2 V (V + τ²)))` with the pooled variance `V` of the
 * difference `d` and `τ` a tenth of the pooled rate (Johari, Koomen, Pekelis, Walsh, "Always valid inference", 2022,
 * section 4). The chance that it ever reaches `1 / alpha` without a difference is about `alpha`.
 */
export function goalEvidence({ candidate, stable }) {
    const rate = (one) => (one.trials > 0 ? one.successes / one.trials : Number.NaN);
    const shares = { candidate: rate(candidate), stable: rate(stable) };
    const trials = candidate.trials + stable.trials;
    const successes = candidate.successes + stable.successes;
    const isEnough = Math.min(candidate.trials, stable.trials) >= LEAST_TRIALS &&
        successes >= LEAST_OF_EACH &&
        trials - successes >= LEAST_OF_EACH;
    if (!isEnough)
        return { ...shares, odds: 1 };
    const pooled = successes / trials;
    const variance = pooled * (1 - pooled) * (1 / candidate.trials + 1 / stable.trials);
    const mixture = (EFFECT * pooled) ** 2;
    const difference = shares.candidate - shares.stable;
    const exponent = (mixture * difference ** 2) / (2 * variance * (variance + mixture));
    return { ...shares, odds: Math.sqrt(variance / (variance + mixture)) * Math.exp(exponent) };
}
