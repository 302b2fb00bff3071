import type { Member, ReleaseEvent, Release, Track } from './core/events.ts';
import type { Audience, Plan, Support } from './core/plan.ts';
import type { Colour, Shares } from './core/shares.ts';
import type { ReleaseState } from './core/state.ts';
import type { Measurement } from './core/verdict.ts';
/** A right the release needs in the cluster, as a Role would grant it. */
export interface Permission {
    readonly group: string;
    readonly resource: string;
    readonly verb: string;
    readonly namespace: string;
    /** What it is needed for, for the person who grants it. */
    readonly for: string;
}
/** One finding of a preflight check. `refuse`: a release would not start. `warn`: it would, but somebody should know. */
export interface Finding {
    readonly level: 'refuse' | 'warn';
    readonly message: string;
    readonly hint: string;
}
/**
 * Which of our notes on the route object: the saved release, who may write, what another run asked for, and whose
 * release the service takes part in.
 */
export type NoteName = 'state' | 'fence' | 'request' | 'part';
/** The route as it is live. */
export interface LiveRoute {
    /** The object for people, for example `VirtualService happyride/address-service-deployment`. */
    readonly object: string;
    /**
     * Percent of our share by colour; null when its routes disagree with each other or nothing has a weight. While a write
     * of ours is unfinished, the one with the least for the candidate.
     */
    readonly shares: Shares | null;
    readonly notes: Readonly<Record<NoteName, string | null>>;
    /** What a write of ours has not reached yet, for people; empty when all of it is live. */
    readonly unfinished: string;
    /** Whether the weights are those that writing these shares gives; foreign destinations may force rounding. */
    has(shares: Shares): boolean;
    /** Whether exactly this audience reaches the colour beside its weight. */
    serves(audience: Audience, colour: Colour): boolean;
}
/** One atomic change of the route object. */
export interface RouteChange {
    /** The shares to write; null leaves the weights alone. */
    readonly shares: Shares | null;
    /** Who is to reach which colour beside its weight; null leaves that alone. */
    readonly audience: (Audience & {
        readonly colour: Colour;
    }) | null;
    /** Notes to write; null removes one; a note not named stays. */
    readonly notes: Readonly<Partial<Record<NoteName, string | null>>>;
    /** The fence this driver holds: the change is refused with `STATE_CONFLICT` when a higher one is on the object. */
    readonly fence: Fence;
    /** The shares the route may have before the change; null accepts any. Otherwise `ROUTE_DRIFTED`. */
    readonly expected: readonly Shares[] | null;
}
/** The endpoints a route sends a colour's requests to. */
export interface Backend {
    readonly service: string;
    readonly namespace: string;
    /** The Service's port the route names; null for the only one. */
    readonly port: number | null;
    /** Labels that tell this colour's pods from the others of the Service. */
    readonly labels: Readonly<Record<string, string>>;
    /** Why the router would not send requests there, in its own words; empty when it would. */
    readonly problem: string;
    /** The route gives the colour its pods: none at weight 0, and none to wait for before a weight. */
    readonly isScaledByRoute: boolean;
}
/** Where requests go. Answers, never decides: no waiting, no counting, no choosing of a weight. */
export interface TrafficProvider {
    readonly supports: Support;
    /** The live route. @throws ReleaseError ROUTE_NOT_FOUND, CLUSTER_… */
    read(): Promise<LiveRoute>;
    /** Writes once and reads back; what cannot be done at once is told as `unfinished`, and done by the next write. @throws ReleaseError ROUTE_NOT_APPLIED, ROUTE_DRIFTED, STATE_CONFLICT, CLUSTER_… */
    write(change: RouteChange): Promise<LiveRoute>;
    /** Leaves a request for the run that drives, which sees it at its next sample. */
    ask(request: string): Promise<void>;
    /** What serves a colour behind the route. */
    backend(colour: Colour): Promise<Backend>;
    /** Everything that would keep a release from being driven. */
    check(): Promise<readonly Finding[]>;
    /** Follows the object until the signal is aborted, so that `read` needs no request. */
    watch(signal: AbortSignal): void;
    /** The services behind it as they were last read, where it is several as one. */
    members?(): readonly Member[];
    readonly needs: readonly Permission[];
}
/** The order of drivers: a higher number always wins. */
export interface Fence {
    readonly number: number;
    readonly holder: string;
}
/** What a gate is asked about. Times are milliseconds since the epoch. */
export interface GateWindow {
    readonly from: number;
    readonly to: number;
    /** When the weight of this window was written; what came before was served by the weights before. */
    readonly shiftedAt: number;
    readonly release: Release;
    /** The candidate's weight during the window. */
    readonly weight: number;
    /** Who reached the candidate beside it. */
    readonly audience: Audience;
    /** Every weight of the release so far that was above where it began or had an audience, oldest first. */
    readonly course: readonly Shift[];
    readonly plan: Plan;
}
/** A weight and when it was written. */
export interface Shift {
    readonly at: number;
    readonly weight: number;
}
/** A named question about the candidate. */
export interface Gate {
    /** Never throws for the metrics' sake: what could not be asked is the verdict `error`. */
    measure(window: GateWindow, signal: AbortSignal): Promise<Omit<Measurement, 'gate'>>;
    check?(): Promise<readonly Finding[]>;
    /** What the stages of a plan can find at today's traffic, and how long they take: lines for people. */
    forecast?(plan: Plan, stable: Colour, signal: AbortSignal): Promise<readonly string[]>;
}
/** What a deployer is told. */
export interface Deployment {
    readonly track: Track;
    readonly colour: Colour;
    readonly version: string;
}
/** Who puts a version on a track. */
export interface Deployer {
    /** @throws ReleaseError DEPLOY_FAILED with the last lines of what the tool said */
    deploy(deployment: Deployment, signal: AbortSignal): Promise<void>;
    retire(deployment: Deployment, signal: AbortSignal): Promise<void>;
    check?(): Promise<readonly Finding[]>;
}
/** One colour's workload as it is live. */
export interface WorkloadStatus {
    readonly exists: boolean;
    /** The newest version is rolled out, its pods are ready and the router has endpoints for them. */
    readonly ready: boolean;
    readonly readyPods: number;
    readonly wantedPods: number;
    /** What is missing, for people; empty when ready. */
    readonly problem: string;
    /** Changes when what runs changes; empty when nothing runs. */
    readonly fingerprint: string;
    /** The version that runs, as far as its labels or image tell; null when they do not. */
    readonly version: string | null;
}
/** What runs on each colour. */
export interface Workloads {
    /** The rollout in full: Deployment, pods and endpoints. */
    inspect(colour: Colour, backend: Backend): Promise<WorkloadStatus>;
    /** Ready pods of each colour, cheaply. */
    readyPods(backends: Readonly<Record<Colour, Backend>>): Promise<Readonly<Record<Colour, number>>>;
    /** Scales a colour to zero; does nothing when it is there already. Answers whether it did something. */
    scaleDown(colour: Colour): Promise<boolean>;
    readonly needs: readonly Permission[];
    /** What `scaleDown` needs on top. */
    readonly needsToScale?: readonly Permission[];
}
/** Recent events of a release, for people and tools that come later. */
export interface Journal {
    load(): Promise<readonly ReleaseEvent[]>;
    save(release: Release, events: readonly ReleaseEvent[]): Promise<void>;
    readonly needs: readonly Permission[];
}
/** A lock that is held. */
export interface HeldLock {
    readonly fence: number;
    /** Aborted when somebody else took the lock. */
    readonly lost: AbortSignal;
    release(): Promise<void>;
}
/** Who drives now; an empty `holder` means the lock was given back in order. */
export interface LockStatus {
    readonly holder: string;
    readonly since: number;
    readonly renewedAt: number;
    readonly expired: boolean;
}
/** One driver per release. */
export interface Lock {
    /**
     * Takes the lock with a fence of at least `atLeast`. Waits only for a holder whose time seems to have run out.
     * `seize` takes it from whoever has it. @throws ReleaseError LOCK_HELD
     */
    acquire(holder: string, atLeast: number, options: {
        readonly seize: boolean;
        readonly signal: AbortSignal;
    }): Promise<HeldLock>;
    status(): Promise<LockStatus | null>;
    readonly needs: readonly Permission[];
}
/** Is told of every event after it was saved. Its failure is a warning, never the release's. */
export type Listener = (event: ReleaseEvent, state: ReleaseState, release: Release) => void | Promise<void>;
/** Time, so that a test can move it by hand. */
export interface Clock {
    now(): number;
    /** Resolves at the time or as soon as the signal is aborted, whichever is first. */
    sleepUntil(at: number, signal: AbortSignal): Promise<void>;
}
/** One request to the API server; paths are absolute, bodies plain JSON. */
export interface ClusterRequest {
    readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    readonly path: string;
    readonly body?: unknown;
    readonly contentType?: string;
    readonly signal?: AbortSignal;
}
/** A Kubernetes object as the API server sent it: plain JSON, nothing dropped. */
export interface KubeObject {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly resourceVersion?: string;
        readonly creationTimestamp?: string;
        readonly generation?: number;
        readonly uid?: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
        readonly deletionTimestamp?: string;
        readonly managedFields?: readonly {
            readonly manager?: string;
            readonly operation?: string;
        }[];
    };
    readonly [field: string]: unknown;
}
/** The API server, with retries for what may go away by itself and clear errors for what will not. */
export interface Cluster {
    request<Answer>(request: ClusterRequest): Promise<Answer>;
    /** Follows one object until the signal is aborted; `onEnd` when the stream breaks. */
    watch(path: string, onObject: (type: string, object: KubeObject) => void, onEnd: () => void, signal: AbortSignal): void;
    /** The API server for people. */
    readonly server: string;
    /** Wall-clock difference to the API server in milliseconds, from its last answer; null before the first. */
    skewMs(): number | null;
    /** When the token of the kubeconfig runs out (milliseconds); null when it does not say, or is renewed by a program. */
    tokenEndsAt?(): number | null;
    /** Warnings the API server sent, once each. */
    takeWarnings(): readonly string[];
    close(): void;
}
/** How a command ended. */
export interface ShellResult {
    readonly code: number | null;
    readonly timedOut: boolean;
    readonly aborted: boolean;
    /** The last lines of its output, oldest first. */
    readonly lastLines: readonly string[];
}
/** Runs programs, never through a shell. */
export interface Shell {
    run(command: readonly string[], options: {
        readonly cwd: string;
        readonly env: Readonly<Record<string, string>>;
        readonly timeoutMs: number;
        readonly signal: AbortSignal;
        readonly onLine: (line: string) => void;
    }): Promise<ShellResult>;
}
/** The outside behind small interfaces. A test passes its own; a user passes nothing. */
export interface Platform {
    readonly cluster: Cluster;
    readonly fetch: typeof fetch;
    readonly shell: Shell;
    readonly clock: Clock;
    /** A number from 0 up to 1, for jitter. */
    readonly random: () => number;
    /** Aborted after this many milliseconds. */
    readonly timeout: (lengthMs: number) => AbortSignal;
    /** Progress that is no event: a deployer's output, a heartbeat, a warning. */
    readonly say: (line: string) => void;
    /** Text with every known secret replaced. */
    readonly mask: (text: string) => string;
    readonly env: Readonly<Record<string, string | undefined>>;
}
/** Every provider is its options first, then the platform. */
export type Connect<Port> = (platform: Platform) => Port;
