import type { Colour } from '../core/shares.ts';
import type { Connect, Gate } from '../ports.ts';
import { type PrometheusOptions } from './prometheus-api.ts';
/** What two versions are compared by: a success rate that the user names, as in a test of two designs. */
export interface GoalOptions extends PrometheusOptions {
    /** Successes in the time, for example orders; `{workload}`, `{version}`, `{colour}` and `{window}` are filled in. */
    readonly successes: string;
    /** Trials in the same time, for example visits. */
    readonly trials: string;
    /** Whether more or fewer successes are better; default more. */
    readonly better?: 'more' | 'fewer';
    /** Chance that one of two equal versions is taken for the better one, however often it is looked at; default 5 %. */
    readonly falseChoice?: number;
    /** After this many trials of the candidate without a difference stable is kept; default: the stage's `max` ends it. */
    readonly samples?: number;
    /** Deployment of each colour, for `{workload}`. */
    readonly workloads: Readonly<Record<Colour, string>>;
    readonly namespace: string;
}
/**
 * Chooses between two versions: passes when the candidate is better, fails when it is worse, and is undecided in
 * between. May be looked at any number of times.
 */
export declare function goal(options: GoalOptions): Connect<Gate>;
