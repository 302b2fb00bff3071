import { type Origin } from './core/events.ts';
import type { Plan } from './core/plan.ts';
import { type Saved } from './core/saved.ts';
import { type Colour } from './core/shares.ts';
import { type Report } from './drive.ts';
import type { Draft } from './ledger.ts';
import type { Connect, Deployer, Gate, Journal, Listener, LiveRoute, Lock, Platform, TrafficProvider, Workloads } from './ports.ts';
/** Everything a release needs to know. Only the first group has no default. */
export interface ReleaseOptions {
    /** The service, which is also the name of the release. */
    readonly service: string;
    readonly namespace: string;
    readonly plan: Plan;
    readonly traffic: Connect<TrafficProvider>;
    /** What to release; only `release` and `plan` need it. */
    readonly version?: string;
    /** Where the version came from: commit, ref, who, which run. */
    readonly origin?: Origin;
    /** The two colours; default blue and green. */
    readonly colours?: readonly [Colour, Colour];
    /** The colour to deploy; `auto` (default) is the idle one. */
    readonly deploymentType?: string;
    readonly gates?: Readonly<Record<string, Connect<Gate>>>;
    readonly deployer?: Connect<Deployer>;
    /** Default: Deployments named `<service>-<colour>`. */
    readonly workloads?: Connect<Workloads>;
    readonly journal?: Connect<Journal>;
    readonly lock?: Connect<Lock>;
    readonly listeners?: readonly Listener[];
    /** The outside; a test passes its own. */
    readonly platform?: Partial<Platform>;
    /** Aborting it is what SIGINT does: traffic goes back (or stays, by `onCancel`), and the promise resolves. */
    readonly signal?: AbortSignal;
    /** This run, unique: who holds the lock. */
    readonly holder?: string;
    /** Who asked, for people. */
    readonly by?: string;
}
/** The parts of a release, connected to the outside. */
export interface Wired {
    readonly platform: Platform;
    readonly traffic: TrafficProvider;
    readonly gates: Readonly<Record<string, Gate>>;
    readonly deployer: Deployer;
    readonly workloads: Workloads;
    readonly journal: Journal;
    readonly lock: Lock;
    readonly colours: readonly [Colour, Colour];
    readonly holder: string;
    readonly by: string;
    readonly cancel: AbortSignal;
}
export declare function wire(options: ReleaseOptions): Promise<Wired>;
/** The saved release; a note of a newer program is refused rather than overwritten. */
export declare function savedOf(live: LiveRoute): Saved | undefined;
export declare function requireSaved(live: LiveRoute, service: string): Saved;
/** A service that is being released with others is not released alone. @throws ReleaseError UNFINISHED_RELEASE */
export declare function refuseMember({ object, notes }: LiveRoute): void;
export declare const nextFence: (live: LiveRoute) => number;
/** Takes the lock, looks again at what is saved (it may have changed while waiting), and drives. */
export declare function driveLocked(wired: Wired, listeners: readonly Listener[], prepare: (live: LiveRoute) => Promise<{
    saved: Saved;
    first: readonly Draft[];
} | Report>, seize?: boolean): Promise<Report>;
