/** Things that happen later in the sandbox's own time, and not at all once it is closed. */
export class SandboxTimers {
  private readonly pending = new Set<NodeJS.Timeout>()
  private readonly speed: number
  private closed = false

  /** @param speed how much faster than the wall clock the sandbox's time runs */
  constructor(speed: number) {
    this.speed = speed
  }

  later(lengthMs: number, action: () => void): void {
    if (this.closed) return
    const timer = setTimeout(() => {
      this.pending.delete(timer)
      action()
    }, lengthMs / this.speed)
    this.pending.add(timer)
  }

  /** Again and again, this many milliseconds of wall time apart. */
  every(wallMs: number, action: () => void): void {
    this.pending.add(setInterval(action, wallMs))
  }

  close(): void {
    this.closed = true
    for (const timer of this.pending) clearTimeout(timer)
    this.pending.clear()
  }
}
