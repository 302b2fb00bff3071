/**
 * Evidence: odds that a bettor would have won against a claim about the candidate. `docs/gate.md` tells the method.
 *
 * A *block* is what one interval of the scrapes added to the counters of both colours. An *e-value* of a block is a
 * number that is 1 or less on average while the claim is true, so a product of them rarely becomes large: the chance
 * that it ever reaches `1 / alpha` is at most `alpha`, however often it is looked at (Ville's inequality).
 */
/** What one interval added: requests and bad requests of both colours. */
export interface Block {
    /** Requests of the candidate and the bad ones among them. */
    readonly nC: number;
    readonly xC: number;
    /** Requests of stable and the bad ones among them. */
    readonly nS: number;
    readonly xS: number;
}
/** The claim that is bet against: the candidate's bad share is at most (or at least) `rho × stable's + delta`. */
export interface Limit {
    /** How many times stable's share is tolerated, 0 or more; 0 ignores stable. */
    readonly rho: number;
    /** Share of requests that is tolerated on top, 0 to 1. */
    readonly delta: number;
}
/** The largest bad share that a limit tolerates beside a share of stable. */
export declare const allowedBeside: (share: number, { rho, delta }: Limit) => number;
/** Sizes of a fault that are bet on side by side, in multiples of the limit (docs/gate.md, "Which bets"). */
export declare const RATIOS: readonly number[];
/** Shares of the limit that are bet on when the claim is that the candidate is worse. */
export declare const PASS_RATIOS: readonly number[];
/** Stakes of the bets on gauges. */
export declare const STAKES: readonly number[];
/** One block multiplies evidence for a revert at most by this: three blocks must agree (docs/gate.md, "Bursts"). */
export declare const REVERT_CAP = 15;
/** And evidence for going on at most by this. */
export declare const PASS_CAP = 4;
/**
 * The bet that grows fastest when the candidate's bad share is `ratio` times the limit: the factor by which one bad
 * request of the candidate multiplies the evidence. Above 1 it speaks for a revert, below 1 for going on.
 *
 * It is the smaller root of a quadratic: the growth `nC·pC·ln g + nS·s·ln r − nC·delta·(g − 1)` is largest there.
 *
 * @param sHat estimate of stable's bad share from earlier blocks, 0 to 1
 * @param a requests of the candidate for each of stable in this block, above 0; any number when `rho` is 0
 */
export declare function bet(ratio: number, limit: Limit, sHat: number, a: number): number;
/**
 * Evidence of one block for one bet: `g^xC · r^xS · e^(−nC·delta·(g − 1))` with `r = 1 − rho·a·(g − 1)`, all counts
 * divided by the size `phi` of the bursts, and no more than `cap`.
 */
export declare function evidence(g: number, block: Block, { rho, delta }: Limit, phi: number, cap: number): number;
/** Money on bets of several sizes, side by side; worth the sum of them. */
export declare class Bets {
    private readonly ratios;
    private readonly cap;
    private readonly wealth;
    constructor(ratios: readonly number[], cap: number);
    /** Puts money in, evenly; only before the block that it is to be played on. */
    put(money: number): void;
    play(block: Block, limit: Limit, sHat: number, phi: number): void;
    get worth(): number;
}
/** Stable's bad share, estimated from earlier blocks only: a bet must be placed before its block is seen. */
export declare class ShareEstimate {
    private bad;
    private all;
    get value(): number;
    add(bad: number, all: number): void;
}
/** Requests and bad requests of one pod of stable in one block. */
export interface PodCount {
    readonly n: number;
    readonly x: number;
}
/** A wrong pass is repaired by the monitor that stays on, so the pass is not slowed down more than this. */
export declare const MOST_PASS_DISPERSION = 5;
/**
 * Size of the bursts in which bad requests come, measured by how much pods of stable differ in the same block: there
 * a change that all of them share cancels. `sum (x_j − X·q_j)² ÷ sum X·(1 − sum q_j²)`, between 1 and 30.
 */
export declare class Dispersion {
    private numerator;
    private denominator;
    get value(): number;
    add(pods: readonly PodCount[]): void;
}
/**
 * Evidence of one block of a gauge such as CPU per request for one stake: the candidate's mean against
 * `rho × stable's + delta`. A guardrail: a gauge is not independent from one block to the next (docs/gate.md, "Limits").
 */
export declare function gaugeEvidence(stake: number, candidate: number, stable: number, limit: Limit): number;
/**
 * Evidence of one block when nothing is known about how bad requests come inside it: the whole block is one
 * observation, `y = xC / nC`. Two forms of the same bet, both e-values for "the mean of y is at most rho × s + delta";
 * as robust as measured bursts, and slower (docs/gate.md, "Bursts").
 *
 * @param stake part of the money that is staked, above 0 and below 1
 */
export declare function blockEvidence(stake: number, { nC, xC, nS, xS }: Block, { rho, delta }: Limit, sHat: number, phi: number): readonly [number, number];
