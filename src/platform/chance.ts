import type { Platform } from '../ports.ts'

/** Randomness and time-outs of the real world. */
export const chance: Pick<Platform, 'random' | 'timeout'> = {
  random: Math.random,
  timeout: (lengthMs) => AbortSignal.timeout(lengthMs),
}
