import type { Colour } from '../core/shares.ts';
import type { Connect, Deployer } from '../ports.ts';
import type { WrittenConfig } from './read.ts';
/** @param wrong is told what is missing */
export declare function deployerOf({ service, namespace, deploy }: WrittenConfig, colours: readonly [Colour, Colour], wrong: (path: string, message: string) => void): Connect<Deployer>;
