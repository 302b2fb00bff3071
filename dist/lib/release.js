import { checkPlan } from "./core/plan.js";
import { refusal } from "./core/decide.js";
import { decodeFence, decodeSaved, encodeRequest } from "./core/saved.js";
import { describeShares } from "./core/shares.js";
import { isFinished, start } from "./core/state.js";
import { firstRelease } from "./core/strategies.js";
import { toDuration } from "./core/duration.js";
import { none } from "./deployers/none.js";
import { drive } from "./drive.js";
import { ReleaseError, toReleaseError } from "./errors.js";
import { systemPlatform } from "./platform/platform.js";
import { findingsOf, missingPermissions, skewFinding } from "./preflight.js";
import { journal } from "./state/journal.js";
import { lease } from "./state/lease.js";
import { workloads } from "./deployers/workloads.js";
/** A share above this on the smaller side without a saved release is nobody's leftover: a person must say what it is. */
const MOST_LEFTOVER = 10;
async function wire(options) {
    const given = options.platform;
    const platform = given?.cluster === undefined ? { ...(await systemPlatform()), ...given } : complete(given);
    const { service, namespace } = options;
    const colours = options.colours ?? ['blue', 'green'];
    const deployments = Object.fromEntries(colours.map((colour) => [colour, `${service}-${colour}`]));
    const gates = Object.entries(options.gates ?? {}).map(([name, connect]) => [name, connect(platform)]);
    const holder = options.holder ?? `${platform.env['HOSTNAME'] ?? 'local'}/${process.pid}/${Date.now().toString(36)}`;
    return {
        platform,
        traffic: options.traffic(platform),
        gates: Object.fromEntries(gates),
        deployer: (options.deployer ?? none())(platform),
        workloads: (options.workloads ?? workloads({ namespace, deployments }))(platform),
        journal: (options.journal ?? journal({ service, namespace }))(platform),
        lock: (options.lock ?? lease({ service, namespace }))(platform),
        colours,
        holder,
        by: options.by ?? holder,
        cancel: options.signal ?? new AbortController().signal,
    };
}
/** A platform of the caller's own: what it does not give must not be needed. */
function complete(given) {
    const missing = (name) => () => {
        throw new ReleaseError('INTERNAL', `the platform has no ${name}`);
    };
    const { cluster } = given;
    if (cluster === undefined)
        return missing('cluster')();
    return {
        cluster,
        fetch: given.fetch ?? globalThis.fetch,
        shell: given.shell ?? { run: missing('shell') },
        clock: given.clock ?? { now: () => Date.now(), sleepUntil: missing('clock') },
        say: given.say ?? (() => undefined),
        mask: given.mask ?? ((text) => text),
        env: given.env ?? {},
    };
}
/** The saved release; a note of a newer program is refused rather than overwritten. */
function savedOf(live) {
    const saved = decodeSaved(live.notes.state);
    if (saved === undefined && live.notes.state !== null) {
        throw new ReleaseError('STATE_CONFLICT', `${live.object} carries a release state this version cannot read`, {
            hint: 'it was written by a newer gray-release (use that one) or by hand (remove the annotation)',
        });
    }
    return saved;
}
function requireSaved(live, service) {
    const saved = savedOf(live);
    if (saved !== undefined)
        return saved;
    throw new ReleaseError('NO_RELEASE', `there is no release of ${service} on ${live.object}`, {
        hint: `live now: ${describeShares(live.shares)}; start one with the command release`,
    });
}
const nextFence = (live) => (decodeFence(live.notes.fence)?.number ?? 0) + 1;
/** Takes the lock, looks again at what is saved (it may have changed while waiting), and drives. */
async function driveLocked(wired, listeners, prepare, seize = false) {
    const before = await wired.traffic.read();
    const lock = await acquire(wired, nextFence(before), seize);
    const stop = new AbortController();
    wired.traffic.watch(stop.signal);
    try {
        const live = await wired.traffic.read();
        const prepared = await prepare(live);
        if ('outcome' in prepared)
            return prepared;
        const fence = { number: Math.max(lock.fence, nextFence(live)), holder: wired.holder };
        const isNew = prepared.first[0]?.type === 'release-started';
        const earlier = isNew ? [] : await wired.journal.load().catch(() => []);
        return await drive(prepared.saved, prepared.first, earlier, {
            traffic: wired.traffic,
            gates: wired.gates,
            deployer: wired.deployer,
            workloads: wired.workloads,
            journal: wired.journal,
            listeners,
            clock: wired.platform.clock,
            say: wired.platform.say,
            lock,
            fence,
            cancel: wired.cancel,
        });
    }
    finally {
        stop.abort();
        await lock.release();
    }
}
async function acquire(wired, atLeast, seize) {
    try {
        return await wired.lock.acquire(wired.holder, atLeast, { seize, signal: wired.cancel });
    }
    catch (thrown) {
        const error = toReleaseError(thrown);
        if (!seize || error.code === 'LOCK_HELD')
            throw error;
        // The way back must not hang on the lock: the fence on the route alone keeps the other driver out.
        wired.platform.say(`going back without the lock: ${error.message}`);
        return { fence: atLeast, lost: new AbortController().signal, release: () => Promise.resolve() };
    }
}
/** The colours of a release that starts now, from what is live and never from memory. */
function chooseColours(live, colours, wanted) {
    const [first, second] = colours;
    const shares = live.shares;
    const ways = `set the weights by hand to 100/0, or run rollback/abort if a release left them so`;
    if (shares === null) {
        throw new ReleaseError('COMMAND_REFUSED', `${live.object} has ${describeShares(shares)}: nobody can tell which colour is stable`, {
            hint: ways,
        });
    }
    const stable = (shares[first] ?? 0) >= (shares[second] ?? 0) ? first : second;
    const candidate = stable === first ? second : first;
    const weight = shares[candidate] ?? 0;
    if (weight > MOST_LEFTOVER) {
        throw new ReleaseError('COMMAND_REFUSED', `${live.object} has ${describeShares(shares)} and no saved release says which one is stable`, {
            hint: ways,
        });
    }
    if (wanted !== 'auto' && !colours.includes(wanted)) {
        throw new ReleaseError('INVALID_CONFIG', `deployment-type "${wanted}" is none of ${colours.join(', ')}, auto`);
    }
    if (wanted === stable) {
        throw new ReleaseError('COMMAND_REFUSED', `deployment-type ${wanted} is the live colour (${describeShares(shares)})`, {
            hint: `deploy the idle colour ${candidate}, or use deployment-type auto`,
        });
    }
    return { stable, candidate, weight };
}
/** The version the stable colour runs, as far as an earlier release wrote it down. */
function versionOn(colour, saved) {
    if (saved === undefined)
        return null;
    const { release, state } = saved;
    if (state.phase === 'promoted' && release.candidate === colour)
        return release.version;
    return release.stable === colour ? release.previousVersion : null;
}
function allNeeds(wired) {
    const { traffic, workloads: pods, lock, journal: log } = wired;
    return [...traffic.needs, ...pods.needs, ...lock.needs, ...log.needs];
}
/** Every finding of every part, the plan's own problems included. */
async function preflight(wired, plan) {
    const planned = checkPlan(plan, wired.traffic.supports, Object.keys(wired.gates));
    const checks = [
        () => wired.traffic.check(),
        () => missingPermissions(wired.platform.cluster, allNeeds(wired)),
        () => wired.deployer.check?.() ?? Promise.resolve([]),
        ...Object.values(wired.gates).map((gate) => () => gate.check?.() ?? Promise.resolve([])),
    ];
    const found = await Promise.all(checks.map(findingsOf));
    const own = planned.map((message) => ({ level: 'refuse', message, hint: 'correct the stages' }));
    const all = [...own, ...found.flat(), ...skewFinding(wired.platform.cluster)];
    // One missing object is often found by several checks.
    return all.filter((one, index) => all.findIndex((other) => other.message === one.message) === index);
}
function refuse(findings, code = 'COMMAND_REFUSED') {
    const against = findings.filter((one) => one.level === 'refuse');
    if (against.length === 0)
        return;
    const text = against.map((one) => one.message).join('\n');
    const hints = against.map((one) => one.hint).filter((hint) => hint !== '');
    throw new ReleaseError(code, text, { hint: [...new Set(hints)].join('\n') });
}
function requireVersion(options) {
    if (options.version !== undefined && options.version !== '')
        return options.version;
    throw new ReleaseError('INVALID_CONFIG', 'version is missing', { hint: 'for example version: ${{ github.ref_name }}' });
}
/**
 * Releases a version: deploys the idle colour and moves traffic to it through the stages, or goes on with an
 * unfinished release of the same version.
 * @throws ReleaseError when the release could not be driven; a revert is an outcome and is returned
 */
export async function release(options) {
    const version = requireVersion(options);
    const wired = await wire(options);
    const { colours, platform } = wired;
    const early = await wired.traffic.read();
    const unfinished = savedOf(early);
    if (unfinished !== undefined && !isFinished(unfinished.state))
        refuseOther(unfinished, version);
    else {
        chooseColours(early, colours, options.deploymentType ?? 'auto');
        const findings = await preflight(wired, options.plan);
        refuse(findings);
        for (const one of findings)
            platform.say(`warning: ${one.message} (${one.hint})`);
    }
    return driveLocked(wired, options.listeners ?? [], async (live) => {
        const saved = savedOf(live);
        if (saved !== undefined && !isFinished(saved.state)) {
            refuseOther(saved, version);
            const { state } = saved;
            const goOn = [{ type: 'release-resumed', by: wired.by }];
            const report = { outcome: 'paused', reason: '', release: saved.release, state, journal: [] };
            return state.phase === 'paused' ? { ...report, reason: state.reason } : { saved, first: goOn };
        }
        const chosen = chooseColours(live, colours, options.deploymentType ?? 'auto');
        if (saved?.state.phase === 'promoted' && saved.release.version === version && saved.release.candidate === chosen.stable) {
            const reason = `${version} already serves on ${chosen.stable}`;
            return { outcome: 'promoted', reason, release: saved.release, state: saved.state, journal: [] };
        }
        return begin(wired, options, version, chosen, saved);
    });
}
function refuseOther(saved, version) {
    if (saved.release.version === version)
        return;
    throw new ReleaseError('UNFINISHED_RELEASE', `${saved.release.service} has an unfinished release of ${saved.release.version} (${saved.state.phase}, candidate ${saved.state.weight} %)`, {
        hint: `go on with it (release with version ${saved.release.version}, or promote), or bring traffic back with abort, and then release ${version}`,
    });
}
async function begin(wired, options, version, chosen, before) {
    const serving = await wired.workloads.inspect(chosen.stable, await wired.traffic.backend(chosen.stable));
    const isFirst = !serving.exists;
    const plan = isFirst ? firstRelease(options.plan) : options.plan;
    const at = wired.platform.clock.now();
    const release = {
        id: `${options.service}-${version}-${at.toString(36)}`,
        service: options.service,
        version,
        previousVersion: versionOn(chosen.stable, before),
        // On the first release of all, the colour with the weight is the one to deploy.
        stable: isFirst ? chosen.candidate : chosen.stable,
        candidate: isFirst ? chosen.stable : chosen.candidate,
        by: wired.by,
        commit: options.commit ?? '',
    };
    const started = { type: 'release-started', release, plan, weight: isFirst ? 100 - chosen.weight : chosen.weight };
    const fingerprints = { [chosen.stable]: serving.fingerprint };
    return { saved: { schema: 1, release, state: start({ ...started, at }), holder: wired.holder, fingerprints }, first: [started] };
}
/** What a release would do now: colours, stages and every problem found. Reads only. */
export async function plan(options) {
    const wired = await wire(options);
    const findings = [...(await preflight(wired, options.plan))];
    const note = (thrown) => {
        const { message, hint } = toReleaseError(thrown);
        if (!findings.some((one) => one.message === message))
            findings.push({ level: 'refuse', message, hint });
    };
    const empty = { stable: null, candidate: null, live: '', plan: options.plan, resumes: false, findings };
    try {
        const live = await wired.traffic.read();
        const saved = savedOf(live);
        const lock = await wired.lock.status();
        if (lock !== null && lock.holder !== '' && !lock.expired && lock.holder !== wired.holder) {
            findings.push({ level: 'refuse', message: `${lock.holder} drives a release now`, hint: 'wait for it' });
        }
        const shown = { ...empty, live: describeShares(live.shares) };
        if (saved !== undefined && !isFinished(saved.state)) {
            if (options.version !== undefined)
                refuseOther(saved, options.version);
            return { ...shown, stable: saved.release.stable, candidate: saved.release.candidate, plan: saved.state.plan, resumes: true };
        }
        const chosen = chooseColours(live, wired.colours, options.deploymentType ?? 'auto');
        const serving = await wired.workloads.inspect(chosen.stable, await wired.traffic.backend(chosen.stable));
        if (!serving.exists) {
            return { ...shown, stable: null, candidate: chosen.stable, plan: firstRelease(options.plan) };
        }
        return { ...shown, stable: chosen.stable, candidate: chosen.candidate };
    }
    catch (thrown) {
        note(thrown);
        return empty;
    }
}
function refuseCommand(command, saved, to = null) {
    const reason = refusal(command, saved.state, to);
    if (reason === undefined)
        return;
    throw new ReleaseError('COMMAND_REFUSED', `${command} of ${saved.release.service} ${saved.release.version}: ${reason}`);
}
/** Whether somebody drives the release right now. */
async function isDriven(wired) {
    const status = await wired.lock.status();
    return status !== null && status.holder !== '' && !status.expired;
}
function reportOf(saved, outcome, reason) {
    return { outcome, reason, release: saved.release, state: saved.state, journal: [] };
}
/**
 * Goes on from a pause, or jumps to the stage of weight `to`. While another run drives, that run is asked and this
 * one returns at once.
 */
export async function promote(options, to = null) {
    const wired = await wire(options);
    const saved = requireSaved(await wired.traffic.read(), options.service);
    if (saved.state.phase === 'promoted')
        return reportOf(saved, 'promoted', saved.state.reason);
    refuseCommand('promote', saved, to);
    if (saved.state.phase !== 'paused' && (await isDriven(wired))) {
        await wired.traffic.ask(encodeRequest({ release: saved.release.id, command: 'promote', by: wired.by, to }));
        return reportOf(saved, 'paused', `the driving run was asked to promote${to === null ? '' : ` to ${to} %`}`);
    }
    return driveLocked(wired, options.listeners ?? [], (live) => {
        const now = requireSaved(live, options.service);
        refuseCommand('promote', now, to);
        return Promise.resolve({ saved: now, first: [{ type: 'promotion-requested', by: wired.by, to }] });
    });
}
/** Asks the driving run to stop at the end of its stage. */
export async function pause(options) {
    const wired = await wire(options);
    const saved = requireSaved(await wired.traffic.read(), options.service);
    if (saved.state.phase === 'paused')
        return reportOf(saved, 'paused', saved.state.reason);
    refuseCommand('pause', saved);
    if (!(await isDriven(wired))) {
        throw new ReleaseError('COMMAND_REFUSED', `nobody drives the release of ${options.service} (${saved.state.phase})`, {
            hint: 'go on with release, or bring traffic back with abort',
        });
    }
    await wired.traffic.ask(encodeRequest({ release: saved.release.id, command: 'pause', by: wired.by, to: null }));
    return reportOf(saved, 'paused', 'the driving run was asked to pause at the end of its stage');
}
async function turnBack(options, wired, reason, seize) {
    return driveLocked(wired, options.listeners ?? [], (live) => {
        const now = requireSaved(live, options.service);
        if (now.state.phase === 'reverted')
            return Promise.resolve(reportOf(now, 'reverted', now.state.reason));
        refuseCommand('abort', now);
        return Promise.resolve({ saved: now, first: [{ type: 'abort-requested', by: wired.by, reason }] });
    }, seize);
}
/**
 * Brings traffic back to stable now, whoever drives: the first write carries the weights, the higher fence and the
 * state. The run that was driving ends `reverted` at its next sample.
 */
export async function abort(options) {
    const wired = await wire(options);
    const saved = requireSaved(await wired.traffic.read(), options.service);
    if (saved.state.phase === 'reverted')
        return reportOf(saved, 'reverted', saved.state.reason);
    refuseCommand('abort', saved);
    return turnBack(options, wired, `aborted by ${wired.by}`, true);
}
/** After a promotion: all traffic back to the previous colour in one write, if it still runs what it ran. */
export async function rollback(options) {
    const wired = await wire(options);
    return driveLocked(wired, options.listeners ?? [], async (live) => {
        const saved = requireSaved(live, options.service);
        const { release: old, state } = saved;
        if (state.phase !== 'promoted' || state.plan.ending !== 'swap' || state.plan.strategy === 'first-release') {
            throw new ReleaseError('COMMAND_REFUSED', `there is no promotion to roll back (the release is ${state.phase})`, {
                hint: isFinished(state) ? '' : 'an unfinished release is brought back with abort',
            });
        }
        const backend = await wired.traffic.backend(old.stable);
        const previous = await wired.workloads.inspect(old.stable, backend);
        if (!previous.ready) {
            throw new ReleaseError('COMMAND_REFUSED', `${old.stable} cannot take the traffic: ${previous.problem}`);
        }
        const known = saved.fingerprints[old.stable] ?? '';
        if (known !== '' && known !== previous.fingerprint) {
            throw new ReleaseError('COMMAND_REFUSED', `${old.stable} no longer runs the version that was replaced`, {
                hint: 'release the wanted version again',
            });
        }
        const current = await wired.workloads.inspect(old.candidate, await wired.traffic.backend(old.candidate));
        const at = wired.platform.clock.now();
        const version = old.previousVersion ?? `before ${old.version}`;
        const back = {
            ...old,
            id: `${old.service}-rollback-${at.toString(36)}`,
            version,
            previousVersion: old.version,
            stable: old.candidate,
            candidate: old.stable,
            by: wired.by,
        };
        const promoting = {
            plan: { ...state.plan, strategy: 'rollback', stages: [], retire: 'keep' },
            weight: live.shares?.[old.stable] ?? 0,
            failures: 0,
            notBefore: 0,
            pauseWanted: false,
            phase: 'promoting',
            stableReplaced: false,
            routed: false,
            retired: false,
            reason: `rolled back to ${version} by ${wired.by}`,
        };
        const fingerprints = { [old.candidate]: current.fingerprint };
        return {
            saved: { schema: 1, release: back, state: promoting, holder: wired.holder, fingerprints },
            first: [],
        };
    });
}
/** What is live, which release, which stage, who drives and since when. Reads only. */
export async function status(options) {
    const wired = await wire(options);
    const live = await wired.traffic.read();
    const saved = decodeSaved(live.notes.state);
    return {
        object: live.object,
        shares: live.shares,
        release: saved?.release ?? null,
        state: saved?.state ?? null,
        driver: await wired.lock.status(),
    };
}
/** Ends what nobody ends: releases whose driver is gone, pauses past `max-pause`, old colours past `keep-old`. */
export async function sweep(options) {
    const wired = await wire(options);
    const live = await wired.traffic.read();
    const saved = savedOf(live);
    const now = wired.platform.clock.now();
    if (saved === undefined)
        return { did: 'no release is saved', report: null };
    const { release: one, state } = saved;
    const { policies } = state.plan;
    const label = `${one.service} ${one.version}`;
    if (state.phase === 'promoted') {
        const isDue = policies.keepOldMs !== null && now - state.at >= policies.keepOldMs;
        if (!isDue || state.plan.ending !== 'swap' || (live.shares?.[one.stable] ?? 100) > 0) {
            return { did: `${label} is promoted; nothing to do`, report: null };
        }
        const old = await wired.workloads.inspect(one.stable, await wired.traffic.backend(one.stable));
        if (old.fingerprint !== (saved.fingerprints[one.stable] ?? old.fingerprint)) {
            return { did: `${one.stable} runs something newer than ${label} replaced; left alone`, report: null };
        }
        const did = await wired.workloads.scaleDown(one.stable);
        return { did: did ? `scaled ${one.stable} to zero` : `${one.stable} is scaled to zero already`, report: null };
    }
    if (isFinished(state))
        return { did: `${label} is ${state.phase}; nothing to do`, report: null };
    const lock = await wired.lock.status();
    if (lock !== null && lock.holder !== '' && !lock.expired) {
        return { did: `${lock.holder} drives ${label}; nothing to do`, report: null };
    }
    const isOrderly = lock?.holder === '';
    if (state.phase === 'paused' || isOrderly) {
        const since = state.phase === 'paused' ? state.at : (lock?.renewedAt ?? 0);
        if (now - since < policies.maxPauseMs) {
            const left = toDuration(policies.maxPauseMs - (now - since));
            return { did: `${label} waits for a person, ${left} left`, report: null };
        }
        const reason = `nobody went on within ${toDuration(policies.maxPauseMs)}`;
        return { did: `${label}: ${reason}`, report: await turnBack(options, wired, reason, false) };
    }
    if (policies.onLost === 'hold' && state.phase !== 'reverting') {
        return { did: `${label} lost its driver; held by policy`, report: null };
    }
    const reason = `its driver ${saved.holder} is gone`;
    return { did: `${label}: ${reason}`, report: await turnBack(options, wired, reason, false) };
}
/** What `post` does: brings back what this very run left unsettled. Does nothing when all is settled or not ours. */
export async function settle(options) {
    const wired = await wire(options);
    const saved = savedOf(await wired.traffic.read());
    if (saved?.holder !== options.holder || isFinished(saved.state) || saved.state.phase === 'paused') {
        return { did: 'settled', report: null };
    }
    if (saved.state.plan.policies.onCancel === 'hold' && saved.state.phase !== 'reverting') {
        return { did: 'held by policy', report: null };
    }
    const reason = 'the run ended before the release did';
    return { did: reason, report: await turnBack(options, wired, reason, true) };
}
