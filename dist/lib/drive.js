import { decide } from "./core/decide.js";
import { toShares } from "./core/shares.js";
import { evolve, isFinished } from "./core/state.js";
import { worst } from "./core/verdict.js";
import { ReleaseError, toReleaseError } from "./errors.js";
import { decodeRequest, decodeSaved, encodeSaved, overtakenBy } from "./core/saved.js";
/** How the run ends when there is nothing left to do. */
function endOf(state) {
    if (state.phase === 'promoted' || state.phase === 'reverted' || state.phase === 'stuck')
        return state.phase;
    if (state.phase === 'paused')
        return 'paused';
    throw new ReleaseError('INTERNAL', `stopped in phase ${state.phase}`);
}
/** Whoever finds a higher fence than its own has been replaced, whatever its lock says. */
function refuseIfOvertaken(live, fence) {
    const theirs = overtakenBy(live.notes.fence, fence);
    if (theirs === undefined)
        return;
    throw new ReleaseError('STATE_CONFLICT', `${live.object} is driven by ${theirs} now`, {
        hint: 'this run no longer drives; look at that one',
    });
}
const NEVER_AGAIN = new Set([
    'CLUSTER_FORBIDDEN',
    'CLUSTER_REJECTED',
    'ROUTE_NOT_FOUND',
    'DEPLOY_FAILED',
    'UNSUPPORTED_PLAN',
]);
/**
 * Drives a release until it ends, pauses or is interrupted: decide → perform → evolve → save → tell.
 *
 * Events gather until a write saves them together with the weights they belong to, in one patch; listeners hear of
 * them after that, never before.
 * @throws ReleaseError STATE_CONFLICT when another driver took over and did not bring traffic back
 */
export async function drive(saved, first, journal, course) {
    const { clock, traffic } = course;
    const { release } = saved;
    let state = saved.state;
    let told = [...journal];
    let unsaved = [];
    let cancelled = false;
    let seenRequest = null;
    const happen = (draft) => {
        // The cast only puts back the field that Draft took away.
        const event = { ...draft, at: clock.now() };
        state = evolve(state, event);
        unsaved.push(event);
    };
    /** Tells the listeners; none of them can change or stop the release. */
    const tell = async (events) => {
        for (const event of events) {
            for (const listener of course.listeners) {
                try {
                    await listener(event, state, release);
                }
                catch (thrown) {
                    course.say(`a listener failed and was ignored: ${toReleaseError(thrown).message}`);
                }
            }
        }
    };
    const tellSaved = async () => {
        const fresh = unsaved;
        unsaved = [];
        told = [...told, ...fresh];
        try {
            await course.journal.save(release, told);
        }
        catch (thrown) {
            course.say(`the journal could not be written: ${toReleaseError(thrown).message}`);
        }
        await tell(fresh);
    };
    const write = async (shares, expected) => {
        const request = seenRequest;
        const live = await traffic.write({
            shares,
            expected,
            fence: course.fence,
            notes: {
                state: encodeSaved({ ...saved, holder: course.fence.holder, state }),
                ...(request === null ? {} : { request: null }),
            },
        });
        seenRequest = null;
        return live;
    };
    const save = async () => {
        if (unsaved.length === 0)
            return;
        await write(null, null);
        await tellSaved();
    };
    /** Saves if it can; an API server that is away for a while must not end the release. */
    const trySave = async () => {
        try {
            await save();
            return true;
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code === 'STATE_CONFLICT')
                throw error;
            course.say(`the release could not be saved, trying again: ${error.message}`);
            return false;
        }
    };
    /** The person or the runner wants an end, and the loop has not heeded it yet. */
    const isCancelled = () => course.cancel.aborted && !cancelled;
    /** After a cancel was heeded, what brings traffic back must not be cut short by the same signal. */
    const cut = () => (cancelled ? AbortSignal.any([]) : course.cancel);
    const expectedShares = () => toShares(release.stable, release.candidate, state.weight);
    /** The live route, or the reason why it could not be read. */
    const look = async () => {
        const live = await traffic.read();
        refuseIfOvertaken(live, course.fence);
        if (live.notes.request !== null && live.notes.request !== seenRequest) {
            seenRequest = live.notes.request;
            const request = decodeRequest(live.notes.request);
            if (request?.release === release.id) {
                if (request.command === 'pause')
                    happen({ type: 'pause-requested', by: request.by });
                else
                    happen({ type: 'promotion-requested', by: request.by, to: request.to });
            }
        }
        return live;
    };
    const analyse = async (decision) => {
        const before = state;
        let live;
        try {
            live = await look();
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code === 'STATE_CONFLICT')
                throw error;
            const unread = {
                gate: 'route',
                verdict: 'error',
                reason: error.message,
                value: null,
                limit: null,
                baseline: null,
                query: '',
            };
            happen({ type: 'analysis-completed', stage: decision.stage.name, verdict: 'error', measurements: [unread] });
            return;
        }
        if (state !== before)
            return;
        if (!live.has(expectedShares())) {
            happen({ type: 'drift-found', expected: expectedShares(), found: live.shares });
            if (!isFinished(state))
                await write(expectedShares(), null);
            return;
        }
        const to = clock.now();
        const measured = await Promise.all(decision.stage.gates.map(async (name) => {
            const gate = course.gates[name];
            if (gate === undefined)
                throw new ReleaseError('UNSUPPORTED_PLAN', `there is no gate "${name}"`);
            const { from, shiftedAt } = decision;
            const asked = { from, to, shiftedAt, release, weight: state.weight };
            return { gate: name, ...(await gate.measure(asked, cut())) };
        }));
        if (isCancelled())
            return;
        happen({
            type: 'analysis-completed',
            stage: decision.stage.name,
            verdict: worst(measured.map((one) => one.verdict)),
            measurements: measured,
        });
    };
    const inspect = async (weight) => {
        if (state.phase === 'readying') {
            const backend = await traffic.backend(release.candidate);
            const status = await course.workloads.inspect(release.candidate, backend);
            const summary = status.ready ? `${status.readyPods}/${status.wantedPods} pods ready` : status.problem;
            happen({ type: 'candidate-inspected', ready: status.ready, summary });
            return;
        }
        const pods = await course.workloads.readyPods({
            [release.stable]: await traffic.backend(release.stable),
            [release.candidate]: await traffic.backend(release.candidate),
        });
        const have = pods[release.candidate] ?? 0;
        const wanted = Math.max(1, Math.ceil(((pods[release.stable] ?? 0) * weight) / 100));
        const enough = have >= wanted || (have > 0 && state.plan.policies.capacity === 'warn');
        if (have < wanted && enough) {
            course.say(`${release.candidate} has ${have} ready pods, ${weight} % of the traffic needs ${wanted}`);
        }
        happen({ type: 'candidate-inspected', ready: enough, summary: `${have} ready pods, ${wanted} needed` });
    };
    const shift = async (decision) => {
        const since = clock.now();
        const target = toShares(release.stable, release.candidate, decision.weight);
        // Going back is unconditional: whoever wrote what, stable must serve.
        const expected = state.phase === 'reverting' ? null : [expectedShares(), target];
        const before = { state, unsaved: [...unsaved] };
        happen({ type: 'traffic-shifted', weight: decision.weight, tookMs: 0 });
        try {
            await write(target, expected);
        }
        catch (thrown) {
            ;
            ({ state } = before);
            unsaved = before.unsaved;
            const error = toReleaseError(thrown);
            if (error.code !== 'ROUTE_DRIFTED')
                throw error;
            const live = await traffic.read();
            happen({ type: 'drift-found', expected: expectedShares(), found: live.shares });
            if (!isFinished(state))
                await write(expectedShares(), null);
            return;
        }
        unsaved = unsaved.map((event) => event.type === 'traffic-shifted' ? { ...event, tookMs: clock.now() - since } : event);
    };
    const perform = async (decision) => {
        switch (decision.do) {
            case 'deploy': {
                const since = clock.now();
                const stable = decision.track === 'stable';
                const colour = stable ? release.stable : release.candidate;
                await course.deployer.deploy({ track: decision.track, colour, version: release.version }, cut());
                if (isCancelled())
                    return;
                happen(stable ? { type: 'stable-replaced' } : { type: 'candidate-deployed', tookMs: clock.now() - since });
                return;
            }
            case 'inspect':
                return inspect(decision.weight);
            case 'shift':
                return shift(decision);
            case 'analyse':
                return analyse(decision);
            case 'pass':
                happen({ type: 'stage-passed', stage: decision.stage.name, reason: decision.reason });
                return;
            case 'pause':
                happen({ type: 'release-paused', reason: decision.reason });
                return;
            case 'revert':
                happen({ type: 'revert-started', reason: decision.reason });
                return;
            case 'retire': {
                const colour = decision.track === 'stable' ? release.stable : release.candidate;
                await course.deployer.retire({ track: decision.track, colour, version: release.version }, cut());
                happen({ type: 'track-retired', track: decision.track });
                return;
            }
            case 'finish':
                happen({ type: 'release-finished', outcome: decision.outcome, reason: decision.reason });
                return;
            default:
                return decision;
        }
    };
    /** What a cancelled run does: turn back at once, or leave everything as it is for the next one. */
    const heed = () => {
        if (!isCancelled())
            return 'go-on';
        cancelled = true;
        const movesNothing = isFinished(state) || state.phase === 'reverting' || state.phase === 'promoting';
        if (movesNothing)
            return 'go-on';
        if (state.plan.policies.onCancel === 'hold')
            return 'interrupted';
        happen({ type: 'abort-requested', by: course.fence.holder, reason: 'the run was cancelled' });
        return 'go-on';
    };
    const report = (outcome, reason) => ({
        outcome,
        reason,
        release,
        state,
        journal: told,
    });
    /** Another driver raised the fence: when it brought traffic back, this run ends as reverted with it. */
    const yieldTo = async (lost) => {
        const live = await traffic.read();
        const theirs = decodeSaved(live.notes.state);
        if (theirs?.release.id === release.id &&
            (theirs.state.phase === 'reverting' || theirs.state.phase === 'reverted')) {
            state = theirs.state;
            const event = {
                type: 'release-finished',
                at: clock.now(),
                outcome: 'reverted',
                reason: theirs.state.reason,
            };
            told = [...told, event];
            await tell([event]);
            return report('reverted', theirs.state.reason);
        }
        throw lost;
    };
    try {
        for (const draft of first)
            happen(draft);
        // A way back waits for nothing: its first write carries the weights too.
        if (state.phase !== 'reverting')
            await save();
        let unsavedTries = 0;
        for (;;) {
            if (heed() === 'interrupted') {
                await trySave();
                return report('interrupted', 'the run was cancelled; the next release of the same version goes on');
            }
            if (course.lock.lost.aborted)
                throw new ReleaseError('STATE_CONFLICT', 'another run took over the lock');
            const decision = decide(state, clock.now());
            if (decision.do === 'stop' || decision.do === 'wait') {
                const isSaved = await trySave();
                if (decision.do === 'stop' && isSaved)
                    return report(endOf(state), 'reason' in state ? state.reason : '');
                unsavedTries = isSaved ? 0 : unsavedTries + 1;
                if (unsavedTries > state.plan.limits.reverts) {
                    throw new ReleaseError('CLUSTER_UNREACHABLE', `the end of the release could not be saved (${state.phase})`, {
                        hint: 'run the same command again when the API server answers',
                    });
                }
                const until = decision.do === 'wait' ? decision.until : clock.now() + 2000;
                await clock.sleepUntil(until, AbortSignal.any([cut(), course.lock.lost]));
                continue;
            }
            try {
                await perform(decision);
                // Transitions ride with the next write; observations are told as they come.
                const last = unsaved.at(-1)?.type;
                const rides = last === 'stage-passed' || last === 'revert-started' || last === 'candidate-inspected';
                if (last === 'analysis-completed') {
                    const fresh = unsaved;
                    unsaved = [];
                    told = [...told, ...fresh];
                    await tell(fresh);
                }
                else if (last === 'traffic-shifted')
                    await tellSaved();
                else if (!rides)
                    await save();
            }
            catch (thrown) {
                const error = toReleaseError(thrown);
                if (error.code === 'STATE_CONFLICT')
                    throw error;
                if (isCancelled())
                    continue;
                happen({
                    type: 'step-failed',
                    step: decision.do,
                    code: error.code,
                    message: error.message,
                    final: NEVER_AGAIN.has(error.code) || error.code === 'INTERNAL',
                });
            }
        }
    }
    catch (thrown) {
        const error = toReleaseError(thrown);
        if (error.code === 'STATE_CONFLICT')
            return yieldTo(error);
        throw error;
    }
}
