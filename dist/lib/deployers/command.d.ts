import type { Connect, Deployer } from '../ports.ts';
/** A program of yours that deploys a colour. `{colour}`, `{version}`, `{service}` and `{namespace}` are filled in. */
export interface CommandDeployerOptions {
    readonly service: string;
    readonly namespace: string;
    /** Program and arguments; it must put the version on the colour it is told, and on no other. */
    readonly deploy: readonly string[];
    /** Program and arguments that take the colour away; without it nothing is taken away. */
    readonly retire?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
}
/** Deploys with a program of the user's; it also finds `COLOUR`, `VERSION`, `SERVICE` and `NAMESPACE` in its environment. */
export declare function commandDeployer(options: CommandDeployerOptions): Connect<Deployer>;
