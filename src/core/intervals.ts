/** Lanczos coefficients (g = 7, n = 9). */
const LANCZOS: readonly number[] = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** Natural logarithm of the gamma function, for arguments above 0 (Lanczos' approximation, 15 digits). */
export function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z)
  const x = z - 1
  const sum = LANCZOS.reduce((all, one, index) => (index === 0 ? one : all + one / (x + index)), 0)
  const t = x + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** Natural logarithm of the beta function. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)

const HALVINGS = 80

/** Where a function that changes sign once between `low` and `high` is zero; it is above 0 at `low`. */
function root(low: number, high: number, f: (x: number) => number): number {
  let [from, to] = [low, high]
  for (let k = 0; k < HALVINGS; k += 1) {
    const middle = (from + to) / 2
    if (f(middle) > 0) from = middle
    else to = middle
  }
  return (from + to) / 2
}

/**
 * Logarithm of the evidence against "the share is `p`" after `bad` of `all`, by a mixture over all other shares with the
 * prior Beta(1/2, 1/2).
 */
export function logMixture(bad: number, all: number, p: number): number {
  const good = all - bad
  const mixture = logBeta(0.5 + bad, 0.5 + good) - logBeta(0.5, 0.5)
  return mixture - (bad > 0 ? bad * Math.log(p) : 0) - (good > 0 ? good * Math.log(1 - p) : 0)
}

/**
 * Interval for a share after `bad` of `all`, valid at all times at once: it contains the true share with probability
 * `1 − alpha` however often it is looked at (mixture of binomials with the prior Beta(1/2, 1/2)).
 *
 * @param alpha chance of being wrong, 0 to 1
 */
export function shareInterval(bad: number, all: number, alpha: number): readonly [number, number] {
  if (all <= 0) return [0, 1]
  const good = all - bad
  const over = (p: number): number => logMixture(bad, all, p) - Math.log(1 / alpha)
  const seen = bad / all
  const low = bad > 0 ? root(0, seen, over) : 0
  const high = good > 0 ? root(1, seen, over) : 1
  return [low, high]
}

/** The largest share that `bad` of `all` leaves possible, with 95 % certainty at all times. */
export const upperShare = (bad: number, all: number): number => shareInterval(bad, all, 0.05)[1]

/**
 * Interval for candidate's share ÷ stable's share while the split of the requests is constant, valid at all times.
 */
export function ratioInterval(
  candidate: { readonly bad: number; readonly all: number },
  stable: { readonly bad: number; readonly all: number },
  alpha: number,
): readonly [number, number] {
  const [low, high] = shareInterval(candidate.bad, candidate.bad + stable.bad, alpha)
  const scale = stable.all / candidate.all
  return [(low / (1 - low)) * scale, high >= 1 ? Number.POSITIVE_INFINITY : (high / (1 - high)) * scale]
}

/**
 * How far a measured distribution may be from the true one, at all values and all times at once (time-uniform
 * Dvoretzky–Kiefer–Wolfowitz bound of Howard and Ramdas, 2022).
 *
 * @param n number of requests, above 1
 */
export function distributionError(n: number, alpha: number): number {
  return 0.85 * Math.sqrt((Math.log(1 + Math.log(n)) + 0.8 * Math.log(1612 / alpha)) / n)
}
