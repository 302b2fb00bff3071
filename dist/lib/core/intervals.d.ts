/** Natural logarithm of the gamma function, for arguments above 0 (Lanczos' approximation, 15 digits). */
export declare function logGamma(z: number): number;
/** Natural logarithm of the beta function. */
export declare const logBeta: (a: number, b: number) => number;
/**
 * Logarithm of the evidence against "the share is `p`" after `bad` of `all`, by a mixture over all other shares with the
 * prior Beta(1/2, 1/2).
 */
export declare function logMixture(bad: number, all: number, p: number): number;
/**
 * Interval for a share after `bad` of `all`, valid at all times at once: it contains the true share with probability
 * `1 − alpha` however often it is looked at (mixture of binomials with the prior Beta(1/2, 1/2)).
 *
 * @param alpha chance of being wrong, 0 to 1
 */
export declare function shareInterval(bad: number, all: number, alpha: number): readonly [number, number];
/** The largest share that `bad` of `all` leaves possible, with 95 % certainty at all times. */
export declare const upperShare: (bad: number, all: number) => number;
/**
 * Interval for candidate's share ÷ stable's share while the split of the requests is constant, valid at all times.
 */
export declare function ratioInterval(candidate: {
    readonly bad: number;
    readonly all: number;
}, stable: {
    readonly bad: number;
    readonly all: number;
}, alpha: number): readonly [number, number];
/**
 * How far a measured distribution may be from the true one, at all values and all times at once (time-uniform
 * Dvoretzky–Kiefer–Wolfowitz bound of Howard and Ramdas, 2022).
 *
 * @param n number of requests, above 1
 */
export declare function distributionError(n: number, alpha: number): number;
