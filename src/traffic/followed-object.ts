import type { Clock, Cluster, KubeObject } from '../ports.ts'

/** A watch that cannot be had (a proxy in between) is not asked for again before this. */
const PATIENCE_MS = 10_000
/** The server sends a bookmark about once a minute: a stream that is silent for longer may be a dead connection. */
const SILENCE_MS = 90_000

/** One object of the cluster, kept current by a watch, so that looking at it costs no request. */
export class FollowedObject {
  /** The newest object we know; current only while the watch runs. */
  latest: KubeObject | null = null
  private following = false
  /** When the server last said anything about the object. */
  private heardAt = Number.NEGATIVE_INFINITY
  private stream = new AbortController()
  private signal: AbortSignal | null = null
  private askedAt = Number.NEGATIVE_INFINITY
  private readonly cluster: Cluster
  private readonly clock: Clock
  private readonly path: (name: string) => Promise<string>

  /** @param path the object's own path by its name; a name of `''` gives the collection */
  constructor(cluster: Cluster, clock: Clock, path: (name: string) => Promise<string>) {
    this.cluster = cluster
    this.clock = clock
    this.path = path
  }

  /** The object as the server has it now. @throws ReleaseError CLUSTER_NOT_FOUND and others */
  async get(name: string): Promise<KubeObject> {
    const object = await this.cluster.request<KubeObject>({ method: 'GET', path: await this.path(name) })
    this.latest = object
    this.heardAt = this.clock.now()
    return object
  }

  /** The object: from memory while the watch runs, else from the server. */
  async current(name: string): Promise<KubeObject> {
    if (this.following && this.latest !== null) {
      if (this.clock.now() - this.heardAt <= SILENCE_MS) return this.latest
      this.stream.abort()
      this.following = false
    }
    const object = await this.get(name)
    await this.follow()
    return object
  }

  /** Keeps the newer object: the stream may deliver what we wrote ourselves a moment later. */
  remember(object: KubeObject): void {
    this.heardAt = this.clock.now()
    const version = (one: KubeObject | null): number => Number(one?.metadata.resourceVersion ?? 0)
    const isOther = object.metadata.uid !== this.latest?.metadata.uid
    if (isOther || version(object) >= version(this.latest)) this.latest = object
  }

  /** Follows the object from now on, until the signal is aborted. */
  watch(signal: AbortSignal): void {
    this.signal = signal
    void this.follow()
  }

  private async follow(): Promise<void> {
    const { signal, latest } = this
    const now = this.clock.now()
    if (signal === null || signal.aborted || latest === null || this.following) return
    if (now - this.askedAt < PATIENCE_MS) return
    this.askedAt = now
    const query = new URLSearchParams({
      watch: 'true',
      fieldSelector: `metadata.name=${latest.metadata.name}`,
      resourceVersion: latest.metadata.resourceVersion ?? '',
      timeoutSeconds: '290',
      allowWatchBookmarks: 'true',
    })
    const path = `${await this.path('')}?${query.toString()}`
    const stream = new AbortController()
    const end = (): void => {
      if (this.stream === stream) this.following = false
    }
    this.stream = stream
    this.following = true
    const take = (type: string, object: KubeObject): void => {
      if (stream.signal.aborted) return
      if (type === 'MODIFIED' || type === 'ADDED') this.remember(object)
      else if (type === 'BOOKMARK') this.heardAt = this.clock.now()
      else end()
    }
    this.cluster.watch(path, take, end, AbortSignal.any([signal, stream.signal]))
  }
}
