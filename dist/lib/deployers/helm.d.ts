import type { Connect, Deployer } from '../ports.ts';
/** How helm deploys one colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface HelmOptions {
    readonly service: string;
    readonly namespace: string;
    /** A folder, an archive, or a chart of a repository, for example `oci://registry.example/charts/shop`. */
    readonly chart: string;
    /** Name of the release; default `{service}-{colour}`. It must contain the colour. */
    readonly release?: string;
    /** Files with values, the later ones stronger. */
    readonly values?: readonly string[];
    /** Values, for example `image.tag: '{version}'`. They are given as texts. */
    readonly set?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
    /** More arguments of `helm upgrade`. */
    readonly args?: readonly string[];
    readonly binary?: string;
}
/** Deploys a colour as a helm release of its own; retiring uninstalls it. */
export declare function helm(options: HelmOptions): Connect<Deployer>;
