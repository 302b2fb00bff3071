import type { Audience } from '../core/plan.ts'
import type { Colour, Shares } from '../core/shares.ts'
import type { KubeObject } from '../ports.ts'
import type { PatchOperation, RouteView } from './routed-object.ts'

export interface IngressPath {
  readonly path?: string
  readonly pathType?: string
  readonly backend?: {
    readonly service?: { readonly name?: string; readonly port?: { readonly number?: number; readonly name?: string } }
  }
}

export interface IngressRule {
  readonly host?: string
  readonly http?: { readonly paths?: readonly IngressPath[] }
}

/** The part of an Ingress that says where requests go. */
export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string
    readonly rules?: readonly IngressRule[]
    readonly tls?: readonly unknown[]
  }
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

export const rulesOf = (ingress: Ingress): readonly IngressRule[] =>
  Array.isArray(ingress.spec?.rules) ? (ingress.spec.rules as readonly IngressRule[]) : []
export const pathsOf = (rule: IngressRule): readonly IngressPath[] =>
  Array.isArray(rule.http?.paths) ? (rule.http.paths as readonly IngressPath[]) : []
export const serviceOf = (path: IngressPath): string => path.backend?.service?.name ?? ''
/** Host, path and type: the controller joins two Ingresses where all three are the same. */
export const keysOf = (ingress: Ingress, service: string): readonly string[] =>
  rulesOf(ingress).flatMap((rule) =>
    pathsOf(rule)
      .filter((path) => serviceOf(path) === service)
      .map(({ path = '/', pathType = '' }) => `${rule.host ?? '*'}${path} (${pathType})`),
  )

/** The weight as the controller reads it: what makes no sense counts as nothing, and nobody is told. */
function weightOf(ingress: Ingress, prefix: string): number {
  const of = (name: string): string => ingress.metadata.annotations?.[`${prefix}/${name}`] ?? ''
  if (of('canary') !== 'true') return 0
  const written = /^\d+$/.test(of('canary-weight')) ? Number(of('canary-weight')) : 0
  const asked = /^\d+$/.test(of('canary-weight-total')) ? Number(of('canary-weight-total')) : 100
  const total = Math.max(100, asked)
  return (Math.min(written, total) * 100) / total
}

/** The canary Ingress: its annotations are the route. */
export class CanaryView implements RouteView {
  readonly isRouted = true
  private readonly ingress: Ingress
  private readonly prefix: string
  private readonly colours: readonly [Colour, Colour]

  constructor(ingress: Ingress, prefix: string, colours: readonly [Colour, Colour]) {
    this.ingress = ingress
    this.prefix = prefix
    this.colours = colours
  }

  shares(): Shares {
    const weight = Math.round(weightOf(this.ingress, this.prefix))
    const [main, canary] = this.colours
    return { [main]: 100 - weight, [canary]: weight }
  }

  has(shares: Shares): boolean {
    return weightOf(this.ingress, this.prefix) === (shares[this.colours[1]] ?? 0)
  }

  /** What the annotations must say so that this audience, and nobody else, reaches the canary. */
  private audienceOf({ match }: Audience): Readonly<Record<string, string | null>> {
    const header = match.find(({ by }) => by === 'header')
    const cookie = match.find(({ by }) => by === 'cookie')
    return {
      'canary-by-header': header?.name ?? null,
      'canary-by-header-value': header?.value ?? null,
      'canary-by-cookie': cookie?.name ?? null,
    }
  }

  private isSaid(wanted: Readonly<Record<string, string | null>>): boolean {
    const { annotations = {} } = this.ingress.metadata
    return Object.entries(wanted).every(([name, value]) => (annotations[`${this.prefix}/${name}`] ?? null) === value)
  }

  serves(audience: Audience): boolean {
    return this.isSaid(this.audienceOf(audience))
  }

  patch(shares: Shares, audience: Audience | null): readonly PatchOperation[] {
    const { annotations = {} } = this.ingress.metadata
    const wanted: Readonly<Record<string, string | null>> = {
      canary: 'true',
      'canary-weight': String(shares[this.colours[1]] ?? 0),
      ...(annotations[`${this.prefix}/canary-weight-total`] !== undefined && { 'canary-weight-total': '100' }),
      ...(audience !== null && this.audienceOf(audience)),
    }
    return Object.entries(wanted).flatMap(([name, value]): PatchOperation[] => {
      const key = `${this.prefix}/${name}`
      if ((annotations[key] ?? null) === value) return []
      const path = `/metadata/annotations/${escaped(key)}`
      return [value === null ? { op: 'remove', path } : { op: 'add', path, value }]
    })
  }
}
