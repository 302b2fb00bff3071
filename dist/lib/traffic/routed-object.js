import { encodeFence, overtakenBy } from "../core/saved.js";
import { describeShares } from "../core/shares.js";
import { overtaken, ReleaseError, toReleaseError } from "../errors.js";
import { FollowedObject } from "./followed-object.js";
const TRIES = 5;
const NOTES = ['state', 'fence', 'request', 'part'];
/** Managers that write whole objects and would put our weights back. */
const FIGHTERS = /^(argocd|kustomize-controller|helm-controller|flux|fleet)/;
/** An object for people: `VirtualService happyride/address-service-deployment`. */
export function describeObject(object, kind = 'VirtualService') {
    return `${object.kind ?? kind} ${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;
}
/** Refuses with what was found in place of a route. */
export function notFound(message, hint) {
    return new ReleaseError('ROUTE_NOT_FOUND', message, { hint });
}
/** Refuses to write over what somebody else wrote. */
export function drifted(object, found, expected) {
    const wanted = expected.map(describeShares).join(' or ');
    return new ReleaseError('ROUTE_DRIFTED', `${object} has ${describeShares(found)}, expected ${wanted}`);
}
/** Who else writes this object as a whole. */
export function fighters(object, field) {
    return (object.metadata.managedFields ?? []).flatMap(({ manager = '', operation }) => {
        if (operation !== 'Apply' && !FIGHTERS.test(manager))
            return [];
        const message = `${describeObject(object)} is applied by ${manager}, which may put the weights back`;
        return [{ level: 'warn', message, hint: `let it ignore ${field}` }];
    });
}
/**
 * A route that lives on one object of the cluster: its weights, our notes and the fence are written in one patch that
 * names only our numbers, and read back.
 */
export class RoutedObject {
    kind;
    platform;
    followed;
    constructor(kind, platform) {
        this.kind = kind;
        this.platform = platform;
        this.followed = new FollowedObject(platform.cluster, platform.clock, (name) => kind.path(name));
    }
    /** The newest object we know. */
    get latest() {
        return this.followed.latest;
    }
    watch(signal) {
        this.followed.watch(signal);
    }
    /** Asks for the object; one that is not there is refused with the names of those that are. */
    async ask(question) {
        const name = await this.kind.find();
        try {
            return await question(name);
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code !== 'CLUSTER_NOT_FOUND')
                throw error;
            throw await this.kind.missing(name);
        }
    }
    /** The object as the server has it now. */
    get() {
        return this.ask((name) => this.followed.get(name));
    }
    /** The object: from memory while the watch runs. */
    current() {
        return this.ask((name) => this.followed.current(name));
    }
    noteKey(note) {
        return `${note}.gray-release/${this.kind.service}`;
    }
    noteOf(object, note) {
        return object.metadata.annotations?.[this.noteKey(note)] ?? null;
    }
    toLive(object) {
        const view = this.kind.view(object);
        return {
            object: describeObject(object),
            shares: view.shares(),
            notes: {
                state: this.noteOf(object, 'state'),
                fence: this.noteOf(object, 'fence'),
                request: this.noteOf(object, 'request'),
                part: this.noteOf(object, 'part'),
            },
            unfinished: '',
            has: (shares) => view.has(shares),
            serves: (audience, colour) => view.serves(audience, colour),
        };
    }
    async read() {
        const object = await this.current();
        if (!this.kind.view(object).isRouted)
            throw this.kind.noRoutes(object);
        return this.toLive(object);
    }
    refuseIfFenced(object, fence) {
        const by = overtakenBy(this.noteOf(object, 'fence'), fence);
        if (by !== undefined)
            throw overtaken(describeObject(object), by);
    }
    operations(object, change) {
        const operations = [];
        const wanted = {
            ...change.notes,
            fence: encodeFence(change.fence.number, change.fence.holder),
        };
        for (const note of NOTES) {
            const value = wanted[note];
            const found = this.noteOf(object, note);
            const path = `/metadata/annotations/${this.noteKey(note).replace('/', '~1')}`;
            if (value === undefined || value === found) {
                // Whatever the resourceVersion says, a foreign fence makes this patch impossible.
                if (note === 'fence' && found !== null)
                    operations.unshift({ op: 'test', path, value: found });
            }
            else if (value === null)
                operations.push({ op: 'remove', path });
            else
                operations.push({ op: 'add', path, value });
        }
        if (change.shares !== null)
            operations.push(...this.kind.view(object).patch(change.shares, change.audience));
        if (operations.every((one) => one.op === 'test'))
            return [];
        const head = [
            { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
        ];
        if (object.metadata.annotations === undefined)
            head.push({ op: 'add', path: '/metadata/annotations', value: {} });
        return [...head, ...operations];
    }
    refuseIfDrifted(object, expected) {
        const view = this.kind.view(object);
        if (!view.isRouted)
            throw this.kind.noRoutes(object);
        if (expected === null || expected.some((shares) => view.has(shares)))
            return;
        throw drifted(describeObject(object), view.shares(), expected);
    }
    async patch(object, body, type) {
        return this.platform.cluster.request({
            method: 'PATCH',
            path: `${await this.kind.path(object.metadata.name)}?fieldManager=gray-release`,
            contentType: `application/${type}+json`,
            body,
        });
    }
    async write(change) {
        const { clock, random } = this.platform;
        for (let attempt = 1;; attempt += 1) {
            const object = attempt === 1 ? await this.current() : await this.get();
            this.refuseIfFenced(object, change.fence);
            if (change.shares !== null)
                this.refuseIfDrifted(object, change.expected);
            const operations = this.operations(object, change);
            if (operations.length === 0)
                return await this.confirm(change);
            try {
                this.followed.remember(await this.patch(object, operations, 'json-patch'));
                return await this.confirm(change);
            }
            catch (thrown) {
                const error = toReleaseError(thrown);
                const stale = error.code === 'CLUSTER_CONFLICT' || error.code === 'CLUSTER_REJECTED';
                if (!stale || attempt >= TRIES)
                    throw error;
                // 409 or a failed test: somebody wrote in between. The next turn reads again and judges anew.
                if (error.code === 'CLUSTER_REJECTED') {
                    const again = await this.get();
                    if (again.metadata.resourceVersion === object.metadata.resourceVersion)
                        throw error;
                }
                await clock.sleepUntil(clock.now() + 10 * attempt * (1 + random()), AbortSignal.any([]));
            }
        }
    }
    /** Leaves a request for the run that drives. */
    async leave(request) {
        const object = await this.get();
        await this.patch(object, { metadata: { annotations: { [this.noteKey('request')]: request } } }, 'merge-patch');
    }
    /** Weights are read back from the server; notes alone are what the answer to the patch says. */
    async confirm(change) {
        if (change.shares === null)
            return this.toLive(this.latest ?? (await this.get()));
        const object = await this.get();
        this.refuseIfFenced(object, change.fence);
        const live = this.toLive(object);
        const { audience } = change;
        if (live.has(change.shares) && (audience === null || live.serves(audience, audience.colour)))
            return live;
        throw new ReleaseError('ROUTE_NOT_APPLIED', `${live.object}: wrote ${describeShares(change.shares)}, read back ${describeShares(live.shares)}`, { hint: 'another controller may own this object; see managedFields' });
    }
}
/** A router whose route is one object: what it answers about it, and how it writes it, is the object's. */
export class ObjectRouter {
    read() {
        return this.route.read();
    }
    write(change) {
        return this.route.write(change);
    }
    ask(request) {
        return this.route.leave(request);
    }
    watch(signal) {
        this.route.watch(signal);
    }
}
/** All objects of a collection. */
export async function listObjects(cluster, path) {
    const { items = [] } = await cluster.request({ method: 'GET', path });
    return items;
}
/** The version of an API group that the server prefers. @throws ReleaseError ROUTE_NOT_FOUND when it serves none */
export async function preferredVersion(cluster, group, hint) {
    const found = await cluster.request({ method: 'GET', path: `/apis/${group}` }).catch((thrown) => {
        if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND')
            throw thrown;
        throw notFound(`the cluster ${cluster.server} does not serve ${group}`, hint);
    });
    return found.preferredVersion?.version ?? 'v1';
}
/** Collects what is wrong with a route: each question that cannot even be asked is a finding too. */
export async function gather(questions) {
    const findings = [];
    for (const question of questions) {
        try {
            findings.push(...(await question()));
        }
        catch (thrown) {
            const { message, hint } = toReleaseError(thrown);
            findings.push({ level: 'refuse', message, hint });
        }
    }
    return findings;
}
