import type { NoteName, Shares } from 'gray-release'

/** What the example's load balancer offers: weights, and a few words stored beside them. */
export interface LoadBalancer {
  get(): Promise<{ weights: Shares; notes: Partial<Record<NoteName, string | null>> }>
  put(change: { weights: Shares | null; notes: Partial<Record<NoteName, string | null>> }): Promise<void>
}

/** Whether both give every colour the same percent. */
export function sameWeights(a: Shares, b: Shares): boolean {
  return Object.keys({ ...a, ...b }).every((colour) => (a[colour] ?? 0) === (b[colour] ?? 0))
}
