import type { PatchOperation } from './routed-object.ts'

/** What is known of a value from outside: its fields, whatever they hold. */
export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The fields without some of them. */
export const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

/** Whether all of `wanted` is there: the API server adds defaults to what it is given. */
export function contains(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    const there = listOf(found)
    return there.length === wanted.length && wanted.every((one, place) => contains(there[place], one))
  }
  if (typeof wanted !== 'object' || wanted === null) return found === wanted
  const there = fieldsOf(found)
  return Object.entries(wanted).every(([name, one]) => contains(there[name], one))
}

/** Rules of ours in a list of rules, told by the beginning of their name: each stands before the one it was made for. */
export class OwnRules {
  private readonly path: string
  private readonly rules: readonly Fields[]
  private readonly prefix: string

  /** @param path the list as a JSON pointer, for example `/spec/http` */
  constructor(path: string, rules: readonly Fields[], prefix: string) {
    this.path = path
    this.rules = rules
    this.prefix = prefix
  }

  nameOf(place: number): string {
    return `${this.prefix}${place}`
  }

  private isOurs(rule: Fields | undefined): boolean {
    return typeof rule?.['name'] === 'string' && rule['name'].startsWith(this.prefix)
  }

  /** Whether just these are there. */
  are(wanted: ReadonlyMap<number, Fields>): boolean {
    return contains(
      this.rules.filter((one) => this.isOurs(one)),
      [...wanted.values()],
    )
  }

  /**
   * Takes away what is ours and puts in what is wanted, from the last one up, so that the places of the others hold.
   *
   * @param wanted by the place of the rule that it is to stand before
   */
  patch(wanted: ReadonlyMap<number, Fields>): readonly PatchOperation[] {
    if (this.are(wanted)) return []
    const operations: PatchOperation[] = []
    for (let index = this.rules.length - 1; index >= 0; index -= 1) {
      const path = `${this.path}/${index}`
      if (this.isOurs(this.rules[index])) operations.push({ op: 'remove', path })
      const value = wanted.get(index)
      if (value !== undefined) operations.push({ op: 'add', path, value })
    }
    return operations
  }
}
