import { abort, rollback, status } from "../control.js";
import { toDuration } from "../core/duration.js";
import { isFinished } from "../core/state.js";
import { ReleaseError, toReleaseError } from "../errors.js";
import { release } from "../release.js";
import { isOver, WavesStore } from "./wave-state.js";
/** Runs at most so many at once; after a failure nothing more is begun. */
async function pool(items, most, run) {
    const waiting = [...items];
    let isStopped = false;
    const worker = async () => {
        for (let item = waiting.shift(); item !== undefined && !isStopped; item = waiting.shift()) {
            if ((await run(item)) === 'stop')
                isStopped = true;
        }
    };
    const ended = await Promise.allSettled(Array.from({ length: Math.max(1, most) }, worker));
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined)
        throw failed.reason;
}
class Waves {
    options;
    store;
    reports = new Map();
    constructor(options) {
        this.options = options;
        this.store = new WavesStore(options.platform, options.namespace, options.service);
        const names = options.waves.flatMap(({ groups }) => groups.map(({ name }) => name));
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        if (twice !== undefined)
            throw new ReleaseError('INVALID_CONFIG', `waves: the group ${twice} is there twice`);
        if (names.length === 0)
            throw new ReleaseError('INVALID_CONFIG', 'waves: there are no groups');
    }
    now() {
        return this.options.platform.clock.now();
    }
    async enter(state, phase, more = {}) {
        const next = { ...state, phase, since: this.now(), ...more };
        await this.store.save(next);
        this.options.platform.say(`waves of ${this.options.service}: ${phase}, wave ${next.wave + 1} of ${this.options.waves.length}${next.reason === '' ? '' : `; ${next.reason}`}`);
        return next;
    }
    get allGroups() {
        return this.options.waves.flatMap(({ groups }) => groups);
    }
    async begin() {
        const { version } = this.options;
        const found = await Promise.all(this.allGroups.map(async ({ name, options }) => {
            const { release: one, state } = await status(options);
            return state?.phase === 'promoted' && one?.version === version ? [name] : [];
        }));
        const start = { schema: 1, version, wave: 0, since: this.now(), reason: '', untouched: found.flat() };
        return this.enter({ ...start, phase: 'rising' }, 'rising');
    }
    /** Releases the groups of the wave; those that are through already answer at once. */
    async rise(state) {
        const { signal, sideBySide = 1, version, waves } = this.options;
        const { groups = [] } = waves[state.wave] ?? {};
        const failures = [];
        const stop = new AbortController();
        const cancel = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
        await pool(groups, sideBySide, async ({ name, options }) => {
            if (cancel.aborted)
                return 'stop';
            const report = await release({ ...options, version, signal: cancel });
            this.reports.set(name, report);
            if (report.outcome === 'promoted')
                return 'go-on';
            if (report.outcome === 'paused') {
                failures.push('');
                return 'stop';
            }
            failures.push(`${name}: ${report.reason}`);
            // What runs beside it goes back with it, and does not go on towards what nobody wants any more.
            stop.abort();
            return 'stop';
        });
        if (signal?.aborted === true)
            return state;
        const [why] = failures.filter((one) => one !== '');
        if (why !== undefined)
            return this.enter(state, 'going-back', { reason: why });
        if (failures.length > 0)
            return state;
        const isLast = state.wave + 1 >= waves.length;
        return isLast ? this.enter(state, 'promoted', { reason: 'every wave passed' }) : this.enter(state, 'resting');
    }
    async rest(state) {
        const { platform, signal = new AbortController().signal, waves } = this.options;
        const end = state.since + (waves[state.wave]?.pauseMs ?? 0);
        if (this.now() < end) {
            platform.say(`the next wave begins in ${toDuration(end - this.now())}`);
            await platform.clock.sleepUntil(end, signal);
            if (signal.aborted)
                return state;
        }
        return this.enter(state, 'rising', { wave: state.wave + 1 });
    }
    /** Brings one group back from wherever it is; answers why it cannot, '' for done. */
    async bringBack({ name, options }, isKept) {
        const { release: one, state } = await status(options);
        if (one === null || state === null)
            return '';
        const isRollback = state.plan.strategy === 'rollback';
        try {
            if (!isFinished(state)) {
                const ended = isRollback ? await release({ ...options, version: one.version }) : await abort(options);
                if (!isRollback)
                    this.reports.set(name, ended);
                return ended.outcome === 'stuck' ? `${name}: ${ended.reason}` : '';
            }
            if (isRollback || isKept || state.phase !== 'promoted' || one.version !== this.options.version)
                return '';
            const back = await rollback(options);
            this.reports.set(name, { outcome: back.outcome === 'promoted' ? 'reverted' : back.outcome, reason: back.reason });
            return back.outcome === 'promoted' ? '' : `${name}: ${back.reason}`;
        }
        catch (thrown) {
            const { code, message } = toReleaseError(thrown);
            if (code !== 'COMMAND_REFUSED')
                throw thrown;
            return `${name} cannot be brought back: ${message}`;
        }
    }
    async goBack(state) {
        const { onFailure = 'revert-all', waves } = this.options;
        const problems = [];
        for (let index = state.wave; index >= 0; index -= 1) {
            const isKept = index < state.wave && onFailure === 'keep-before';
            for (const group of [...(waves[index]?.groups ?? [])].reverse()) {
                if (state.untouched.includes(group.name))
                    continue;
                const problem = await this.bringBack(group, isKept);
                if (problem !== '')
                    problems.push(problem);
            }
        }
        return problems.length === 0
            ? this.enter(state, 'reverted')
            : this.enter(state, 'stuck', { reason: `${state.reason}; ${problems.join('; ')}` });
    }
    report(outcome, state) {
        const groups = this.options.waves.flatMap((wave, index) => wave.groups.map(({ name }) => {
            const known = this.reports.get(name) ?? { outcome: 'untouched', reason: '' };
            return { name, wave: index, outcome: known.outcome, reason: known.reason };
        }));
        return { outcome, reason: state.reason, groups };
    }
    async load() {
        const saved = await this.store.load();
        if (saved === null || isOver(saved))
            return this.begin();
        if (saved.version === this.options.version)
            return saved;
        throw new ReleaseError('UNFINISHED_RELEASE', `${this.options.service} has an unfinished release of ${saved.version} in waves (${saved.phase}, wave ${saved.wave + 1})`, { hint: `go on with it (version ${saved.version}), or bring it back with abort` });
    }
    async run(isWayBack) {
        const { signal } = this.options;
        let state = isWayBack ? await this.turn() : await this.load();
        for (;;) {
            const before = state;
            if (isOver(state))
                return this.report(state.phase, state);
            if (signal?.aborted === true && state.phase !== 'going-back')
                return this.report('interrupted', state);
            if (state.phase === 'rising')
                state = await this.rise(state);
            else if (state.phase === 'resting')
                state = await this.rest(state);
            else
                state = await this.goBack(state);
            if (state === before)
                return this.report(signal?.aborted === true ? 'interrupted' : 'paused', state);
        }
    }
    /** A person wants all of it back. */
    async turn() {
        const saved = await this.store.load();
        if (saved === null || (isOver(saved) && saved.phase !== 'promoted')) {
            throw new ReleaseError('NO_RELEASE', `there is no release of ${this.options.service} in waves to bring back`);
        }
        if (saved.phase === 'going-back')
            return saved;
        return this.enter(saved, 'going-back', { reason: `aborted by ${this.options.holder}` });
    }
}
async function locked(options, isWayBack) {
    const waves = new Waves(options);
    const signal = options.signal ?? new AbortController().signal;
    const held = await options.lock.acquire(options.holder, 0, { seize: false, signal });
    try {
        return await waves.run(isWayBack);
    }
    finally {
        await held.release();
    }
}
/**
 * Releases a version in one wave of groups after the other, or goes on with an unfinished one. A group that fails goes
 * back by itself; those of its wave, and by policy those before, follow.
 * @throws ReleaseError when it could not be driven; a revert is an outcome and is returned
 */
export function releaseWaves(options) {
    return locked(options, false);
}
/** Brings every group back that this release, or the last one, has moved. @throws ReleaseError NO_RELEASE for none */
export function abortWaves(options) {
    return locked({ ...options, onFailure: 'revert-all' }, true);
}
