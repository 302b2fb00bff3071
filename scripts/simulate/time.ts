/** Everything that can still happen has happened: promises go on in microtasks, which all run before this. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Timer {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

/** A clock that moves from one timer to the next when nothing else can happen. Nothing here waits for real. */
export class VirtualTime {
  now: number
  private timers: Timer[] = []
  private order = 0

  constructor(start: number) {
    this.now = start
  }

  /** Calls back at a time; answers what takes it back. */
  at(time: number, act: () => void): () => void {
    this.order += 1
    const timer = { at: Math.max(time, this.now), order: this.order, act }
    let low = 0
    let high = this.timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.timers[middle]
      if (other !== undefined && (other.at < timer.at || (other.at === timer.at && other.order < timer.order))) {
        low = middle + 1
      } else high = middle
    }
    this.timers.splice(low, 0, timer)
    return () => {
      const index = this.timers.indexOf(timer)
      if (index >= 0) this.timers.splice(index, 1)
    }
  }

  sleep(lengthMs: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now + lengthMs, resolve))
  }

  /** Lets time pass until it is done, or this late. */
  async run(until: number, isDone: () => boolean = () => false): Promise<void> {
    for (;;) {
      await settle()
      if (isDone()) return
      const next = this.timers[0]
      if (next === undefined || next.at > until) {
        this.now = Math.max(this.now, until)
        return
      }
      this.timers.shift()
      this.now = Math.max(this.now, next.at)
      next.act()
    }
  }
}

/** A number from 0 up to 1 from words: the same words give the same number, whatever else happened (FNV-1a). */
export function chanceOf(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const sign of words.join('/')) {
    hash ^= sign.charCodeAt(0)
    hash = Math.imul(hash, 0x01000193) >>> 0
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d) >>> 0
  hash ^= hash >>> 12
  return (hash >>> 0) / 4294967296
}
