import { encodeSaved } from "./core/saved.js";
import { evolve } from "./core/state.js";
import { toReleaseError } from "./errors.js";
/** Listeners that have not finished by then are left behind when the run ends. */
const LAST_WORDS_MS = 10_000;
/** Fields that carry what a cluster, a program or a person said; names and verdicts are never touched. */
const FREE_TEXTS = new Set(['reason', 'message', 'summary', 'query']);
/** Masked once, where everything begins that is kept or shown. */
function withoutSecrets(event, mask) {
    const text = JSON.stringify(event, (key, value) => typeof value === 'string' && FREE_TEXTS.has(key) ? mask(value) : value);
    return JSON.parse(text);
}
/**
 * What happened: evolves the state, saves it together with the weights it belongs to, and tells the listeners after
 * that, never before. Listeners run beside the loop, in order, so that a slow one delays nothing.
 */
export class Ledger {
    state;
    /** A note another run left for us; taken away by the next write. */
    request = null;
    /** Why the last try to save failed; null when it did not. */
    problem = null;
    told;
    unsaved = [];
    /** What each listener is still being told; one that is slow keeps no other waiting. */
    telling;
    saved;
    ports;
    constructor(saved, journal, ports) {
        this.saved = saved;
        this.state = saved.state;
        this.told = [...journal];
        this.ports = ports;
        this.telling = ports.listeners.map(() => Promise.resolve());
    }
    get release() {
        return this.saved.release;
    }
    get journal() {
        return this.told;
    }
    /** The newest event that is not saved yet. */
    get latest() {
        return this.unsaved.at(-1);
    }
    happen(draft) {
        // The cast only puts back the field that Draft took away.
        const event = withoutSecrets({ ...draft, at: this.ports.clock.now() }, this.ports.mask);
        this.state = evolve(this.state, event);
        this.unsaved.push(event);
    }
    /** Tells without saving: for observations, which another run makes anew. */
    observe() {
        const fresh = this.unsaved;
        this.unsaved = [];
        this.tell(fresh);
    }
    /** Tells of events that are saved elsewhere. */
    tell(events) {
        this.told = [...this.told, ...events];
        const { state, release } = this;
        const { listeners, say } = this.ports;
        listeners.forEach((listener, index) => {
            this.telling[index] = (this.telling[index] ?? Promise.resolve()).then(async () => {
                for (const event of events) {
                    try {
                        await listener(event, state, release);
                    }
                    catch (thrown) {
                        say(`a listener failed and was ignored: ${toReleaseError(thrown).message}`);
                    }
                }
            });
        });
    }
    /** Writes shares and state in one change; nobody is told yet. */
    async write(shares, expected) {
        const { request, saved, state } = this;
        const { fence } = this.ports;
        const note = encodeSaved({ ...saved, holder: fence.holder, state });
        const notes = { state: note, ...(request === null ? {} : { request: null }) };
        const audience = shares === null ? null : { ...state.audience, colour: saved.release.candidate };
        const live = await this.ports.traffic.write({ shares, audience, expected, fence, notes });
        this.request = null;
        return live;
    }
    /** Writes shares as the consequence of an event; when that fails, the event did not happen. */
    async writeWith(draft, shares, expected) {
        const before = { state: this.state, unsaved: [...this.unsaved] };
        this.happen(draft);
        try {
            const begun = this.ports.clock.now();
            await this.write(shares, expected);
            const tookMs = this.ports.clock.now() - begun;
            this.unsaved = this.unsaved.map((one) => (one.type === 'traffic-shifted' ? { ...one, tookMs } : one));
        }
        catch (thrown) {
            this.state = before.state;
            this.unsaved = before.unsaved;
            throw thrown;
        }
    }
    /** After a write: the journal, then the listeners. */
    async announce() {
        if (this.unsaved.length === 0)
            return;
        const fresh = this.unsaved;
        this.unsaved = [];
        this.tell(fresh);
        try {
            await this.ports.journal.save(this.release, this.told);
        }
        catch (thrown) {
            this.ports.say(`the journal could not be written: ${toReleaseError(thrown).message}`);
        }
    }
    async save() {
        if (this.unsaved.length === 0)
            return;
        await this.write(null, null);
        await this.announce();
    }
    /** Saves if it can; an API server that is away for a while must not end the release. */
    async trySave() {
        try {
            await this.save();
            this.problem = null;
            return true;
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code === 'STATE_CONFLICT')
                throw error;
            this.problem = error;
            this.ports.say(`the release could not be saved, trying again: ${error.message}`);
            return false;
        }
    }
    /** Waits for the listeners, but not for ever. */
    async close() {
        const done = new AbortController();
        const { clock } = this.ports;
        const all = Promise.all(this.telling).finally(() => {
            done.abort();
        });
        await Promise.race([all, clock.sleepUntil(clock.now() + LAST_WORDS_MS, done.signal)]);
    }
}
