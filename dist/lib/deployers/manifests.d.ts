import type { Connect, Deployer } from '../ports.ts';
/** How manifests deploy one colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface ManifestsOptions {
    readonly service: string;
    readonly namespace: string;
    /** Files and folders with YAML, whose names may contain the colour; a folder with a `kustomization.yaml` is built by kustomize first. */
    readonly paths: readonly string[];
    /** Program that builds a folder of kustomize; default `kubectl kustomize`. */
    readonly kustomize?: readonly string[];
    /** The two colours, to tell what belongs to one of them. */
    readonly colours: readonly [string, string];
}
/** Applies manifests of a colour through the API server (server-side apply); retiring removes what only it has. */
export declare function manifests(options: ManifestsOptions): Connect<Deployer>;
