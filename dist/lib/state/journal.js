import { gunzipSync, gzipSync } from 'node:zlib';
import { toReleaseError } from "../errors.js";
/** A ConfigMap may have 1 MiB. */
const KEPT_BYTES = 600_000;
/** More than any journal of ours comes to: a packed text may be far larger than it looks. */
const MOST_UNPACKED_BYTES = 64_000_000;
const KEY = 'journal.json.gz';
/** Without every other look at the gates of the older half: the newest ones matter most, and no change is lost. */
function thinned(events) {
    const looks = events.filter(({ type }) => type === 'analysis-completed');
    const older = new Set(looks.slice(0, Math.ceil(looks.length / 2)).filter((_, index) => index % 2 === 0));
    return events.filter((event) => !older.has(event));
}
/** The events, packed: they are much the same text again and again. */
function pack(events) {
    for (let kept = events; kept.length > 0;) {
        const packed = gzipSync(JSON.stringify(kept));
        if (packed.length <= KEPT_BYTES)
            return packed;
        const fewer = thinned(kept);
        // Changes alone that do not fit: the newest ones.
        kept = fewer.length < kept.length ? fewer : kept.slice(Math.ceil(kept.length / 2));
    }
    return gzipSync('[]');
}
function unpack(text) {
    if (text === undefined)
        return [];
    try {
        const unpacked = gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_UNPACKED_BYTES });
        const events = JSON.parse(unpacked.toString('utf8'));
        return Array.isArray(events) ? events : [];
    }
    catch {
        // Written by something else, or damaged: the release itself is on the route.
        return [];
    }
}
/**
 * The events of the newest release in a ConfigMap, packed; `kubectl get cm gray-release-<service> -o json | jq -r
 * '.binaryData["journal.json.gz"]' | base64 -d | gunzip` shows them.
 */
export function journal(options) {
    return (platform) => {
        const name = `gray-release-${options.service}`;
        const collection = `/api/v1/namespaces/${options.namespace}/configmaps`;
        return {
            needs: ['get', 'create', 'patch'].map((verb) => ({
                group: '',
                resource: 'configmaps',
                verb,
                namespace: options.namespace,
                for: 'the journal',
            })),
            async load() {
                try {
                    const object = await platform.cluster.request({ method: 'GET', path: `${collection}/${name}` });
                    const data = object['binaryData'];
                    return unpack(data?.[KEY]);
                }
                catch (thrown) {
                    if (toReleaseError(thrown).code === 'CLUSTER_NOT_FOUND')
                        return [];
                    throw thrown;
                }
            },
            async save(release, events) {
                const content = {
                    data: { 'release.json': JSON.stringify(release, null, 2) },
                    binaryData: { [KEY]: pack(events).toString('base64') },
                };
                const path = `${collection}/${name}?fieldManager=gray-release`;
                const contentType = 'application/merge-patch+json';
                try {
                    await platform.cluster.request({ method: 'PATCH', path, contentType, body: content });
                }
                catch (thrown) {
                    if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND')
                        throw thrown;
                    const body = {
                        apiVersion: 'v1',
                        kind: 'ConfigMap',
                        metadata: { name, namespace: options.namespace },
                        ...content,
                    };
                    await platform.cluster.request({ method: 'POST', path: `${collection}?fieldManager=gray-release`, body });
                }
            },
        };
    };
}
