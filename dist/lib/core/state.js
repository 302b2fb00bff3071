import { isBeginning } from "./events.js";
import { NOBODY } from "./plan.js";
import { describeShares } from "./shares.js";
/** A phase after which nothing happens by itself. */
export function isFinished(state) {
    return state.phase === 'promoted' || state.phase === 'reverted' || state.phase === 'stuck';
}
const REASON_OF_PROMOTION = 'every stage passed';
function enter(state, stage, at) {
    const common = commonOf(state);
    if (stage >= state.plan.stages.length) {
        const reason = state.plan.strategy === 'first-release' ? 'first release' : REASON_OF_PROMOTION;
        return { ...common, phase: 'promoting', stableReplaced: false, routed: false, retired: false, reason };
    }
    return { ...common, phase: 'shifting', stage, since: at, inspectedAt: 0, capable: false, waitingFor: '' };
}
function commonOf(state) {
    const { plan, weight, audience, pauseWanted } = state;
    return { plan, weight, audience, pauseWanted, failures: 0, notBefore: 0 };
}
function reverting(state, reason) {
    if (state.phase === 'reverting')
        return state;
    return { ...commonOf(state), phase: 'reverting', routed: false, retired: false, reason };
}
/** The state a release starts in. */
export function start(event) {
    if (event.type === 'gap-found')
        return event.state;
    const { plan, weight } = event;
    const common = { plan, weight, audience: NOBODY, failures: 0, notBefore: 0, pauseWanted: false };
    if (event.type === 'release-started')
        return { ...common, phase: 'deploying' };
    // What goes back runs already: all that is left to do is the weights.
    const { reason } = event;
    return { ...common, phase: 'promoting', stableReplaced: false, routed: false, retired: false, reason };
}
/** Where a pause would go on: the stage after the one that is baking or paused. */
function nextStage(state) {
    if (state.phase === 'baking' || state.phase === 'paused')
        return state.stage + 1;
    return state.phase === 'shifting' ? state.stage : 0;
}
/** 1 s, 2 s, 4 s … 10 s: short, because while a revert waits users see the fault. */
const backoffMs = (failures) => Math.min(10_000, 1000 * 2 ** (failures - 1));
function afterFailure(state, event) {
    const failures = state.failures + 1;
    const later = { failures, notBefore: event.at + backoffMs(failures) };
    // What was seen of the pods before an outage is no reason to send requests to them after it.
    const again = state.phase === 'shifting' ? { ...state, ...later, capable: false } : { ...state, ...later };
    const why = `${event.step} failed: ${event.message}`;
    // The traffic is where it should be: what could not be taken away is said, and keeps nobody for hours.
    if (event.step === 'retire' && (state.phase === 'reverting' || state.phase === 'promoting')) {
        const isEnough = event.final || failures >= state.plan.limits.steps;
        return isEnough ? { ...state, failures: 0, notBefore: 0, retired: true, reason: `${state.reason}; ${why}` } : again;
    }
    const stuck = { ...commonOf(state), phase: 'stuck', at: event.at, reason: why };
    // A rollback is a way back too: what it leaves is what somebody wants to be rid of.
    const isWayBack = state.phase === 'reverting' || state.plan.strategy === 'rollback';
    if (isWayBack)
        return failures >= state.plan.limits.reverts ? stuck : again;
    if (!event.final && failures < state.plan.limits.steps)
        return again;
    // From here the candidate is the proven copy: a broken stable must not receive its traffic.
    if (state.phase === 'promoting' && state.plan.ending === 'replace')
        return stuck;
    return isFinished(state) ? state : reverting(state, why);
}
/** What a happening changes. Pure: the same events give the same state, so that the journal replays. */
export function evolve(state, event) {
    switch (event.type) {
        case 'release-started':
        case 'rollback-started':
        case 'gap-found':
            return start(event);
        case 'candidate-deployed':
            return { ...commonOf(state), phase: 'readying', since: event.at, inspectedAt: 0, waitingFor: '' };
        case 'candidate-inspected':
            if (state.phase === 'readying') {
                if (event.ready)
                    return enter(state, 0, event.at);
                return { ...state, failures: 0, inspectedAt: event.at, waitingFor: event.summary };
            }
            if (state.phase !== 'shifting')
                return state;
            return { ...state, failures: 0, inspectedAt: event.at, capable: event.ready, waitingFor: event.summary };
        case 'traffic-shifted': {
            const common = { ...commonOf(state), weight: event.weight, audience: event.audience };
            if (state.phase === 'shifting') {
                return {
                    ...common,
                    phase: 'baking',
                    stage: state.stage,
                    enteredAt: event.at,
                    analysedAt: 0,
                    fails: 0,
                    verdict: 'undecided',
                    reason: 'not analysed yet',
                };
            }
            if (state.phase === 'promoting' || state.phase === 'reverting')
                return { ...state, ...common, routed: true };
            return { ...state, weight: event.weight, audience: event.audience };
        }
        case 'analysis-completed': {
            if (state.phase !== 'baking')
                return state;
            const decisive = event.measurements.filter((one) => one.verdict === event.verdict);
            return {
                ...state,
                failures: 0,
                analysedAt: event.at,
                fails: state.fails + (event.verdict === 'fail' ? 1 : 0),
                verdict: event.verdict,
                reason: decisive.map((one) => `${one.gate}: ${one.reason}`).join('; ') || 'no gates',
            };
        }
        case 'stage-passed':
            return enter(state, nextStage(state), event.at);
        case 'drift-found':
            if (state.plan.policies.onDrift === 'reassert')
                return state;
            return {
                ...commonOf(state),
                phase: 'stuck',
                at: event.at,
                reason: `somebody else steers: the route has ${describeShares(event.found)}, expected ${describeShares(event.expected)}`,
            };
        case 'pause-requested':
            return isFinished(state) ? state : { ...state, pauseWanted: true };
        case 'release-paused':
            return {
                ...commonOf(state),
                pauseWanted: false,
                phase: 'paused',
                stage: nextStage(state) - 1,
                at: event.at,
                reason: event.reason,
            };
        case 'promotion-requested': {
            const calm = { ...state, pauseWanted: false };
            const wanted = event.to === null ? -1 : state.plan.stages.findIndex((stage) => stage.route.weight === event.to);
            if (wanted >= 0)
                return enter(calm, wanted, event.at);
            return state.phase === 'paused' ? enter(calm, nextStage(state), event.at) : calm;
        }
        case 'abort-requested':
            return reverting(state, event.reason);
        case 'revert-started':
            return reverting(state, event.reason);
        case 'stable-replaced':
            return state.phase === 'promoting' ? { ...state, failures: 0, stableReplaced: true } : state;
        case 'track-retired':
            return state.phase === 'promoting' || state.phase === 'reverting'
                ? { ...state, failures: 0, retired: true }
                : state;
        case 'step-failed':
            return afterFailure(state, event);
        case 'release-finished':
            return { ...commonOf(state), phase: event.outcome, at: event.at, reason: event.reason };
        case 'release-resumed':
            // What the run before this one saw of the pods may be hours old.
            return state.phase === 'shifting'
                ? { ...state, failures: 0, notBefore: 0, capable: false, inspectedAt: 0 }
                : { ...state, failures: 0, notBefore: 0 };
        default:
            return event;
    }
}
/** The state after one more event of a journal; null before its beginning. */
export function follow(state, event) {
    if (isBeginning(event))
        return start(event);
    return state === null ? null : evolve(state, event);
}
/** The state that a journal leads to; null for one without a beginning. */
export function replay(journal) {
    return journal.reduce(follow, null);
}
/** Whether stable itself has got the version: it serves, and the candidate is gone. */
export function isReplaced(state) {
    return state.phase === 'promoted' && state.plan.ending === 'replace';
}
/** Whether the colours have changed places: the candidate is what serves now. */
export function isSwapped(state) {
    return state.phase === 'promoted' && state.plan.ending === 'swap';
}
