import type { Release, ReleaseEvent } from './core/events.ts';
import { type Saved } from './core/saved.ts';
import type { Shares } from './core/shares.ts';
import { type ReleaseState } from './core/state.ts';
import { type ReleaseError } from './errors.ts';
import type { Clock, Fence, Journal, Listener, LiveRoute, TrafficProvider } from './ports.ts';
/** An event as the loop makes it; the time is put in when it happens. */
export type Draft<Event = ReleaseEvent> = Event extends ReleaseEvent ? Omit<Event, 'at'> : never;
/** Where a ledger writes, and whom it tells. */
export interface LedgerPorts {
    readonly traffic: TrafficProvider;
    readonly journal: Journal;
    readonly listeners: readonly Listener[];
    readonly clock: Clock;
    readonly say: (line: string) => void;
    readonly mask: (text: string) => string;
    readonly fence: Fence;
}
/**
 * What happened: evolves the state, saves it together with the weights it belongs to, and tells the listeners after
 * that, never before. Listeners run beside the loop, in order, so that a slow one delays nothing.
 */
export declare class Ledger {
    state: ReleaseState;
    /** A note another run left for us; taken away by the next write. */
    request: string | null;
    /** Why the last try to save failed; null when it did not. */
    problem: ReleaseError | null;
    private told;
    private unsaved;
    /** What each listener is still being told; one that is slow keeps no other waiting. */
    private readonly telling;
    private readonly saved;
    private readonly ports;
    constructor(saved: Saved, journal: readonly ReleaseEvent[], ports: LedgerPorts);
    get release(): Release;
    get journal(): readonly ReleaseEvent[];
    /** The newest event that is not saved yet. */
    get latest(): ReleaseEvent | undefined;
    happen(draft: Draft): void;
    /** Tells without saving: for observations, which another run makes anew. */
    observe(): void;
    /** Tells of events that are saved elsewhere. */
    tell(events: readonly ReleaseEvent[]): void;
    /** Writes shares and state in one change; nobody is told yet. */
    write(shares: Shares | null, expected: readonly Shares[] | null): Promise<LiveRoute>;
    /** Writes shares as the consequence of an event; when that fails, the event did not happen. */
    writeWith(draft: Draft, shares: Shares, expected: readonly Shares[] | null): Promise<void>;
    /** After a write: the journal, then the listeners. */
    announce(): Promise<void>;
    save(): Promise<void>;
    /** Saves if it can; an API server that is away for a while must not end the release. */
    trySave(): Promise<boolean>;
    /** Waits for the listeners, but not for ever. */
    close(): Promise<void>;
}
