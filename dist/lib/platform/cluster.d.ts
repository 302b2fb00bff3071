import type { Cluster } from '../ports.ts';
/** Which API server. Without `server` and `kubeconfig` the usual places say (KUBECONFIG, ~/.kube/config, in-cluster). */
export interface ClusterOptions {
    readonly kubeconfig?: string;
    readonly context?: string;
    /** Address of a server that asks for no credentials, as `kubectl proxy` offers one. */
    readonly server?: string;
    /** How long one request may take. */
    readonly timeoutMs: number;
}
/** When a token runs out, as the token itself says; null for one that says nothing. */
export declare function endOfToken(token: string): number | null;
/** The API server of a kubeconfig: plain JSON over one kept connection, credentials by the Kubernetes client. */
export declare function connectCluster(options: ClusterOptions): Cluster & {
    readonly secrets: readonly string[];
};
