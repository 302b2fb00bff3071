import { toReleaseError } from "../errors.js";
const toSelector = (labels) => Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
const carries = (object, labels) => Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value);
function isPodReady(pod) {
    if (pod.metadata.deletionTimestamp !== undefined)
        return false;
    return pod.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}
/** Why a pod is not ready, in the words of the kubelet or the scheduler. */
function troubleOf(pod) {
    for (const container of pod.status?.containerStatuses ?? []) {
        const waiting = container.state?.waiting;
        if (waiting !== undefined) {
            const last = container.lastState?.terminated;
            const before = last === undefined ? '' : `, last ended ${last.reason ?? ''} with code ${last.exitCode ?? '?'}`;
            return `container ${container.name} is waiting: ${waiting.reason ?? 'unknown'}${waiting.message === undefined ? '' : ` (${waiting.message})`}${before}`;
        }
    }
    const unscheduled = pod.status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False');
    if (unscheduled !== undefined)
        return `not scheduled: ${unscheduled.message ?? unscheduled.reason ?? 'unknown'}`;
    const bad = pod.status?.containerStatuses?.find((one) => one.ready !== true);
    return bad === undefined
        ? `phase ${pod.status?.phase ?? 'unknown'}`
        : `container ${bad.name} runs but its readiness probe fails (${bad.restartCount ?? 0} restarts)`;
}
/** The version a Deployment says it runs: by the usual label, else by the tag of its first image. */
function versionOf(object) {
    const label = object.metadata.labels?.['app.kubernetes.io/version'];
    if (label !== undefined)
        return label;
    const spec = object['spec'];
    const image = spec.template?.spec?.containers?.[0]?.image ?? '';
    return /:([^/:@]+)(?:@.*)?$/.exec(image)?.[1] ?? null;
}
class KubernetesWorkloads {
    needs;
    needsToScale;
    options;
    platform;
    services = new Map();
    constructor(options, platform) {
        this.options = options;
        this.platform = platform;
        const right = (group, resource, verb, reason) => ({
            group,
            resource,
            verb,
            namespace: options.namespace,
            for: reason,
        });
        this.needs = [
            right('apps', 'deployments', 'get', 'readiness of the candidate'),
            right('', 'pods', 'list', 'ready pods of each colour'),
            right('', 'services', 'get', 'which pods and port the route reaches'),
            right('discovery.k8s.io', 'endpointslices', 'list', 'ready endpoints of the candidate'),
        ];
        this.needsToScale = [right('apps', 'deployments/scale', 'patch', 'keep-old: the old colour is scaled to zero')];
    }
    get(path) {
        return this.platform.cluster.request({ method: 'GET', path });
    }
    deploymentPath(colour) {
        return `/apis/apps/v1/namespaces/${this.options.namespace}/deployments/${this.options.deployments[colour] ?? colour}`;
    }
    async service(backend) {
        const path = `/api/v1/namespaces/${backend.namespace}/services/${backend.service}`;
        const known = this.services.get(path);
        if (known !== undefined)
            return known;
        const object = await this.get(path);
        this.services.set(path, object);
        return object;
    }
    async selector(backend) {
        const spec = (await this.service(backend))['spec'];
        return spec.selector ?? {};
    }
    async pods(namespace, labels) {
        const query = new URLSearchParams({ labelSelector: toSelector(labels) });
        const answer = await this.get(`/api/v1/namespaces/${namespace}/pods?${query.toString()}`);
        return answer.items ?? [];
    }
    async readyPods(backends) {
        // One list of a Service's pods answers for every colour behind it.
        const lists = new Map();
        const counted = Object.entries(backends).map(async ([colour, backend]) => {
            const key = `${backend.namespace}/${backend.service}`;
            const asked = lists.get(key) ?? this.selector(backend).then((labels) => this.pods(backend.namespace, labels));
            lists.set(key, asked);
            const pods = backend.problem === '' ? await asked : [];
            return [colour, pods.filter((pod) => carries(pod, backend.labels) && isPodReady(pod)).length];
        });
        return Object.fromEntries(await Promise.all(counted));
    }
    async inspect(colour, backend) {
        const name = this.options.deployments[colour] ?? colour;
        const label = `Deployment ${this.options.namespace}/${name}`;
        let object;
        try {
            object = await this.get(this.deploymentPath(colour));
        }
        catch (thrown) {
            if (toReleaseError(thrown).code !== 'CLUSTER_NOT_FOUND')
                throw thrown;
            const problem = `there is no ${label}`;
            return { exists: false, ready: false, readyPods: 0, wantedPods: 0, problem, fingerprint: '', version: null };
        }
        const spec = (object['spec'] ?? {});
        const status = (object['status'] ?? {});
        const wantedPods = spec.replicas ?? 1;
        const revision = object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '';
        const fingerprint = `${object.metadata.uid ?? ''}/${revision}`;
        const found = { exists: true, wantedPods, fingerprint, version: versionOf(object) };
        const labels = { ...(await this.selector(backend)), ...backend.labels };
        const pods = await this.pods(backend.namespace, labels);
        const ready = pods.filter(isPodReady);
        const not = (problem) => ({
            ...found,
            ready: false,
            readyPods: ready.length,
            problem: `${label}: ${problem}`,
        });
        if (backend.problem !== '')
            return not(`the router does not send there: ${backend.problem}`);
        if (wantedPods === 0 && !backend.isScaledByRoute)
            return not('is scaled to 0');
        const isRolledOut = (status['observedGeneration'] ?? 0) >= (object.metadata.generation ?? 0) &&
            (status['updatedReplicas'] ?? 0) >= wantedPods &&
            (status['availableReplicas'] ?? 0) >= wantedPods &&
            (status['replicas'] ?? 0) <= wantedPods;
        if (!isRolledOut || ready.length < wantedPods) {
            const bad = pods.find((pod) => !isPodReady(pod));
            const trouble = bad === undefined ? 'rolling out' : `pod ${bad.metadata.name}: ${troubleOf(bad)}`;
            return not(`${ready.length}/${wantedPods} pods ready; ${trouble}`);
        }
        const reachable = await this.reachable(backend, new Set(ready.map((pod) => pod.metadata.name)));
        if (reachable.port === null)
            return not(reachable.problem);
        if (reachable.endpoints < wantedPods) {
            return not(`${reachable.endpoints}/${wantedPods} ready endpoints on port ${reachable.port}`);
        }
        return { ...found, ready: true, readyPods: ready.length, problem: '' };
    }
    /** Ready endpoints the route reaches: the slices of the Service that serve its port, for these pods. */
    async reachable(backend, pods) {
        const object = await this.service(backend);
        const ports = object['spec'].ports ?? [];
        const port = backend.port === null ? ports[0] : ports.find((one) => one.port === backend.port);
        if (port === undefined) {
            const known = ports.map((one) => one.port).join(', ');
            const problem = `Service ${backend.namespace}/${backend.service} has no port ${backend.port ?? ''} (it has: ${known || 'none'})`;
            return { endpoints: 0, port: null, problem };
        }
        const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${backend.service}` });
        const slices = await this.get(`/apis/discovery.k8s.io/v1/namespaces/${backend.namespace}/endpointslices?${query.toString()}`);
        const names = new Set();
        for (const slice of slices.items ?? []) {
            if (!(slice.ports ?? []).some((one) => (one.name ?? '') === (port.name ?? '')))
                continue;
            for (const endpoint of slice.endpoints ?? []) {
                const pod = endpoint.targetRef?.name ?? '';
                if (endpoint.conditions?.ready !== false && pods.has(pod))
                    names.add(pod);
            }
        }
        return { endpoints: names.size, port: port.port, problem: '' };
    }
    async scaleDown(colour) {
        const object = await this.get(this.deploymentPath(colour));
        if (object['spec'].replicas === 0)
            return false;
        await this.platform.cluster.request({
            method: 'PATCH',
            path: `${this.deploymentPath(colour)}/scale?fieldManager=gray-release`,
            contentType: 'application/merge-patch+json',
            body: { spec: { replicas: 0 } },
        });
        return true;
    }
}
/** Deployments, their pods and endpoints. */
export function workloads(options) {
    return (platform) => new KubernetesWorkloads(options, platform);
}
