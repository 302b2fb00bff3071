import { encodeFence, overtakenBy } from '../core/saved.ts'
import type { Audience } from '../core/plan.ts'
import { describeShares, type Colour, type Shares } from '../core/shares.ts'
import { overtaken, ReleaseError, toReleaseError } from '../errors.ts'
import type { Cluster, Fence, Finding, KubeObject, LiveRoute, NoteName, Platform, RouteChange } from '../ports.ts'
import { FollowedObject } from './followed-object.ts'

/** One step of a JSON patch (RFC 6902). */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'test' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/** One object, read as a route between our two colours. */
export interface RouteView {
  /** Whether it has a place for our weights at all. */
  readonly isRouted: boolean
  /** Percent of our share by colour; null when its routes disagree or nothing has a weight. */
  shares(): Shares | null
  /** Whether the weights are those that writing these shares gives. */
  has(shares: Shares): boolean
  /** Whether exactly this audience reaches the colour beside its weight. */
  serves(audience: Audience, colour: Colour): boolean
  /** The smallest patch that gives the shares and the audience (null leaves it alone); empty when they are there. */
  patch(shares: Shares, audience: RouteChange['audience']): readonly PatchOperation[]
}

/** What a kind of route object must say about itself. */
export interface RoutedKind {
  /** The release the notes on the object belong to. */
  readonly service: string
  /** The object's path by its name; `''` gives the collection. */
  path(name: string): Promise<string>
  /** The name of the one object that shares requests between our colours. @throws ReleaseError ROUTE_NOT_FOUND */
  find(): Promise<string>
  view(object: KubeObject): RouteView
  /** Why the object is none of ours. */
  noRoutes(object: KubeObject): ReleaseError
  /** What to say when the object is not there. */
  missing(name: string): Promise<ReleaseError>
}

const TRIES = 5
const NOTES: readonly NoteName[] = ['state', 'fence', 'request', 'part']
/** Managers that write whole objects and would put our weights back. */
const FIGHTERS = /^(argocd|kustomize-controller|helm-controller|flux|fleet)/

/** An object for people: `VirtualService happyride/address-service-deployment`. */
export function describeObject(object: KubeObject, kind = 'VirtualService'): string {
  return `${object.kind ?? kind} ${object.metadata.namespace ?? 'default'}/${object.metadata.name}`
}

/** Refuses with what was found in place of a route. */
export function notFound(message: string, hint: string): ReleaseError {
  return new ReleaseError('ROUTE_NOT_FOUND', message, { hint })
}

/** Refuses to write over what somebody else wrote. */
export function drifted(object: string, found: Shares | null, expected: readonly Shares[]): ReleaseError {
  const wanted = expected.map(describeShares).join(' or ')
  return new ReleaseError('ROUTE_DRIFTED', `${object} has ${describeShares(found)}, expected ${wanted}`)
}

/** Who else writes this object as a whole. */
export function fighters(object: KubeObject, field: string): readonly Finding[] {
  return (object.metadata.managedFields ?? []).flatMap(({ manager = '', operation }): Finding[] => {
    if (operation !== 'Apply' && !FIGHTERS.test(manager)) return []
    const message = `${describeObject(object)} is applied by ${manager}, which may put the weights back`
    return [{ level: 'warn', message, hint: `let it ignore ${field}` }]
  })
}

/**
 * A route that lives on one object of the cluster: its weights, our notes and the fence are written in one patch that
 * names only our numbers, and read back.
 */
export class RoutedObject {
  private readonly kind: RoutedKind
  private readonly platform: Platform
  private readonly followed: FollowedObject

  constructor(kind: RoutedKind, platform: Platform) {
    this.kind = kind
    this.platform = platform
    this.followed = new FollowedObject(platform.cluster, platform.clock, (name) => kind.path(name))
  }

  /** The newest object we know. */
  get latest(): KubeObject | null {
    return this.followed.latest
  }

  watch(signal: AbortSignal): void {
    this.followed.watch(signal)
  }

  /** Asks for the object; one that is not there is refused with the names of those that are. */
  private async ask<Answer>(question: (name: string) => Promise<Answer>): Promise<Answer> {
    const name = await this.kind.find()
    try {
      return await question(name)
    } catch (thrown) {
      const error = toReleaseError(thrown)
      if (error.code !== 'CLUSTER_NOT_FOUND') throw error
      throw await this.kind.missing(name)
    }
  }

  /** The object as the server has it now. */
  get(): Promise<KubeObject> {
    return this.ask((name) => this.followed.get(name))
  }

  /** The object: from memory while the watch runs. */
  current(): Promise<KubeObject> {
    return this.ask((name) => this.followed.current(name))
  }

  private noteKey(note: NoteName): string {
    return `${note}.gray-release/${this.kind.service}`
  }

  private noteOf(object: KubeObject, note: NoteName): string | null {
    return object.metadata.annotations?.[this.noteKey(note)] ?? null
  }

  private toLive(object: KubeObject): LiveRoute {
    const view = this.kind.view(object)
    return {
      object: describeObject(object),
      shares: view.shares(),
      notes: {
        state: this.noteOf(object, 'state'),
        fence: this.noteOf(object, 'fence'),
        request: this.noteOf(object, 'request'),
        part: this.noteOf(object, 'part'),
      },
      unfinished: '',
      has: (shares) => view.has(shares),
      serves: (audience, colour) => view.serves(audience, colour),
    }
  }

  async read(): Promise<LiveRoute> {
    const object = await this.current()
    if (!this.kind.view(object).isRouted) throw this.kind.noRoutes(object)
    return this.toLive(object)
  }

  private refuseIfFenced(object: KubeObject, fence: Fence): void {
    const by = overtakenBy(this.noteOf(object, 'fence'), fence)
    if (by !== undefined) throw overtaken(describeObject(object), by)
  }

  private operations(object: KubeObject, change: RouteChange): PatchOperation[] {
    const operations: PatchOperation[] = []
    const wanted: Partial<Record<NoteName, string | null>> = {
      ...change.notes,
      fence: encodeFence(change.fence.number, change.fence.holder),
    }
    for (const note of NOTES) {
      const value = wanted[note]
      const found = this.noteOf(object, note)
      const path = `/metadata/annotations/${this.noteKey(note).replace('/', '~1')}`
      if (value === undefined || value === found) {
        // Whatever the resourceVersion says, a foreign fence makes this patch impossible.
        if (note === 'fence' && found !== null) operations.unshift({ op: 'test', path, value: found })
      } else if (value === null) operations.push({ op: 'remove', path })
      else operations.push({ op: 'add', path, value })
    }
    if (change.shares !== null) operations.push(...this.kind.view(object).patch(change.shares, change.audience))
    if (operations.every((one) => one.op === 'test')) return []
    const head: PatchOperation[] = [
      { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
    ]
    if (object.metadata.annotations === undefined) head.push({ op: 'add', path: '/metadata/annotations', value: {} })
    return [...head, ...operations]
  }

  private refuseIfDrifted(object: KubeObject, expected: readonly Shares[] | null): void {
    const view = this.kind.view(object)
    if (!view.isRouted) throw this.kind.noRoutes(object)
    if (expected === null || expected.some((shares) => view.has(shares))) return
    throw drifted(describeObject(object), view.shares(), expected)
  }

  private async patch(object: KubeObject, body: unknown, type: 'json-patch' | 'merge-patch'): Promise<KubeObject> {
    return this.platform.cluster.request<KubeObject>({
      method: 'PATCH',
      path: `${await this.kind.path(object.metadata.name)}?fieldManager=gray-release`,
      contentType: `application/${type}+json`,
      body,
    })
  }

  async write(change: RouteChange): Promise<LiveRoute> {
    const { clock, random } = this.platform
    for (let attempt = 1; ; attempt += 1) {
      const object = attempt === 1 ? await this.current() : await this.get()
      this.refuseIfFenced(object, change.fence)
      if (change.shares !== null) this.refuseIfDrifted(object, change.expected)
      const operations = this.operations(object, change)
      if (operations.length === 0) return await this.confirm(change)
      try {
        this.followed.remember(await this.patch(object, operations, 'json-patch'))
        return await this.confirm(change)
      } catch (thrown) {
        const error = toReleaseError(thrown)
        const stale = error.code === 'CLUSTER_CONFLICT' || error.code === 'CLUSTER_REJECTED'
        if (!stale || attempt >= TRIES) throw error
        // 409 or a failed test: somebody wrote in between. The next turn reads again and judges anew.
        if (error.code === 'CLUSTER_REJECTED') {
          const again = await this.get()
          if (again.metadata.resourceVersion === object.metadata.resourceVersion) throw error
        }
        await clock.sleepUntil(clock.now() + 10 * attempt * (1 + random()), AbortSignal.any([]))
      }
    }
  }

  /** Leaves a request for the run that drives. */
  async leave(request: string): Promise<void> {
    const object = await this.get()
    await this.patch(object, { metadata: { annotations: { [this.noteKey('request')]: request } } }, 'merge-patch')
  }

  /** Weights are read back from the server; notes alone are what the answer to the patch says. */
  private async confirm(change: RouteChange): Promise<LiveRoute> {
    if (change.shares === null) return this.toLive(this.latest ?? (await this.get()))
    const object = await this.get()
    this.refuseIfFenced(object, change.fence)
    const live = this.toLive(object)
    const { audience } = change
    if (live.has(change.shares) && (audience === null || live.serves(audience, audience.colour))) return live
    throw new ReleaseError(
      'ROUTE_NOT_APPLIED',
      `${live.object}: wrote ${describeShares(change.shares)}, read back ${describeShares(live.shares)}`,
      { hint: 'another controller may own this object; see managedFields' },
    )
  }
}

/** A router whose route is one object: what it answers about it, and how it writes it, is the object's. */
export abstract class ObjectRouter {
  protected abstract readonly route: RoutedObject

  read(): Promise<LiveRoute> {
    return this.route.read()
  }

  write(change: RouteChange): Promise<LiveRoute> {
    return this.route.write(change)
  }

  ask(request: string): Promise<void> {
    return this.route.leave(request)
  }

  watch(signal: AbortSignal): void {
    this.route.watch(signal)
  }
}

/** All objects of a collection. */
export async function listObjects(cluster: Cluster, path: string): Promise<readonly KubeObject[]> {
  const { items = [] } = await cluster.request<{ readonly items?: readonly KubeObject[] }>({ method: 'GET', path })
  return items
}

/** The version of an API group that the server prefers. @throws ReleaseError ROUTE_NOT_FOUND when it serves none */
export async function preferredVersion(cluster: Cluster, group: string, hint: string): Promise<string> {
  interface Group {
    readonly preferredVersion?: { readonly version?: string }
  }
  const found = await cluster.request<Group>({ method: 'GET', path: `/apis/${group}` }).catch((thrown: unknown) => {
    if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND') throw thrown
    throw notFound(`the cluster ${cluster.server} does not serve ${group}`, hint)
  })
  return found.preferredVersion?.version ?? 'v1'
}

/** Collects what is wrong with a route: each question that cannot even be asked is a finding too. */
export async function gather(questions: readonly (() => Promise<readonly Finding[]>)[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const question of questions) {
    try {
      findings.push(...(await question()))
    } catch (thrown) {
      const { message, hint } = toReleaseError(thrown)
      findings.push({ level: 'refuse', message, hint })
    }
  }
  return findings
}
