/** Which of the two versions. */
export type Side = 'candidate' | 'stable'

/** Counters of one pod at one time: requests first, then each kind of bad ones. They only grow until the pod restarts. */
export interface Scrape {
  readonly side: Side
  /** Identity of the counters' owner; a new owner begins at zero. */
  readonly pod: string
  /** Milliseconds. */
  readonly at: number
  readonly counts: readonly number[]
}

/** What a span of time added. */
export interface Added {
  readonly candidate: readonly number[]
  readonly stable: readonly number[]
  /** Stable's pods apart. */
  readonly pods: readonly (readonly number[])[]
}

interface Owner {
  readonly side: Side
  readonly waiting: Scrape[]
  last: Scrape | null
}

/** A pod that appears late is new, unless it has more than this many times what any pod ever added. */
const PLAUSIBLE = 8
const PLAUSIBLE_AT_LEAST = 100

const plus = (one: readonly number[], other: readonly number[]): number[] =>
  other.map((value, index) => value + (one[index] ?? 0))

/** A counter that fell was reset: what it shows now is what came since. */
function increase(from: readonly number[], to: readonly number[]): readonly number[] {
  const wasReset = to.some((value, index) => value < (from[index] ?? 0))
  return wasReset ? to : to.map((value, index) => value - (from[index] ?? 0))
}

/**
 * Turns counters of pods into what was added between two times. Counters are subtracted pod by pod before they are
 * summed: a restart, a missed scrape and pods that come and go change nothing else.
 */
export class Counters {
  private readonly owners = new Map<string, Owner>()
  private readonly since = new Map<Side, number>()
  private readonly size: number
  private readonly blockMs: number
  private largest = 0

  /**
   * @param size length of `counts`
   * @param blockMs interval of the scrapes
   */
  constructor(size: number, blockMs: number) {
    this.size = size
    this.blockMs = blockMs
  }

  /** Scrapes of a pod in the order of time; one that is known already is ignored. */
  add(scrape: Scrape): void {
    const key = `${scrape.side} ${scrape.pod}`
    const owner = this.owners.get(key) ?? { side: scrape.side, waiting: [], last: null }
    this.owners.set(key, owner)
    const newest = owner.waiting.at(-1) ?? owner.last
    if (newest !== null && scrape.at <= newest.at) return
    owner.waiting.push(scrape)
    const since = this.since.get(scrape.side)
    if (since === undefined || scrape.at < since) this.since.set(scrape.side, scrape.at)
  }

  private isNew({ side, at, counts }: Scrape): boolean {
    const since = this.since.get(side) ?? at
    const most = Math.max(PLAUSIBLE_AT_LEAST, PLAUSIBLE * this.largest)
    return at > since + 2 * this.blockMs && (counts[0] ?? 0) <= most
  }

  /** What was added up to a time since the last call. */
  advance(to: number): Added {
    const none: readonly number[] = new Array<number>(this.size).fill(0)
    let [candidate, stable] = [none, none]
    const pods: (readonly number[])[] = []
    for (const owner of this.owners.values()) {
      let added = none
      let next = owner.waiting[0]
      while (next !== undefined && next.at <= to) {
        const { last } = owner
        if (last !== null) added = plus(added, increase(last.counts, next.counts))
        else if (this.isNew(next)) added = plus(added, next.counts)
        owner.last = next
        owner.waiting.shift()
        next = owner.waiting[0]
      }
      this.largest = Math.max(this.largest, added[0] ?? 0)
      if (owner.side === 'candidate') candidate = plus(candidate, added)
      else {
        stable = plus(stable, added)
        if ((added[0] ?? 0) > 0) pods.push(added)
      }
    }
    return { candidate, stable, pods }
  }
}

/** The counts of one kind of bad requests, as the judge wants them. */
export function countedOf({ candidate, stable, pods }: Added, kind: number) {
  return {
    block: { nC: candidate[0] ?? 0, xC: candidate[kind] ?? 0, nS: stable[0] ?? 0, xS: stable[kind] ?? 0 },
    pods: pods.map((one) => ({ n: one[0] ?? 0, x: one[kind] ?? 0 })),
  }
}
