/** What both colours have reached since the test began: trials, and those among them that were a success. */
export interface Tally {
    readonly candidate: {
        readonly trials: number;
        readonly successes: number;
    };
    readonly stable: {
        readonly trials: number;
        readonly successes: number;
    };
}
/** What a test of two versions says: the difference and how certain it is. */
export interface GoalEvidence {
    /** Share of successes, 0 to 1; NaN without trials. */
    readonly candidate: number;
    readonly stable: number;
    /** Odds against "there is no difference", from 0, neutral at 1. */
    readonly odds: number;
}
/**
 * Odds that two success rates differ, which may be looked at any number of times: the mixture sequential probability
 * ratio test with a normal mixture, `√(V / (V + τ²)) · exp(τ² d² / (2 V (V + τ²)))` with the pooled variance `V` of the
 * difference `d` and `τ` a tenth of the pooled rate (Johari, Koomen, Pekelis, Walsh, "Always valid inference", 2022,
 * section 4). The chance that it ever reaches `1 / alpha` without a difference is about `alpha`.
 */
export declare function goalEvidence({ candidate, stable }: Tally): GoalEvidence;
