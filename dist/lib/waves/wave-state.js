import { ReleaseError, toReleaseError } from "../errors.js";
/** Whether nothing happens by itself any more. */
export const isOver = ({ phase }) => phase === 'promoted' || phase === 'reverted' || phase === 'stuck';
/** The state in a ConfigMap; a write over somebody else's is refused. */
export class WavesStore {
    needs;
    platform;
    collection;
    name;
    version = null;
    constructor(platform, namespace, service) {
        this.platform = platform;
        this.name = `gray-release-waves-${service}`;
        this.collection = `/api/v1/namespaces/${namespace}/configmaps`;
        this.needs = ['get', 'create', 'patch'].map((verb) => ({
            ...{ group: '', resource: 'configmaps', verb, namespace },
            for: 'where a release in waves stands',
        }));
    }
    async load() {
        const path = `${this.collection}/${this.name}`;
        const object = await this.platform.cluster.request({ method: 'GET', path }).catch((thrown) => {
            if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND')
                throw thrown;
            return null;
        });
        this.version = object?.metadata.resourceVersion ?? null;
        const text = object?.data?.['state'];
        if (text === undefined)
            return null;
        const state = JSON.parse(text);
        if (state.schema === 1)
            return state;
        throw new ReleaseError('STATE_CONFLICT', `ConfigMap ${this.name} carries a state this version cannot read`, {
            hint: 'it was written by a newer gray-release (use that one) or by hand (remove it)',
        });
    }
    async save(state) {
        const metadata = { name: this.name, ...(this.version !== null && { resourceVersion: this.version }) };
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { state: JSON.stringify(state) } };
        const request = this.version === null
            ? { method: 'POST', path: `${this.collection}?fieldManager=gray-release`, body }
            : {
                method: 'PATCH',
                path: `${this.collection}/${this.name}?fieldManager=gray-release`,
                body,
                contentType: 'application/merge-patch+json',
            };
        const stored = await this.platform.cluster.request(request).catch((thrown) => {
            if (toReleaseError(thrown).code !== 'CLUSTER_CONFLICT')
                throw thrown;
            throw new ReleaseError('STATE_CONFLICT', `another run writes ConfigMap ${this.name}`, {
                hint: 'this run no longer drives; look at that one',
                cause: thrown,
            });
        });
        this.version = stored.metadata.resourceVersion ?? null;
    }
}
