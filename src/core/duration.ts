const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]

/**
 * Milliseconds of a written time such as `90s`, `5m`, `1h30m`, `250ms` or `2d`.
 * A number without a unit is refused (undefined), because nobody can tell seconds from minutes.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0)
  }
  return Math.round(total)
}

/** A length for people: `toDuration(90_000) → "1m30s"`, `toDuration(0) → "0s"`. At most two units are shown. */
export function toDuration(lengthMs: number): string {
  if (lengthMs > 0 && lengthMs < 1000) return `${Math.round(lengthMs)}ms`
  let rest = Math.round(Math.max(0, lengthMs) / 1000) * 1000
  const parts: string[] = []
  for (const [unit, size] of UNITS.slice(0, 4)) {
    const count = Math.floor(rest / size)
    if (count > 0 && parts.length < 2) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.join('') || '0s'
}
