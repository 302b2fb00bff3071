import { toDuration } from "../core/duration.js";
import { ReleaseError, toReleaseError } from "../errors.js";
const TRIES = 5;
/** The API server wants exactly six fractional digits: `2026-01-02T03:04:05.678000Z`. */
export function toMicroTime(at) {
    return new Date(at).toISOString().replace('Z', '000Z');
}
const specOf = (object) => object['spec'] ?? {};
class LeaseLock {
    needs;
    platform;
    namespace;
    name;
    durationMs;
    constructor(options, platform) {
        this.platform = platform;
        this.namespace = options.namespace;
        this.name = `gray-release-${options.service}`;
        this.durationMs = options.durationMs ?? 30_000;
        this.needs = ['get', 'create', 'update'].map((verb) => ({
            group: 'coordination.k8s.io',
            resource: 'leases',
            verb,
            namespace: options.namespace,
            for: 'one driver at a time',
        }));
    }
    get collection() {
        return `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases`;
    }
    async get() {
        try {
            return await this.platform.cluster.request({ method: 'GET', path: `${this.collection}/${this.name}` });
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code === 'CLUSTER_NOT_FOUND')
                return null;
            throw error;
        }
    }
    /** Creates the Lease or replaces the one read; a conflict means that somebody was faster. */
    async put(over, spec) {
        const body = {
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: {
                ...over?.metadata,
                name: this.name,
                namespace: this.namespace,
            },
            spec,
        };
        return over === null
            ? this.platform.cluster.request({ method: 'POST', path: `${this.collection}?fieldManager=gray-release`, body })
            : this.platform.cluster.request({
                method: 'PUT',
                path: `${this.collection}/${this.name}?fieldManager=gray-release`,
                body,
            });
    }
    specFor(holder, number, acquiredAt) {
        return {
            holderIdentity: holder,
            leaseDurationSeconds: Math.ceil(this.durationMs / 1000),
            acquireTime: toMicroTime(acquiredAt),
            renewTime: toMicroTime(this.platform.clock.now()),
            leaseTransitions: number,
        };
    }
    held(spec) {
        const ago = (text) => toDuration(this.platform.clock.now() - Date.parse(text ?? '')) + ' ago';
        return new ReleaseError('LOCK_HELD', `${spec.holderIdentity ?? ''} drives this release since ${spec.acquireTime ?? 'an unknown time'} (last sign ${ago(spec.renewTime)})`, {
            hint: `wait for it, bring traffic back with abort, or, if that run is gone, try again in ${toDuration(this.durationMs)}`,
        });
    }
    async status() {
        const object = await this.get();
        if (object === null)
            return null;
        const spec = specOf(object);
        const renewedAt = Date.parse(spec.renewTime ?? '');
        return {
            holder: spec.holderIdentity ?? '',
            since: Date.parse(spec.acquireTime ?? ''),
            renewedAt,
            expired: !(this.platform.clock.now() - renewedAt < (spec.leaseDurationSeconds ?? 0) * 1000),
        };
    }
    async acquire(holder, atLeast, options) {
        const { clock } = this.platform;
        for (let attempt = 1;; attempt += 1) {
            let found = await this.get();
            const before = found === null ? {} : specOf(found);
            const other = before.holderIdentity ?? '';
            if (other !== '' && other !== holder && !options.seize) {
                const durationMs = (before.leaseDurationSeconds ?? 0) * 1000;
                if (clock.now() - Date.parse(before.renewTime ?? '') < durationMs)
                    throw this.held(before);
                // Its clock may differ from ours: only a record that we saw unchanged for its whole time is a dead one.
                this.platform.say(`${other} seems to be gone; watching its lease for ${toDuration(durationMs)}`);
                await clock.sleepUntil(clock.now() + durationMs, options.signal);
                if (options.signal.aborted)
                    throw this.held(before);
                const version = found?.metadata.resourceVersion;
                found = await this.get();
                if (found !== null && found.metadata.resourceVersion !== version)
                    throw this.held(specOf(found));
            }
            const number = Math.max((before.leaseTransitions ?? 0) + 1, atLeast);
            const acquiredAt = clock.now();
            try {
                const object = await this.put(found, this.specFor(holder, number, acquiredAt));
                return this.keep(object, holder, number, acquiredAt);
            }
            catch (thrown) {
                const error = toReleaseError(thrown);
                if (error.code !== 'CLUSTER_CONFLICT' || attempt >= TRIES)
                    throw error;
            }
        }
    }
    keep(object, holder, number, acquiredAt) {
        const lost = new AbortController();
        const stop = new AbortController();
        const { clock } = this.platform;
        let latest = object;
        const isOurs = (one) => specOf(one).holderIdentity === holder && specOf(one).leaseTransitions === number;
        const renew = async () => {
            try {
                latest = await this.put(latest, this.specFor(holder, number, acquiredAt));
            }
            catch (thrown) {
                const error = toReleaseError(thrown);
                if (error.code !== 'CLUSTER_CONFLICT' && error.code !== 'CLUSTER_NOT_FOUND')
                    return;
                const found = await this.get();
                if (found !== null && !isOurs(found))
                    lost.abort();
                // Removed by hand: the fence on the route still says that we drive, so make it again.
                else if (found === null)
                    latest = await this.put(null, this.specFor(holder, number, acquiredAt));
                else
                    latest = found;
            }
        };
        const work = (async () => {
            for (;;) {
                await clock.sleepUntil(clock.now() + this.durationMs / 3, stop.signal);
                if (stop.signal.aborted || lost.signal.aborted)
                    return;
                // An API server that is away is no reason to stop: the fence decides who may write.
                await renew().catch(() => undefined);
            }
        })();
        return {
            fence: number,
            lost: lost.signal,
            release: async () => {
                stop.abort();
                await work;
                if (lost.signal.aborted)
                    return;
                const spec = { ...this.specFor('', number, acquiredAt), leaseDurationSeconds: 1 };
                await this.put(latest, spec).catch((thrown) => {
                    this.platform.say(`the lock could not be given back: ${toReleaseError(thrown).message}`);
                });
            },
        };
    }
}
/** Who drives is written in a Lease; its `leaseTransitions` is the fence. */
export function lease(options) {
    return (platform) => new LeaseLock(options, platform);
}
