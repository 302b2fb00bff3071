import { describeAudience } from "../core/plan.js";
import { toDuration } from "../core/duration.js";
import { describeShares, toShares } from "../core/shares.js";
import { odds, sentence } from "./text.js";
/** How long the stage has been held, of how long it may be; nothing for a stage that has just ended. */
function held(at, state) {
    if (state.phase !== 'baking')
        return '';
    const maxMs = state.plan.stages[state.stage]?.maxMs ?? 0;
    return ` after ${toDuration(at - state.enteredAt)} of ${toDuration(maxMs)}`;
}
function evidence(measurements) {
    const found = measurements.find((one) => one.odds !== undefined)?.odds;
    if (found === undefined)
        return '';
    const { against, revertAt, goingOn, passAt } = found;
    return `; evidence ${odds(goingOn)} for going on (passes at ${passAt}), ${odds(against)} against (taken back at ${revertAt})`;
}
/** One event as one line for the log: the object first, numbers included. */
export function toLine(event, state, release) {
    const { service, version, stable, candidate } = release;
    switch (event.type) {
        case 'release-started': {
            const stages = event.plan.stages.map((stage) => `${stage.name}${stage.approval ? ' (approval)' : ''}`).join(' → ');
            const from = release.previousVersion === null ? stable : `${stable} (${release.previousVersion})`;
            return event.plan.strategy === 'first-release'
                ? `${service} ${version}: first release, deploys ${candidate}, which has the weight already`
                : `${service} ${version}: candidate ${candidate}, stable ${from}; stages ${stages}; started by ${release.by}`;
        }
        case 'rollback-started':
            return `${service}: going back from ${release.previousVersion ?? stable} on ${stable} to ${version} on ${candidate}; started by ${release.by}`;
        case 'gap-found':
            return `${service} ${version}: the journal lacks what a run did that ended abruptly; going on from what is on the route, ${event.state.phase} at ${event.state.weight} %`;
        case 'release-resumed':
            return `${service} ${version}: resumed by ${event.by} in phase ${state.phase}`;
        case 'candidate-deployed':
            return `${candidate}: ${version} deployed in ${toDuration(event.tookMs)}, waiting for its pods`;
        case 'candidate-inspected':
            return `${candidate}: ${event.ready ? 'ready, ' : 'not ready: '}${event.summary}`;
        case 'traffic-shifted':
            return `${service}: weights written and read back: ${describeShares(toShares(stable, candidate, event.weight))}${describeAudience(event.audience, candidate)} (${event.tookMs} ms)`;
        case 'analysis-completed':
            return `stage ${event.stage}: ${event.verdict}${held(event.at, state)}; ${event.measurements.map(sentence).join('; ') || 'no gates'}${evidence(event.measurements)}`;
        case 'stage-passed':
            return `stage ${event.stage}: passed`;
        case 'drift-found':
            return `${service}: weights changed by somebody else: found ${describeShares(event.found)}, expected ${describeShares(event.expected)}`;
        case 'pause-requested':
            return `${service}: pause at the end of the stage asked for by ${event.by}`;
        case 'release-paused':
            return `${service} ${version}: paused; ${event.reason}`;
        case 'promotion-requested':
            return `${service}: promotion${event.to === null ? '' : ` to ${event.to} %`} asked for by ${event.by}`;
        case 'abort-requested':
            return `${service}: abort by ${event.by}: ${event.reason}`;
        case 'revert-started':
            return `${service}: reverting; ${event.reason}`;
        case 'stable-replaced':
            return `${stable}: now runs ${version}`;
        case 'track-retired':
            return `${event.track === 'stable' ? stable : candidate}: retired`;
        case 'step-failed':
            return `${event.step} failed (${event.code}): ${event.message}${event.final ? '' : '; trying again'}`;
        case 'release-finished':
            return `${service} ${version}: ${event.outcome}; ${event.reason}`;
        default:
            return event;
    }
}
