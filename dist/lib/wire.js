import { beginsAnew } from "./core/events.js";
import { decodeFence, decodePart, decodeSaved } from "./core/saved.js";
import { describeShares } from "./core/shares.js";
import { none } from "./deployers/none.js";
import { workloads } from "./deployers/workloads.js";
import { drive } from "./drive.js";
import { ReleaseError, takingPart, toReleaseError } from "./errors.js";
import { chance } from "./platform/chance.js";
import { systemPlatform } from "./platform/platform.js";
import { journal } from "./state/journal.js";
import { lease } from "./state/lease.js";
export async function wire(options) {
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
        random: given.random ?? chance.random,
        timeout: given.timeout ?? chance.timeout,
        say: given.say ?? (() => undefined),
        mask: given.mask ?? ((text) => text),
        env: given.env ?? {},
    };
}
/** The saved release; a note of a newer program is refused rather than overwritten. */
export function savedOf(live) {
    const saved = decodeSaved(live.notes.state);
    if (saved === undefined && live.notes.state !== null) {
        throw new ReleaseError('STATE_CONFLICT', `${live.object} carries a release state this version cannot read`, {
            hint: 'it was written by a newer gray-release (use that one) or by hand (remove the annotation)',
        });
    }
    return saved;
}
export function requireSaved(live, service) {
    const saved = savedOf(live);
    if (saved !== undefined)
        return saved;
    throw new ReleaseError('NO_RELEASE', `there is no release of ${service} on ${live.object}`, {
        hint: `live now: ${describeShares(live.shares)}; start one with the command release`,
    });
}
/** A service that is being released with others is not released alone. @throws ReleaseError UNFINISHED_RELEASE */
export function refuseMember({ object, notes }) {
    const part = decodePart(notes.part);
    if (part !== undefined)
        throw takingPart(object, part.of);
}
export const nextFence = (live) => (decodeFence(live.notes.fence)?.number ?? 0) + 1;
/** Takes the lock, looks again at what is saved (it may have changed while waiting), and drives. */
export async function driveLocked(wired, listeners, prepare, seize = false) {
    const before = await wired.traffic.read();
    refuseMember(before);
    const lock = await acquire(wired, nextFence(before), seize);
    const stop = new AbortController();
    wired.traffic.watch(stop.signal);
    try {
        const live = await wired.traffic.read();
        const prepared = await prepare(live);
        if ('outcome' in prepared)
            return prepared;
        const fence = { number: Math.max(lock.fence, nextFence(live)), holder: wired.holder };
        const earlier = beginsAnew(prepared.first[0]) ? [] : await wired.journal.load().catch(() => []);
        return await drive(prepared.saved, prepared.first, earlier, {
            traffic: wired.traffic,
            gates: wired.gates,
            deployer: wired.deployer,
            workloads: wired.workloads,
            journal: wired.journal,
            listeners,
            clock: wired.platform.clock,
            say: wired.platform.say,
            mask: wired.platform.mask,
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
