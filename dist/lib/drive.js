import { isDeepStrictEqual } from 'node:util';
import { decide } from "./core/decide.js";
import { beginsAnew } from "./core/events.js";
import { describeShares, toShares } from "./core/shares.js";
import { isFinished, replay } from "./core/state.js";
import { worst } from "./core/verdict.js";
import { overtaken, ReleaseError, toReleaseError } from "./errors.js";
import { decodeRequest, decodeSaved, overtakenBy } from "./core/saved.js";
import { Ledger } from "./ledger.js";
/** How the run ends when there is nothing left to do. */
function endOf(state) {
    if (state.phase === 'promoted' || state.phase === 'reverted' || state.phase === 'stuck')
        return state.phase;
    if (state.phase === 'paused')
        return 'paused';
    throw new ReleaseError('INTERNAL', `stopped in phase ${state.phase}`);
}
/** Why the release is where it is; empty in phases without a reason. */
function reasonOf(state) {
    return 'reason' in state ? state.reason : '';
}
/** Whoever finds a higher fence than its own has been replaced, whatever its lock says. */
function refuseIfOvertaken(live, fence) {
    const by = overtakenBy(live.notes.fence, fence);
    if (by !== undefined)
        throw overtaken(live.object, by);
}
/** The way up as the journal tells it; the last step is known for sure, a run may have died before it was written down. */
function courseOf(journal, base, last) {
    const shifts = journal.flatMap((event) => (event.type === 'traffic-shifted' ? [event] : []));
    const earlier = shifts.filter(({ weight, at }) => weight > base && at < last.at);
    return [...earlier.map(({ at, weight }) => ({ at, weight })), last];
}
function unreadable(error) {
    const none = { value: null, limit: null, baseline: null, query: '' };
    return { gate: 'route', verdict: 'error', reason: error.message, ...none };
}
/** A kubeconfig is read again after a refusal, so that renewed credentials are found; after this long there are none. */
const REFUSED_MS = 60_000;
const REFUSALS = new Set(['CLUSTER_FORBIDDEN', 'CLUSTER_UNAUTHORIZED']);
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
    const ledger = new Ledger(saved, journal, course);
    let cancelled = false;
    /** The person or the runner wants an end, and the loop has not heeded it yet. */
    const isCancelled = () => course.cancel.aborted && !cancelled;
    /** After a cancel was heeded, what brings traffic back must not be cut short by the same signal. */
    const cut = () => (cancelled ? AbortSignal.any([]) : course.cancel);
    const expectedShares = () => toShares(release.stable, release.candidate, ledger.state.weight);
    /** The live route, or the reason why it could not be read. */
    const look = async () => {
        const live = await traffic.read();
        refuseIfOvertaken(live, course.fence);
        if (live.notes.request !== null && live.notes.request !== ledger.request) {
            ledger.request = live.notes.request;
            const request = decodeRequest(live.notes.request);
            if (request?.release === release.id) {
                if (request.command === 'pause')
                    ledger.happen({ type: 'pause-requested', by: request.by });
                else
                    ledger.happen({ type: 'promotion-requested', by: request.by, to: request.to });
            }
        }
        return live;
    };
    /** Somebody else moved the weights: told, and by policy put right or left to a person. */
    const drifted = async (found) => {
        ledger.happen({ type: 'drift-found', expected: expectedShares(), found });
        if (isFinished(ledger.state))
            return;
        const { candidate } = release;
        const isRaise = (found?.[candidate] ?? 0) < ledger.state.weight;
        // Whoever took the weight away may have done so because the candidate is down.
        if (isRaise && ((await readyPods())[candidate] ?? 0) === 0) {
            const reason = `somebody took the weight away from ${candidate}, which has no ready pods`;
            ledger.happen({ type: 'revert-started', reason });
            return;
        }
        await ledger.write(expectedShares(), null);
    };
    const readyPods = async () => course.workloads.readyPods({
        [release.stable]: await traffic.backend(release.stable),
        [release.candidate]: await traffic.backend(release.candidate),
    });
    const analyse = async (decision) => {
        const before = ledger.state;
        const live = await look().catch((thrown) => {
            const error = toReleaseError(thrown);
            if (error.code === 'STATE_CONFLICT')
                throw error;
            return error;
        });
        if (ledger.state !== before)
            return;
        if (!(live instanceof ReleaseError) && !live.has(expectedShares())) {
            await drifted(live.shares);
            return;
        }
        // A route that cannot be read is no pass, but a candidate that is worse is worse all the same.
        const unread = live instanceof ReleaseError ? [unreadable(live)] : [];
        const to = clock.now();
        const measured = await Promise.all(decision.stage.gates.map(async (name) => {
            const gate = course.gates[name];
            if (gate === undefined)
                throw new ReleaseError('UNSUPPORTED_PLAN', `there is no gate "${name}"`);
            const { from, shiftedAt } = decision;
            const { weight, plan } = ledger.state;
            const asked = {
                from,
                to,
                shiftedAt,
                release,
                weight,
                course: courseOf(ledger.journal, plan.base, { at: shiftedAt, weight }),
                plan,
            };
            return { gate: name, ...(await gate.measure(asked, cut())) };
        }));
        if (isCancelled())
            return;
        const measurements = [...unread, ...measured];
        ledger.happen({
            type: 'analysis-completed',
            stage: decision.stage.name,
            verdict: worst(measurements.map((one) => one.verdict)),
            measurements,
        });
    };
    const inspect = async (weight) => {
        if (ledger.state.phase === 'readying') {
            const backend = await traffic.backend(release.candidate);
            const status = await course.workloads.inspect(release.candidate, backend);
            const summary = status.ready ? `${status.readyPods}/${status.wantedPods} pods ready` : status.problem;
            ledger.happen({ type: 'candidate-inspected', ready: status.ready, summary });
            return;
        }
        const pods = await readyPods();
        const have = pods[release.candidate] ?? 0;
        const wanted = Math.max(1, Math.ceil(((pods[release.stable] ?? 0) * weight) / 100));
        const enough = have >= wanted || (have > 0 && ledger.state.plan.policies.capacity === 'warn');
        if (have < wanted && enough) {
            course.say(`${release.candidate} has ${have} ready pods, ${weight} % of the traffic needs ${wanted}`);
        }
        ledger.happen({ type: 'candidate-inspected', ready: enough, summary: `${have} ready pods, ${wanted} needed` });
    };
    const shift = async (decision) => {
        const target = toShares(release.stable, release.candidate, decision.weight);
        // Going back is unconditional: whoever wrote what, stable must serve.
        const expected = ledger.state.phase === 'reverting' ? null : [expectedShares(), target];
        const shifted = { type: 'traffic-shifted', weight: decision.weight, tookMs: 0 };
        try {
            await ledger.writeWith(shifted, target, expected);
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code !== 'ROUTE_DRIFTED')
                throw error;
            await drifted((await traffic.read()).shares);
        }
    };
    const perform = async (decision) => {
        switch (decision.do) {
            case 'deploy': {
                const since = clock.now();
                const stable = decision.track === 'stable';
                const colour = stable ? release.stable : release.candidate;
                // A run that goes on for another one finds the route as others left it: what serves is never deployed to.
                const live = await look();
                if (!live.has(expectedShares()))
                    return drifted(live.shares);
                await course.deployer.deploy({ track: decision.track, colour, version: release.version }, cut());
                if (isCancelled())
                    return;
                ledger.happen(stable ? { type: 'stable-replaced' } : { type: 'candidate-deployed', tookMs: clock.now() - since });
                return;
            }
            case 'inspect':
                return inspect(decision.weight);
            case 'shift':
                return shift(decision);
            case 'analyse':
                return analyse(decision);
            case 'pass':
                ledger.happen({ type: 'stage-passed', stage: decision.stage.name, reason: decision.reason });
                return;
            case 'pause':
                ledger.happen({ type: 'release-paused', reason: decision.reason });
                return;
            case 'revert':
                ledger.happen({ type: 'revert-started', reason: decision.reason });
                return;
            case 'retire': {
                const colour = decision.track === 'stable' ? release.stable : release.candidate;
                await course.deployer.retire({ track: decision.track, colour, version: release.version }, cut());
                ledger.happen({ type: 'track-retired', track: decision.track });
                return;
            }
            case 'finish':
                ledger.happen({ type: 'release-finished', outcome: decision.outcome, reason: decision.reason });
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
        const movesNothing = isFinished(ledger.state) || ledger.state.phase === 'reverting' || ledger.state.phase === 'promoting';
        if (movesNothing)
            return 'go-on';
        if (ledger.state.plan.policies.onCancel === 'hold')
            return 'interrupted';
        ledger.happen({ type: 'abort-requested', by: course.fence.holder, reason: 'the run was cancelled' });
        return 'go-on';
    };
    const report = (outcome, reason) => ({
        outcome,
        reason,
        release,
        state: ledger.state,
        journal: ledger.journal,
    });
    /** Another driver raised the fence: when it brought traffic back, this run ends as reverted with it. */
    const yieldTo = async (lost) => {
        const live = await traffic.read();
        const theirs = decodeSaved(live.notes.state);
        if (theirs?.release.id === release.id &&
            // Our own note that we are going back is no sign that anybody did.
            theirs.holder !== course.fence.holder &&
            (theirs.state.phase === 'reverting' || theirs.state.phase === 'reverted')) {
            ledger.state = theirs.state;
            const event = {
                type: 'release-finished',
                at: clock.now(),
                outcome: 'reverted',
                reason: theirs.state.reason,
            };
            ledger.tell([event]);
            return report('reverted', theirs.state.reason);
        }
        throw lost;
    };
    try {
        if (!beginsAnew(first[0]) && !isDeepStrictEqual(replay(journal), saved.state)) {
            ledger.happen({ type: 'gap-found', state: saved.state });
        }
        for (const draft of first)
            ledger.happen(draft);
        // A way back waits for nothing: its first write carries the weights too.
        const isWayBack = ledger.state.phase === 'reverting' || first[0]?.type === 'rollback-started';
        if (!isWayBack)
            await ledger.save();
        let unsavedTries = 0;
        let unsavedSince = null;
        for (;;) {
            if (heed() === 'interrupted') {
                await ledger.trySave();
                return report('interrupted', 'the run was cancelled; the next release of the same version goes on');
            }
            // The way back goes on without the lock: the fence on the route keeps this run out as soon as another one writes.
            const isGoingBack = ledger.state.phase === 'reverting';
            if (course.lock.lost.aborted && !isGoingBack) {
                throw new ReleaseError('STATE_CONFLICT', 'another run took over the lock');
            }
            const decision = decide(ledger.state, clock.now());
            if (decision.do === 'stop' || decision.do === 'wait') {
                const isSaved = await ledger.trySave();
                if (decision.do === 'stop' && isSaved)
                    return report(endOf(ledger.state), reasonOf(ledger.state));
                unsavedTries = isSaved ? 0 : unsavedTries + 1;
                unsavedSince = isSaved ? null : (unsavedSince ?? clock.now());
                const lastedMs = clock.now() - (unsavedSince ?? clock.now());
                const isRefused = REFUSALS.has(ledger.problem?.code ?? '') && lastedMs >= REFUSED_MS;
                if (isRefused || unsavedTries > ledger.state.plan.limits.reverts) {
                    const why = course.mask(ledger.problem?.message ?? '');
                    const shares = describeShares(expectedShares());
                    return report('stuck', `the release cannot be written any more: ${why}; last written: ${shares}; when the API server and the credentials answer again, run abort, or release ${release.version} to go on`);
                }
                const until = decision.do === 'wait' ? decision.until : clock.now() + 2000;
                await clock.sleepUntil(until, isGoingBack ? cut() : AbortSignal.any([cut(), course.lock.lost]));
                continue;
            }
            try {
                await perform(decision);
                // Transitions ride with the next write; observations are told as they come.
                const last = ledger.latest?.type;
                const rides = last === 'stage-passed' || last === 'revert-started' || last === 'candidate-inspected';
                if (last === 'analysis-completed')
                    ledger.observe();
                else if (last === 'traffic-shifted')
                    await ledger.announce();
                else if (!rides)
                    await ledger.save();
            }
            catch (thrown) {
                const error = toReleaseError(thrown);
                if (error.code === 'STATE_CONFLICT')
                    throw error;
                if (isCancelled())
                    continue;
                ledger.happen({
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
            return await yieldTo(error);
        throw error;
    }
    finally {
        await ledger.close();
    }
}
