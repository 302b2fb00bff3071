import type { Connect, Deployer } from '../ports.ts';
/** How helmfile deploys one colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface HelmfileOptions {
    readonly service: string;
    readonly namespace: string;
    readonly file: string;
    /** Which releases of the file belong to the colour; default `name={service}-{colour}`. */
    readonly selector?: string;
    /** helmfile's own environment (`-e`). */
    readonly environment?: string;
    /** Variables for the file; `DEPLOYMENT_TYPE` is always the colour. */
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
    /** Do not run `helm repo update` and dependency builds; default true, because the colours change no dependency. */
    readonly skipDeps?: boolean;
    /** More arguments of `helmfile sync`; with `--sync-args` among them helm may create namespaces, as helmfile has it. */
    readonly args?: readonly string[];
    readonly binary?: string;
}
/** Deploys a colour by `helmfile sync` with `DEPLOYMENT_TYPE`, as the blue/green pattern of the charts wants it. */
export declare function helmfile(options: HelmfileOptions): Connect<Deployer>;
