import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError, EXIT_REFUSED, runCommand } from "../command.js";
import { loadSettings } from "../config/load.js";
import { toReleaseError } from "../errors.js";
import { readInputs } from "./inputs.js";
import { errorCommand } from "./workflow-commands.js";
/** Said once, at the place of the first problem; the text names the others with theirs. */
function fail(error) {
    const place = error.problems.find((problem) => problem.line > 0) ?? { file: '', line: 0, column: 0 };
    process.stdout.write(`${errorCommand(describeError(error), place)}\n`);
    process.exitCode = EXIT_REFUSED;
}
/** What started the run; null when there is no such file, as outside a runner. */
function readEvent(path) {
    try {
        return JSON.parse(readFileSync(path ?? '', 'utf8'));
    }
    catch {
        return null;
    }
}
/** Who runs: unique for each job of each attempt, so that a lock is never mistaken for one's own. */
function newHolder(env) {
    const run = `${env['GITHUB_REPOSITORY'] ?? 'local'}#${env['GITHUB_RUN_ID'] ?? '0'}/${env['GITHUB_RUN_ATTEMPT'] ?? '1'}`;
    return `${run}/${env['GITHUB_JOB'] ?? 'job'}-${randomBytes(2).toString('hex')}`;
}
async function deliver(settings, result, tookMs) {
    const core = await import('@actions/core');
    const { toOutputs, toText } = await import("../github/outputs.js");
    const path = join(process.env['RUNNER_TEMP'] ?? tmpdir(), `gray-release-${settings.built.options.service}.json`);
    await writeFile(path, toText(result));
    for (const [name, value] of Object.entries(toOutputs(result, path, tookMs)))
        core.setOutput(name, value);
}
/** The Action's main step. */
export async function main() {
    const inputs = readInputs(process.env);
    let settings;
    try {
        settings = loadSettings(inputs, process.env);
    }
    catch (thrown) {
        fail(toReleaseError(thrown));
        return;
    }
    const core = await import('@actions/core');
    const { actionLog, writeSummary } = await import("../github/listener.js");
    const { CommitStatuses, statusOfPlan, targetOf } = await import("../github/status.js");
    const { systemPlatform } = await import("../platform/platform.js");
    const { secrets, options, caFile } = settings.built;
    for (const secret of secrets)
        core.setSecret(secret);
    const holder = newHolder(process.env);
    // Before anything is changed, so that `post` knows what to look for even when this process is killed.
    core.saveState('holder', holder);
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM']) {
        process.on(signal, () => {
            core.info(`${signal}: bringing the release to an orderly end`);
            stop.abort();
        });
    }
    const log = actionLog();
    const token = inputs['github-token'] ?? '';
    if (token !== '')
        core.setSecret(token);
    const isPlan = settings.command === 'plan';
    const target = targetOf(process.env, readEvent(process.env['GITHUB_EVENT_PATH']), token, `gray-release/${options.service}${isPlan ? ' plan' : ''}`, (message) => {
        core.warning(message);
    });
    const statuses = target === null ? null : new CommitStatuses(target);
    const begun = Date.now();
    try {
        const { kubeconfig, context } = settings;
        const platform = await systemPlatform({ secrets, caFile, kubeconfig, context, say: log.say });
        try {
            const result = await runCommand(settings.command, {
                ...options,
                platform,
                holder,
                by: `${holder} (${process.env['GITHUB_ACTOR'] ?? 'unknown'})`,
                commit: process.env['GITHUB_SHA'] ?? '',
                listeners: [log.listener, ...(statuses === null ? [] : [statuses.listener])],
                signal: stop.signal,
            }, settings.to);
            log.end();
            if (result.text !== '')
                core.info(platform.mask(result.text));
            await deliver(settings, result, Date.now() - begun);
            await writeSummary(result);
            if (isPlan)
                await statuses?.set(statusOfPlan(result));
            process.exitCode = result.exitCode;
            const text = `${options.service}: ${result.outcome}; ${result.reason}`;
            if (result.exitCode === 0)
                core.info(text);
            else
                core.error(text);
        }
        finally {
            platform.cluster.close();
        }
    }
    catch (thrown) {
        log.end();
        fail(toReleaseError(thrown));
    }
}
