import { toDuration } from "./core/duration.js";
import { describeShares } from "./core/shares.js";
import { isFinished, isReplaced, isSwapped } from "./core/state.js";
import { compareUrl, describeBuild } from "./report/changes.js";
import { abort, pause, promote, rollback, status, sweep } from "./control.js";
import { plan, release } from "./release.js";
import { runWaves } from "./waves/command.js";
/** Exit codes: promoted and paused 0, reverted 1, stuck 2, refused 3, interrupted 130. */
export const EXIT_CODES = { promoted: 0, paused: 0, reverted: 1, stuck: 2, interrupted: 130 };
export const EXIT_REFUSED = 3;
function ofReport(report) {
    const { outcome, reason } = report;
    return { exitCode: EXIT_CODES[outcome], outcome, reason, text: '', report, preview: null, details: report };
}
function ofWaves({ outcome, reason, text, details }) {
    const codes = { ...EXIT_CODES, refused: EXIT_REFUSED };
    return { exitCode: codes[outcome] ?? 0, outcome, reason, text, report: null, preview: null, details };
}
/** A plan as a person reads it: colours, stages, problems. */
export function describePlan(preview) {
    const lines = [];
    if (preview.live !== '')
        lines.push(`live now: ${preview.live}`);
    if (preview.stable !== null) {
        lines.push(`${preview.stable} serves ${describeBuild(preview.serving.version, preview.serving.origin)}`);
    }
    if (preview.candidate !== null) {
        lines.push(preview.stable === null
            ? `first release: deploys ${preview.candidate}, which has the weight`
            : `${preview.resumes ? 'goes on: ' : ''}deploys ${preview.candidate}; ${preview.stable} is stable and is never deployed to`);
    }
    for (const stage of preview.plan.stages) {
        const gates = stage.gates.length === 0 ? 'by time alone' : `gates ${stage.gates.join(', ')}`;
        const wait = stage.approval ? ', then waits for approval' : '';
        lines.push(`  stage ${stage.name}: ${toDuration(stage.minMs)} to ${toDuration(stage.maxMs)}, ${gates}${wait}`);
    }
    if (preview.forecast.length > 0)
        lines.push('at today’s traffic', ...preview.forecast.map((one) => `  ${one}`));
    for (const one of preview.findings) {
        lines.push(`${one.level === 'refuse' ? 'refused' : 'warning'}: ${one.message}`);
        if (one.hint !== '')
            lines.push(`  ${one.hint}`);
    }
    return lines.join('\n');
}
/** What is live, as a person reads it. */
export function describeStatus(found) {
    const lines = [`${found.object}: ${describeShares(found.shares)}`];
    const { release: one, state, driver } = found;
    if (one === null || state === null)
        return [...lines, 'no release is saved'].join('\n');
    const stage = 'stage' in state ? `, stage ${state.plan.stages[state.stage]?.name ?? state.stage}` : '';
    const reason = 'reason' in state && state.reason !== '' ? `: ${state.reason}` : '';
    lines.push(`${one.service} ${one.version}: ${state.phase}${stage}${reason}`);
    const build = describeBuild(one.version, one.origin);
    if (isReplaced(state))
        lines.push(`${one.stable} serves ${build}, started by ${one.by}`);
    else {
        const swapped = isSwapped(state);
        const verb = (serves) => (serves ? 'serves' : 'has');
        lines.push(`${one.stable} ${verb(!swapped)} ${describeBuild(one.previousVersion, one.previousOrigin)}`, `${one.candidate} ${verb(swapped)} ${build}, started by ${one.by}`);
    }
    const compare = compareUrl(one.previousOrigin, one.origin);
    if (compare !== '')
        lines.push(`what is in it: ${compare}`);
    if (driver !== null && driver.holder !== '' && !isFinished(state)) {
        const since = new Date(driver.since).toISOString();
        lines.push(`${driver.holder} drives it since ${since}${driver.expired ? ', but gives no sign any more' : ''}`);
    }
    return lines.join('\n');
}
/**
 * Runs one command.
 * @param to for promote: the weight of the stage to jump to; null for the next one
 * @param waves the groups of a release in waves
 * @throws ReleaseError when it is refused or could not be driven
 */
export async function runCommand(command, options, to, waves = null) {
    if (waves !== null)
        return ofWaves(await runWaves(command, waves, options));
    switch (command) {
        case 'release':
            return ofReport(await release(options));
        case 'promote':
            return ofReport(await promote(options, to));
        case 'pause':
            return ofReport(await pause(options));
        case 'abort':
            return ofReport(await abort(options));
        case 'rollback': {
            const report = await rollback(options);
            return { ...ofReport(report), exitCode: report.outcome === 'promoted' ? 0 : EXIT_CODES[report.outcome] };
        }
        case 'plan': {
            const preview = await plan(options);
            const refused = preview.findings.filter((one) => one.level === 'refuse');
            const reason = refused.length === 0 ? 'a release would start' : refused.map((one) => one.message).join('; ');
            const outcome = refused.length === 0 ? 'ready' : 'refused';
            const exitCode = refused.length === 0 ? 0 : EXIT_REFUSED;
            return { exitCode, outcome, reason, text: describePlan(preview), report: null, preview, details: preview };
        }
        case 'status': {
            const found = await status(options);
            const outcome = found.state?.phase ?? 'none';
            const reason = found.state !== null && 'reason' in found.state ? found.state.reason : '';
            return { exitCode: 0, outcome, reason, text: describeStatus(found), report: null, preview: null, details: found };
        }
        case 'sweep': {
            const { did, report } = await sweep(options);
            const exitCode = report?.outcome === 'reverted' ? 1 : 0;
            const outcome = report?.outcome ?? 'swept';
            return { exitCode, outcome, reason: did, text: did, report, preview: null, details: { did, report } };
        }
        default:
            return command;
    }
}
/** An error as a person reads it: what happened, then the way out. */
export function describeError(error) {
    return error.hint === '' ? error.message : `${error.message}\n  ${error.hint.replaceAll('\n', '\n  ')}`;
}
