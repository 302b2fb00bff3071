/**
 * A condition under which a request takes the candidate whatever the weight: a header or a cookie of this value, or
 * the router's own words (`custom`, the value is its JSON).
 */
export interface Match {
    readonly by: 'header' | 'cookie' | 'custom';
    /** Of the header or the cookie; empty for `custom`. */
    readonly name: string;
    readonly value: string;
}
/** Who reaches the candidate beside its weight. */
export interface Audience {
    /** Requests of any of these are the candidate's. */
    readonly match: readonly Match[];
    /** Percent of stable's requests that the candidate gets a copy of; its answers go nowhere. */
    readonly mirror: number;
}
/** Nobody reaches the candidate but by its weight. */
export declare const NOBODY: Audience;
/** How requests are shared: `weight` is the candidate's percent, 0 to 100. */
export interface Route extends Audience {
    readonly weight: number;
}
/** Whether anybody reaches the candidate beside its weight. */
export declare const hasAudience: ({ match, mirror }: Audience) => boolean;
/** An audience for people, to be put behind the shares; empty for nobody. */
export declare function describeAudience({ match, mirror }: Audience, candidate: string): string;
/** A route held for a bake time under gates. */
export interface Stage {
    readonly name: string;
    readonly route: Route;
    /** The stage is held at least this long. */
    readonly minMs: number;
    /** Without a decision after this long the stage is inconclusive. */
    readonly maxMs: number;
    readonly gates: readonly string[];
    /** After the stage has passed, the release waits for a person. */
    readonly approval: boolean;
}
/** What to do where the user may choose. */
export interface Policies {
    readonly onInconclusive: 'revert' | 'pause' | 'continue';
    readonly onCancel: 'revert' | 'hold';
    readonly onLost: 'revert' | 'hold';
    readonly onDrift: 'stop' | 'reassert';
    readonly capacity: 'require' | 'warn';
    /** A pause that nobody ends within this time is reverted by `sweep`. */
    readonly maxPauseMs: number;
    /** The old colour stays this long after a promotion; null: until the next release takes its place. */
    readonly keepOldMs: number | null;
}
/** How many failures of a kind a release tolerates. */
export interface Limits {
    /** Failing analyses of a stage that are tolerated before it reverts. */
    readonly fails: number;
    /** Steps forward that may fail in a row (API server away) before the release turns back. */
    readonly steps: number;
    /** Tries to bring traffic back before the release is declared stuck. */
    readonly reverts: number;
}
/** The whole course of a release. */
export interface Plan {
    readonly strategy: string;
    readonly stages: readonly Stage[];
    /** `swap`: the candidate becomes stable. `replace`: stable receives the candidate's version, traffic goes back to it. */
    readonly ending: 'swap' | 'replace';
    /** What happens to the track that no longer serves. */
    readonly retire: 'keep' | 'remove';
    /** The weight to return to: 0, or 100 for the first release of all, which has no other colour to serve. */
    readonly base: number;
    /** Time between analyses within a bake. */
    readonly intervalMs: number;
    /** After a weight is written the data plane needs this long; gates look only at what came later. */
    readonly settleMs: number;
    /** The candidate's pods must be ready within this time. */
    readonly readyMs: number;
    readonly limits: Limits;
    readonly policies: Policies;
}
/** What a traffic provider can do, so that a plan it cannot honour is refused before anything moves. */
export interface Support {
    /** The smallest step of weight in percent; 1 where weights are whole percents. */
    readonly precision: number;
    /** What it can tell requests by. */
    readonly match: readonly Match['by'][];
    readonly mirror: boolean;
}
/** Every reason why this plan cannot be driven; empty when it can. */
export declare function checkPlan(plan: Plan, supports: Support, knownGates: readonly string[]): string[];
