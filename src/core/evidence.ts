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
  readonly nC: number
  readonly xC: number
  /** Requests of stable and the bad ones among them. */
  readonly nS: number
  readonly xS: number
}

/** The claim that is bet against: the candidate's bad share is at most (or at least) `rho × stable's + delta`. */
export interface Limit {
  /** How many times stable's share is tolerated, 0 or more; 0 ignores stable. */
  readonly rho: number
  /** Share of requests that is tolerated on top, 0 to 1. */
  readonly delta: number
}

/** The largest bad share that a limit tolerates beside a share of stable. */
export const allowedBeside = (share: number, { rho, delta }: Limit): number => rho * share + delta

/** Sizes of a fault that are bet on side by side, in multiples of the limit (docs/gate.md, "Which bets"). */
export const RATIOS: readonly number[] = [1.35, 2, 4, 10, 40]
/** Shares of the limit that are bet on when the claim is that the candidate is worse. */
export const PASS_RATIOS: readonly number[] = [0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9]
/** Stakes of the bets on gauges. */
export const STAKES: readonly number[] = [0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.92]

/** One block multiplies evidence for a revert at most by this: three blocks must agree (docs/gate.md, "Bursts"). */
export const REVERT_CAP = 15
/** And evidence for going on at most by this. */
export const PASS_CAP = 4

/** A bet never stakes all: the factor of stable's bad requests stays above this. */
const STAKED = 0.98

/**
 * The bet that grows fastest when the candidate's bad share is `ratio` times the limit: the factor by which one bad
 * request of the candidate multiplies the evidence. Above 1 it speaks for a revert, below 1 for going on.
 *
 * It is the smaller root of a quadratic: the growth `nC·pC·ln g + nS·s·ln r − nC·delta·(g − 1)` is largest there.
 *
 * @param sHat estimate of stable's bad share from earlier blocks, 0 to 1
 * @param a requests of the candidate for each of stable in this block, above 0; any number when `rho` is 0
 */
export function bet(ratio: number, limit: Limit, sHat: number, a: number): number {
  const { rho, delta } = limit
  if (rho === 0) return ratio
  const u = ratio * allowedBeside(sHat, limit)
  const qa = delta * rho * a
  const qb = u * rho * a + rho * sHat + delta * (1 + rho * a)
  const qc = u * (1 + rho * a)
  const root = Math.sqrt(Math.max(0, qb * qb - 4 * qa * qc))
  return Math.min((2 * qc) / (qb + root), 1 + STAKED / (rho * a))
}

/**
 * Evidence of one block for one bet: `g^xC · r^xS · e^(−nC·delta·(g − 1))` with `r = 1 − rho·a·(g − 1)`, all counts
 * divided by the size `phi` of the bursts, and no more than `cap`.
 */
export function evidence(g: number, block: Block, { rho, delta }: Limit, phi: number, cap: number): number {
  const { nC, xC, nS, xS } = block
  if (g === 0 && xC > 0) return 0
  const a = nS > 0 ? nC / nS : 0
  const log =
    (xC > 0 ? xC * Math.log(g) : 0) +
    (rho > 0 && xS > 0 ? xS * Math.log(1 - rho * a * (g - 1)) : 0) -
    nC * delta * (g - 1)
  return Math.min(cap, Math.exp(log / phi))
}

/** Money on bets of several sizes, side by side; worth the sum of them. */
export class Bets {
  private readonly ratios: readonly number[]
  private readonly cap: number
  private readonly wealth: number[]

  constructor(ratios: readonly number[], cap: number) {
    this.ratios = ratios
    this.cap = cap
    this.wealth = ratios.map(() => 0)
  }

  /** Puts money in, evenly; only before the block that it is to be played on. */
  put(money: number): void {
    for (let k = 0; k < this.wealth.length; k += 1) this.wealth[k] = (this.wealth[k] ?? 0) + money / this.wealth.length
  }

  play(block: Block, limit: Limit, sHat: number, phi: number): void {
    const a = block.nS > 0 ? block.nC / block.nS : 0
    for (let k = 0; k < this.wealth.length; k += 1) {
      const g = bet(this.ratios[k] ?? 1, limit, sHat, a)
      this.wealth[k] = (this.wealth[k] ?? 0) * evidence(g, block, limit, phi, this.cap)
    }
  }

  get worth(): number {
    return this.wealth.reduce((sum, one) => sum + one, 0)
  }
}

/** Blocks after which half of the weight of an old one is left in the estimate of stable's share. */
const HALF_LIFE = 40
const DECAY = 0.5 ** (1 / HALF_LIFE)
/** Stable's share as long as nothing is known. */
const UNKNOWN_SHARE = 0.01
const PSEUDO = 0.5

/** Stable's bad share, estimated from earlier blocks only: a bet must be placed before its block is seen. */
export class ShareEstimate {
  private bad = PSEUDO
  private all = 0

  get value(): number {
    return this.all > 0 ? Math.min(1, this.bad / this.all) : UNKNOWN_SHARE
  }

  add(bad: number, all: number): void {
    this.bad = (this.bad - PSEUDO) * DECAY + bad + PSEUDO
    this.all = this.all * DECAY + all
  }
}

/** Requests and bad requests of one pod of stable in one block. */
export interface PodCount {
  readonly n: number
  readonly x: number
}

/** The sums begin here, which pulls the first estimates towards 1. */
const DISPERSION_PRIOR = 20
const MOST_DISPERSION = 30
/** A wrong pass is repaired by the monitor that stays on, so the pass is not slowed down more than this. */
export const MOST_PASS_DISPERSION = 5

/**
 * Size of the bursts in which bad requests come, measured by how much pods of stable differ in the same block: there
 * a change that all of them share cancels. `sum (x_j − X·q_j)² ÷ sum X·(1 − sum q_j²)`, between 1 and 30.
 */
export class Dispersion {
  private numerator = DISPERSION_PRIOR
  private denominator = DISPERSION_PRIOR

  get value(): number {
    return Math.min(MOST_DISPERSION, Math.max(1, this.numerator / this.denominator))
  }

  add(pods: readonly PodCount[]): void {
    const all = pods.reduce((sum, { n }) => sum + n, 0)
    const bad = pods.reduce((sum, { x }) => sum + x, 0)
    if (pods.length < 2 || bad < 1 || all <= 0) return
    let squares = 0
    for (const { n, x } of pods) {
      const share = n / all
      squares += share * share
      this.numerator += (x - bad * share) ** 2
    }
    this.denominator += bad * (1 - squares)
  }
}

/**
 * Evidence of one block of a gauge such as CPU per request for one stake: the candidate's mean against
 * `rho × stable's + delta`. A guardrail: a gauge is not independent from one block to the next (docs/gate.md, "Limits").
 */
export function gaugeEvidence(stake: number, candidate: number, stable: number, limit: Limit): number {
  return Math.min(REVERT_CAP, 1 - stake + (stake * candidate) / allowedBeside(stable, limit))
}

/**
 * Evidence of one block when nothing is known about how bad requests come inside it: the whole block is one
 * observation, `y = xC / nC`. Two forms of the same bet, both e-values for "the mean of y is at most rho × s + delta";
 * as robust as measured bursts, and slower (docs/gate.md, "Bursts").
 *
 * @param stake part of the money that is staked, above 0 and below 1
 */
export function blockEvidence(
  stake: number,
  { nC, xC, nS, xS }: Block,
  { rho, delta }: Limit,
  sHat: number,
  phi: number,
): readonly [number, number] {
  const y = xC / nC
  const u = stake / (delta + (1 - stake) * rho * sHat)
  const first = (1 + u * (y - delta)) / (1 + (u * rho * (xS + phi)) / nS)
  const v = Math.min(u, (0.9 * nS) / (rho * phi))
  const second = (1 + v * (y - delta)) * (1 - (v * rho * phi) / nS) ** (xS / phi)
  return [Math.min(REVERT_CAP, first), Math.min(REVERT_CAP, second)]
}
