import type { Clock, Cluster, KubeObject } from '../ports.ts';
/** One object of the cluster, kept current by a watch, so that looking at it costs no request. */
export declare class FollowedObject {
    /** The newest object we know; current only while the watch runs. */
    latest: KubeObject | null;
    private following;
    /** When the server last said anything about the object. */
    private heardAt;
    private stream;
    private signal;
    private askedAt;
    private readonly cluster;
    private readonly clock;
    private readonly path;
    /** @param path the object's own path by its name; a name of `''` gives the collection */
    constructor(cluster: Cluster, clock: Clock, path: (name: string) => Promise<string>);
    /** The object as the server has it now. @throws ReleaseError CLUSTER_NOT_FOUND and others */
    get(name: string): Promise<KubeObject>;
    /** The object: from memory while the watch runs, else from the server. */
    current(name: string): Promise<KubeObject>;
    /** Keeps the newer object: the stream may deliver what we wrote ourselves a moment later. */
    remember(object: KubeObject): void;
    /** Follows the object from now on, until the signal is aborted. */
    watch(signal: AbortSignal): void;
    private follow;
}
