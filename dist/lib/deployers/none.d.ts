import type { Connect, Deployer } from '../ports.ts';
/** Somebody else deploys; the release only routes. The candidate must be ready when the release starts. */
export declare function none(): Connect<Deployer>;
