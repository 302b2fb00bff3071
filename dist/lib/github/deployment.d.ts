import type { Listener } from '../ports.ts';
import { type GitHub } from './api.ts';
/** Records the release under Deployments of the repository, unless the job's own `environment:` does it already. */
export declare class Deployments {
    private readonly github;
    private readonly environment;
    private found;
    constructor(github: GitHub, environment: string);
    readonly listener: Listener;
    private set;
    /** The record of this release, made by an earlier run or now; null where there is to be none. */
    private record;
    /** GitHub's own record of a job with `environment:` links to the job's log. */
    private isOfThisRun;
}
