import { Bets, Dispersion, MOST_PASS_DISPERSION, PASS_CAP, PASS_RATIOS, RATIOS, REVERT_CAP, ShareEstimate, } from "./evidence.js";
import { upperShare } from "./intervals.js";
/** The warm-up is judged too, against a loose limit. */
const WARM_LIMIT = { rho: 3, delta: 0.1 };
/** However little a stage may cost: a candidate that is this many points worse never passes. */
export const MOST_PASS_DELTA = 0.5;
/** Without a baseline beside it, the candidate is held against this many times the upper bound of stable's share. */
const PAST_FACTOR = 3;
export const NOTHING = { nC: 0, xC: 0, nS: 0, xS: 0 };
const add = (one, other) => ({
    nC: one.nC + other.nC,
    xC: one.xC + other.xC,
    nS: one.nS + other.nS,
    xS: one.xS + other.xS,
});
export const shareOf = (bad, all) => (all > 0 ? bad / all : 0);
/** One metric through the whole release: its money, its bets and what it knows of stable. */
export class Trial {
    metric;
    stable = new ShareEstimate();
    dispersion = new Dispersion();
    counts = NOTHING;
    passDelta = MOST_PASS_DELTA;
    /** The pass was certain at some time in this stage. */
    hasPassed = false;
    inHand = 1;
    late = new Bets(RATIOS, REVERT_CAP);
    warm = new Bets(RATIOS, REVERT_CAP);
    kept = 0;
    pass = new Bets(PASS_RATIOS, PASS_CAP);
    all = { bad: 0, total: 0 };
    constructor(metric) {
        this.metric = metric;
    }
    /** Of the stage so far. */
    count(block) {
        this.counts = add(this.counts, block);
    }
    enter() {
        this.kept += this.warm.worth;
        this.warm = new Bets(RATIOS, REVERT_CAP);
        this.pass = new Bets(PASS_RATIOS, PASS_CAP);
        this.pass.put(1);
        this.hasPassed = false;
        this.counts = NOTHING;
    }
    putWarm(money) {
        this.warm.put(this.spend(money));
    }
    put(money) {
        this.late.put(this.spend(money));
    }
    putAll() {
        this.put(this.inHand);
    }
    spend(money) {
        const spent = Math.min(money, this.inHand);
        this.inHand -= spent;
        return spent;
    }
    playWarm(block) {
        if (block.nC > 0 && block.nS > 0)
            this.warm.play(block, WARM_LIMIT, this.stable.value, this.dispersion.value);
    }
    /** The last requests of a stable that serves nothing any more are no baseline: a handful, and not of these callers. */
    playAlone(block, passDelta, beta) {
        this.play({ ...block, nS: 0, xS: 0 }, passDelta, beta);
    }
    play(block, passDelta, beta) {
        const { limit } = this.metric;
        const [against, ahead] = this.claims(block, limit, passDelta);
        this.passDelta = passDelta;
        const phi = this.dispersion.value;
        if (block.nC <= 0)
            return;
        this.late.play(block, against, this.stable.value, phi);
        this.pass.play(block, ahead, this.stable.value, Math.min(phi, MOST_PASS_DISPERSION));
        if (this.pass.worth >= 1 / beta)
            this.hasPassed = true;
    }
    /** What is bet against: for a revert, and for going on. */
    claims({ nS }, limit, passDelta) {
        if (limit.rho === 0)
            return [limit, { rho: 0, delta: Math.min(MOST_PASS_DELTA, limit.delta + passDelta) }];
        return nS > 0 ? [limit, { rho: limit.rho, delta: passDelta }] : this.withoutBaseline(passDelta);
    }
    /** At 100 % stable serves nothing: what it did before is the limit, generously. */
    withoutBaseline(passDelta) {
        const { bad, total } = this.all;
        const phi = this.dispersion.value;
        const past = upperShare(bad / phi, total / phi) * PAST_FACTOR + this.metric.limit.delta;
        const most = Math.max(past, this.metric.aloneShare);
        return [
            { rho: 0, delta: Math.min(MOST_PASS_DELTA, most) },
            { rho: 0, delta: Math.min(MOST_PASS_DELTA, most + passDelta) },
        ];
    }
    /** After the block was played: what it says about stable. */
    learn({ block, pods }, isIll) {
        if (block.nS <= 0)
            return;
        this.stable.add(block.xS, block.nS);
        this.all = { bad: this.all.bad + block.xS, total: this.all.total + block.nS };
        // Pods see the edges of an outage at different times, which is no burst.
        if (!isIll)
            this.dispersion.add(pods);
    }
    get worth() {
        return this.late.worth + this.warm.worth + this.kept + this.inHand;
    }
    get passWorth() {
        return this.pass.worth;
    }
    get share() {
        return shareOf(this.all.bad, this.all.total);
    }
}
