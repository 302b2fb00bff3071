import { toReleaseError } from "../errors.js";
/** A ConfigMap may have 1 MiB; far fewer bytes keep every write quick. */
const KEPT_LOOKS = 300;
const KEPT_BYTES = 400_000;
/** Everything that changed something, and as many of the newest looks at the gates as fit. */
function trim(events) {
    const looks = events.flatMap((event, index) => (event.type === 'analysis-completed' ? [index] : []));
    for (let kept = KEPT_LOOKS; kept >= 1; kept = Math.floor(kept / 2)) {
        const from = looks.at(-kept) ?? 0;
        const text = JSON.stringify(events.filter(({ type }, index) => type !== 'analysis-completed' || index >= from));
        if (text.length <= KEPT_BYTES)
            return text;
    }
    return '[]';
}
/** Recent events of the newest release in a ConfigMap. */
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
                    const data = object['data'];
                    const events = JSON.parse(data?.['journal.json'] ?? '[]');
                    return Array.isArray(events) ? events : [];
                }
                catch (thrown) {
                    if (toReleaseError(thrown).code === 'CLUSTER_NOT_FOUND' || thrown instanceof SyntaxError)
                        return [];
                    throw thrown;
                }
            },
            async save(release, events) {
                const data = { 'journal.json': trim(events), 'release.json': JSON.stringify(release) };
                const path = `${collection}/${name}?fieldManager=gray-release`;
                const contentType = 'application/merge-patch+json';
                try {
                    await platform.cluster.request({ method: 'PATCH', path, contentType, body: { data } });
                }
                catch (thrown) {
                    if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND')
                        throw thrown;
                    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: options.namespace }, data };
                    await platform.cluster.request({ method: 'POST', path: `${collection}?fieldManager=gray-release`, body });
                }
            },
        };
    };
}
