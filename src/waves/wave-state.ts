import { ReleaseError, toReleaseError } from '../errors.ts'
import type { KubeObject, Permission, Platform } from '../ports.ts'

/** Where a release in waves stands. */
export interface WavesState {
  readonly schema: 1
  readonly version: string
  /** `resting`: the pause after a wave; the last three are ends. */
  readonly phase: 'rising' | 'resting' | 'going-back' | 'promoted' | 'reverted' | 'stuck'
  /** Index of the wave under way, or of the one that was the last. */
  readonly wave: number
  /** When the phase began, ms since 1970. */
  readonly since: number
  readonly reason: string
  /** Groups that served the version before this release began: they are none of its doing. */
  readonly untouched: readonly string[]
}

/** Whether nothing happens by itself any more. */
export const isOver = ({ phase }: WavesState): boolean =>
  phase === 'promoted' || phase === 'reverted' || phase === 'stuck'

interface Stored extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/** The state in a ConfigMap; a write over somebody else's is refused. */
export class WavesStore {
  readonly needs: readonly Permission[]
  private readonly platform: Platform
  private readonly collection: string
  private readonly name: string
  private version: string | null = null

  constructor(platform: Platform, namespace: string, service: string) {
    this.platform = platform
    this.name = `gray-release-waves-${service}`
    this.collection = `/api/v1/namespaces/${namespace}/configmaps`
    this.needs = ['get', 'create', 'patch'].map((verb) => ({
      ...{ group: '', resource: 'configmaps', verb, namespace },
      for: 'where a release in waves stands',
    }))
  }

  async load(): Promise<WavesState | null> {
    const path = `${this.collection}/${this.name}`
    const object = await this.platform.cluster.request<Stored>({ method: 'GET', path }).catch((thrown: unknown) => {
      if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND') throw thrown
      return null
    })
    this.version = object?.metadata.resourceVersion ?? null
    const text = object?.data?.['state']
    if (text === undefined) return null
    const state = JSON.parse(text) as Partial<WavesState>
    if (state.schema === 1) return state as WavesState
    throw new ReleaseError('STATE_CONFLICT', `ConfigMap ${this.name} carries a state this version cannot read`, {
      hint: 'it was written by a newer gray-release (use that one) or by hand (remove it)',
    })
  }

  async save(state: WavesState): Promise<void> {
    const metadata = { name: this.name, ...(this.version !== null && { resourceVersion: this.version }) }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { state: JSON.stringify(state) } }
    const request =
      this.version === null
        ? ({ method: 'POST', path: `${this.collection}?fieldManager=gray-release`, body } as const)
        : ({
            method: 'PATCH',
            path: `${this.collection}/${this.name}?fieldManager=gray-release`,
            body,
            contentType: 'application/merge-patch+json',
          } as const)
    const stored = await this.platform.cluster.request<KubeObject>(request).catch((thrown: unknown) => {
      if (toReleaseError(thrown).code !== 'CLUSTER_CONFLICT') throw thrown
      throw new ReleaseError('STATE_CONFLICT', `another run writes ConfigMap ${this.name}`, {
        hint: 'this run no longer drives; look at that one',
        cause: thrown,
      })
    })
    this.version = stored.metadata.resourceVersion ?? null
  }
}
