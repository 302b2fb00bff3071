import type { Decision } from './core/decide.ts';
import { type Shares } from './core/shares.ts';
import type { Ledger } from './ledger.ts';
import type { Clock, Deployer, Fence, Gate, HeldLock, Journal, Listener, TrafficProvider, Workloads } from './ports.ts';
/** Everything one drive needs; made by the facade in `release.ts`. */
export interface Course {
    readonly traffic: TrafficProvider;
    readonly gates: Readonly<Record<string, Gate>>;
    readonly deployer: Deployer;
    readonly workloads: Workloads;
    readonly journal: Journal;
    readonly listeners: readonly Listener[];
    readonly clock: Clock;
    readonly say: (line: string) => void;
    readonly mask: (text: string) => string;
    readonly lock: HeldLock;
    readonly fence: Fence;
    /** Aborted when the person or the runner wants an end. */
    readonly cancel: AbortSignal;
}
/** What the loop needs of a person's or a runner's wish to end. */
export interface Cancel {
    /** Somebody wants an end, and the loop has not heeded it yet. */
    isWanted(): boolean;
    /** Aborted by such a wish; not any more once it was heeded, for what brings traffic back must not be cut short. */
    signal(): AbortSignal;
}
/** Carries decisions out: the only place where a release touches the world. */
export declare class Steps {
    private readonly ledger;
    private readonly course;
    private readonly cancel;
    constructor(ledger: Ledger, course: Course, cancel: Cancel);
    private get release();
    expectedShares(): Shares;
    private sharesAt;
    /** The live route, with what another run asked for on it. */
    private look;
    /** Whether the route is not as we wrote it last, which no write of ours explains. */
    private isDrifted;
    /** A way back that died between its writes left less than is saved, and must not be undone. */
    private isGoingBack;
    /** Somebody else moved the weights: told, and by policy put right or left to a person. */
    private drifted;
    private readyPods;
    /** Goes on with a write that could not be done at once; answers what is still missing. */
    private goOn;
    private analyse;
    private inspect;
    /** Waits for what has no event of its own; answers what is still missing when its time is over, or an end is wanted. */
    private until;
    /** Writes until all of the split is live; answers what is missing. Pods that come and go take their time. */
    private settle;
    private shift;
    private deploy;
    /** A deployer that knows nothing of a workload takes nothing away, and says nothing of it. */
    private noteLeftover;
    perform(decision: Exclude<Decision, {
        do: 'wait' | 'stop';
    }>): Promise<void>;
}
