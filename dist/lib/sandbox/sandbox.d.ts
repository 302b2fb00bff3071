import { SandboxApiServer } from './api-server.ts';
import { SandboxMesh, type MeshOptions } from './mesh.ts';
import { SandboxMetrics } from './metrics.ts';
/** An object as a person writes it in YAML. */
export interface Manifest {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly [field: string]: unknown;
    };
    readonly [field: string]: unknown;
}
/** A whole small world on loopback: API server, mesh with load, metrics. */
export interface Sandbox {
    readonly api: SandboxApiServer;
    readonly mesh: SandboxMesh;
    readonly metrics: SandboxMetrics;
    readonly server: string;
    readonly prometheus: string;
    /** Creates or replaces objects as `kubectl apply` would. */
    apply(manifests: readonly Manifest[]): void;
    close(): void;
}
/** Starts the sandbox. Every server listens on a free port of the loopback address. */
export declare function openSandbox(options: MeshOptions): Promise<Sandbox>;
/** Ways to share requests that the sandbox understands. */
export type ExampleRouter = 'istio' | 'gateway-api' | 'ingress-nginx' | 'replicas';
/** The objects of a service in two colours, in the shapes of the articles, for who brings none. */
export declare function exampleManifests(service: string, namespace: string, router?: ExampleRouter): readonly Manifest[];
/** One colour's Deployment, as the charts of `exampleManifests` would render it. */
export declare function exampleDeployment(service: string, namespace: string, colour: string, version: string, { name, replicas }?: {
    readonly name?: string;
    readonly replicas?: number;
}): Manifest;
