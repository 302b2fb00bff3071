import type { HeldLock, Lock, LockStatus } from '../ports.ts'

/**
 * The locks of all services, always taken in the order of their names, so that two releases that share services never
 * wait for each other; who is refused one gives back those it has.
 */
export function togetherLock(locks: readonly { readonly key: string; readonly lock: Lock }[]): Lock {
  const ordered = [...locks].sort((one, two) => (one.key < two.key ? -1 : 1)).map(({ lock }) => lock)
  return {
    needs: ordered.flatMap(({ needs }) => needs),
    async acquire(holder, atLeast, options): Promise<HeldLock> {
      const held: HeldLock[] = []
      const giveBack = async (): Promise<void> => {
        await Promise.all(held.map((one) => one.release()))
      }
      try {
        for (const lock of ordered) held.push(await lock.acquire(holder, atLeast, options))
      } catch (thrown) {
        await giveBack()
        throw thrown
      }
      const fence = Math.max(...held.map((one) => one.fence))
      return { fence, lost: AbortSignal.any(held.map((one) => one.lost)), release: giveBack }
    },
    async status(): Promise<LockStatus | null> {
      const all = await Promise.all(ordered.map((lock) => lock.status()))
      const held = all.flatMap((one) => (one !== null && one.holder !== '' ? [one] : []))
      // One that somebody holds tells more than one that was given back.
      return held.find(({ expired }) => !expired) ?? held[0] ?? all.find((one) => one !== null) ?? null
    },
  }
}
