import type { Audience, Match } from '../core/plan.ts'
import type { Colour, Shares } from '../core/shares.ts'
import type { KubeObject, RouteChange } from '../ports.ts'
import { contains, fieldsOf, listOf, OwnRules, without, type Fields } from './own-rules.ts'
import type { PatchOperation, RouteView } from './routed-object.ts'
import { WeightEditor, type WeightList } from './weights.ts'

/** A rule that shares requests between our colours, as it is written. */
export interface ManagedRule {
  readonly index: number
  readonly written: Fields
  readonly list: WeightList
}

/** Both conditions at once: a request must satisfy the rule's own and the audience's. */
function both(own: Fields, { name, value }: Match): Fields {
  const others = listOf(own['headers']).filter((one) => fieldsOf(one)['name'] !== name)
  return { ...own, headers: [...others, { name, value }] }
}

const isMirror = (filter: unknown): boolean => fieldsOf(filter)['type'] === 'RequestMirror'

/**
 * An HTTPRoute or GRPCRoute with our weights. An audience is a rule of its own before each of ours, which goes away
 * again: its header makes it the more specific one. A mirror is one filter.
 */
export class GatewayView implements RouteView {
  private readonly own: OwnRules
  private readonly backends: Readonly<Record<Colour, string>>
  private readonly managed: readonly ManagedRule[]
  private readonly weights: WeightEditor

  constructor(
    object: KubeObject,
    service: string,
    backends: Readonly<Record<Colour, string>>,
    managed: readonly ManagedRule[],
  ) {
    const rules = listOf(fieldsOf(object['spec'])['rules']).map(fieldsOf)
    const [first = '', second = ''] = Object.keys(backends)
    this.own = new OwnRules('/spec/rules', rules, `gray-release-${service}-`)
    this.backends = backends
    this.managed = managed
    this.weights = new WeightEditor(
      [first, second],
      managed.map(({ list }) => list),
    )
  }

  get isRouted(): boolean {
    return this.weights.isRouted
  }

  shares(): Shares | null {
    return this.weights.shares()
  }

  has(shares: Shares): boolean {
    return this.weights.has(shares)
  }

  private refOf({ list, written }: ManagedRule, colour: Colour): Fields {
    const place = list.places[colour] ?? -1
    const found = place < 0 ? list.entry(colour) : fieldsOf(listOf(written['backendRefs'])[place])
    return without(found, 'weight', 'filters')
  }

  /** The rules by which the audience of each of ours reaches the colour. */
  private wantedRules({ match }: Audience, colour: Colour): ReadonlyMap<number, Fields> {
    const asked = match.length === 0 ? [] : this.managed
    return new Map(
      asked.map((one, place) => {
        const own = listOf(one.written['matches']).map(fieldsOf)
        const matches = (own.length === 0 ? [{}] : own).flatMap((each) => match.map((more) => both(each, more)))
        const kept = listOf(one.written['filters']).filter((filter) => !this.isOurMirror(filter))
        const rule = {
          ...one.written,
          name: this.own.nameOf(place),
          matches,
          ...(one.written['filters'] !== undefined && kept.length > 0 && { filters: kept }),
          backendRefs: [{ ...this.refOf(one, colour), weight: 1 }],
        }
        return [one.index, rule]
      }),
    )
  }

  /** One to a colour of this service. */
  private isOurMirror(filter: unknown): boolean {
    const { backendRef } = fieldsOf(fieldsOf(filter)['requestMirror'])
    return isMirror(filter) && Object.values(this.backends).includes(String(fieldsOf(backendRef)['name']))
  }

  /** The filters of a rule as they are to be. */
  private wantedFilters(one: ManagedRule, { mirror }: Audience, colour: Colour): readonly unknown[] {
    const others = listOf(one.written['filters']).filter((filter) => !this.isOurMirror(filter))
    if (mirror === 0) return others
    const backendRef = this.refOf(one, colour)
    return [...others, { type: 'RequestMirror', requestMirror: { backendRef, percent: mirror } }]
  }

  serves(audience: Audience, colour: Colour): boolean {
    if (!this.own.are(this.wantedRules(audience, colour))) return false
    return this.managed.every((one) =>
      contains(listOf(one.written['filters']), this.wantedFilters(one, audience, colour)),
    )
  }

  private mirrorPatch(audience: Audience, colour: Colour): readonly PatchOperation[] {
    return this.managed.flatMap((one): PatchOperation[] => {
      const wanted = this.wantedFilters(one, audience, colour)
      const path = `/spec/rules/${one.index}/filters`
      if (contains(listOf(one.written['filters']), wanted)) return []
      return [wanted.length === 0 ? { op: 'remove', path } : { op: 'add', path, value: wanted }]
    })
  }

  patch(shares: Shares, audience: RouteChange['audience']): readonly PatchOperation[] {
    const weights = this.weights.patch(shares)
    if (audience === null) return weights
    const rules = this.own.patch(this.wantedRules(audience, audience.colour))
    return [...weights, ...this.mirrorPatch(audience, audience.colour), ...rules]
  }
}
