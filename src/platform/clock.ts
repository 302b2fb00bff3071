import type { Clock } from '../ports.ts'

/** The wall clock; `speed` makes it run faster, for the sandbox. */
export function systemClock(speed = 1): Clock {
  const begun = Date.now()
  const now = (): number => begun + (Date.now() - begun) * speed
  return {
    now,
    async sleepUntil(at, signal) {
      const lengthMs = Math.min((at - now()) / speed, 2_147_483_647)
      if (lengthMs <= 0 || signal.aborted) return
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, Math.ceil(lengthMs))
        signal.addEventListener('abort', done, { once: true })
      })
    },
  }
}
