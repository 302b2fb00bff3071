import http from 'node:http';
const BUCKETS_MS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
const READY_AFTER_MS = 1500;
/** What a mesh needs between a write and the first request that obeys it (istiod's debounce). */
const PROPAGATION_MS = 110;
const MOST_IN_FLIGHT = 400;
const ERROR_SHARE = 0.2;
const SLOWER_MS = 250;
const LEAK_PER_MINUTE = 0.05;
/** Deployments become real HTTP servers; a router that follows the VirtualService's weights sends real requests to them. */
export class SandboxMesh {
    /** Faults by Deployment. */
    faults = new Map();
    /** Requests answered, by Deployment and status code. */
    served = new Map();
    pods = new Map();
    templates = new Map();
    api;
    metrics;
    options;
    agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    router;
    timers = new Set();
    faultSince = new Map();
    address = '';
    obeyed = null;
    inFlight = 0;
    serial = 0;
    closed = false;
    constructor(api, metrics, options) {
        this.api = api;
        this.metrics = metrics;
        this.options = options;
        this.router = http.createServer((request, response) => {
            this.forward(request, response);
        });
        api.onChange((type, object) => {
            if (object.metadata.namespace !== options.namespace)
                return;
            if (object.kind === 'Deployment' && type !== 'DELETED')
                this.reconcile(object);
            if (object.kind === 'Service')
                this.publishEndpoints();
            if (object.kind === 'VirtualService' && type !== 'DELETED')
                this.later(PROPAGATION_MS, () => {
                    this.obey(object);
                });
        });
    }
    async listen() {
        await new Promise((resolve) => this.router.listen(0, '127.0.0.1', resolve));
        const address = this.router.address();
        this.address = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    }
    close() {
        this.closed = true;
        for (const timer of this.timers)
            clearTimeout(timer);
        for (const pod of this.pods.values()) {
            pod.server.closeAllConnections();
            pod.server.close();
        }
        this.agent.destroy();
        this.router.closeAllConnections();
        this.router.close();
    }
    /** Open-loop load of `rps` requests per second of sandbox time, until `close`; scrapes every `scrapeMs`. */
    load(rps, scrapeMs) {
        const tickMs = 20;
        let owed = 0;
        let last = performance.now();
        const timer = setInterval(() => {
            const now = performance.now();
            owed += ((now - last) / 1000) * rps * this.options.speed;
            last = now;
            for (; owed >= 1; owed -= 1)
                this.call();
        }, tickMs);
        const scraper = setInterval(() => {
            this.metrics.scrape();
        }, scrapeMs / this.options.speed);
        this.timers.add(timer).add(scraper);
    }
    later(lengthMs, action) {
        const timer = setTimeout(() => {
            this.timers.delete(timer);
            if (!this.closed)
                action();
        }, lengthMs / this.options.speed);
        this.timers.add(timer);
    }
    call() {
        if (this.inFlight >= MOST_IN_FLIGHT)
            return;
        this.inFlight += 1;
        const done = () => void (this.inFlight -= 1);
        const request = http.get(this.address, { agent: this.agent }, (response) => {
            response.resume();
            response.on('close', done);
        });
        request.on('error', done);
    }
    /** Like istiod: a route whose weights make no sense is not taken over, the old split stays. */
    obey(object) {
        const rules = rulesOf(object);
        const isValid = rules.every(({ route = [] }) => {
            const weights = route.map((one) => one.weight ?? 0);
            return weights.every((weight) => weight >= 0) && (route.length < 2 || weights.some((weight) => weight > 0));
        });
        if (isValid && (this.obeyed === null || this.obeyed.metadata.name === object.metadata.name))
            this.obeyed = object;
    }
    // ── Deployments ────────────────────────────────────────────────────────────────────────────────────────────────
    reconcile(object) {
        const { name } = object.metadata;
        const spec = (object.spec ?? {});
        const replicas = spec.replicas ?? 1;
        const template = JSON.stringify([spec.template, replicas]);
        if (this.templates.get(name) === template)
            return;
        const isNew = !this.templates.has(name);
        this.templates.set(name, template);
        const revision = Number(object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0) + 1;
        for (const pod of [...this.pods.values()].filter((one) => one.deployment === name))
            this.stop(pod);
        for (let index = 0; index < replicas; index += 1)
            void this.start(name, spec.template ?? {});
        this.api.put('Deployment', {
            ...object,
            metadata: {
                ...object.metadata,
                annotations: { ...object.metadata.annotations, 'deployment.kubernetes.io/revision': String(revision) },
            },
        });
        this.report(name);
        this.later(isNew ? READY_AFTER_MS : READY_AFTER_MS * 2, () => {
            this.report(name);
        });
    }
    async start(deployment, template) {
        this.serial += 1;
        const name = `${deployment}-${this.serial.toString(36).padStart(5, '0')}`;
        const labels = template.metadata?.labels ?? {};
        const server = http.createServer((_request, response) => {
            this.respond(deployment, response);
        });
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        const address = server.address();
        const port = typeof address === 'object' && address !== null ? address.port : 0;
        const pod = { name, deployment, server, port, labels, ready: false };
        this.pods.set(name, pod);
        this.publishPod(pod, 'ContainerCreating');
        if (this.closed)
            this.stop(pod);
        this.later(READY_AFTER_MS, () => {
            if (!this.pods.has(name))
                return;
            pod.ready = this.faults.get(deployment)?.kind !== 'never-ready';
            this.publishPod(pod, pod.ready ? '' : 'CrashLoopBackOff');
            this.publishEndpoints();
            this.report(deployment);
        });
    }
    stop(pod) {
        this.pods.delete(pod.name);
        pod.server.closeAllConnections();
        pod.server.close();
        this.api.remove('Pod', this.options.namespace, pod.name);
        this.publishEndpoints();
    }
    publishPod(pod, waiting) {
        const state = waiting === '' ? { running: {} } : { waiting: { reason: waiting } };
        this.api.put('Pod', {
            apiVersion: 'v1',
            metadata: { name: pod.name, namespace: this.options.namespace, labels: { ...pod.labels } },
            status: {
                phase: 'Running',
                podIP: '10.44.0.1',
                conditions: [{ type: 'Ready', status: pod.ready ? 'True' : 'False' }],
                containerStatuses: [{ name: 'app', ready: pod.ready, restartCount: 0, state }],
            },
        });
    }
    report(deployment) {
        const object = this.api.find('Deployment', this.options.namespace, deployment);
        if (object === undefined)
            return;
        const ready = [...this.pods.values()].filter((pod) => pod.deployment === deployment && pod.ready).length;
        const replicas = object.spec?.replicas ?? 1;
        const status = {
            observedGeneration: object.metadata.generation,
            replicas,
            updatedReplicas: replicas,
            readyReplicas: ready,
            availableReplicas: ready,
        };
        this.api.put('Deployment', { ...object, status });
    }
    publishEndpoints() {
        const { namespace } = this.options;
        for (const service of this.api.list('Service', namespace)) {
            const spec = service.spec;
            const pods = this.podsWith(spec?.selector ?? {});
            this.api.put('EndpointSlice', {
                apiVersion: 'discovery.k8s.io/v1',
                metadata: {
                    name: `${service.metadata.name}-1`,
                    namespace,
                    labels: { 'kubernetes.io/service-name': service.metadata.name },
                },
                endpoints: pods.map((pod) => ({
                    conditions: { ready: pod.ready },
                    targetRef: { kind: 'Pod', name: pod.name },
                })),
                ports: (spec?.ports ?? []).map(({ name, port }) => ({ name, port })),
            });
        }
    }
    podsWith(labels) {
        return [...this.pods.values()].filter((pod) => Object.entries(labels).every(([name, value]) => pod.labels[name] === value));
    }
    // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────
    /** Whether the Deployment's fault has begun: its colour has had the weight once. */
    faultOf(deployment) {
        const fault = this.faults.get(deployment);
        if (fault === undefined || fault.kind === 'none')
            return { kind: 'none', forMs: 0 };
        const since = this.faultSince.get(deployment);
        if (since !== undefined)
            return { kind: fault.kind, forMs: this.options.now() - since };
        if (this.weightOf(deployment) < fault.at)
            return { kind: 'none', forMs: 0 };
        this.faultSince.set(deployment, this.options.now());
        if (fault.kind === 'crash')
            this.crash(deployment);
        return { kind: fault.kind, forMs: 0 };
    }
    crash(deployment) {
        const crashed = [...this.pods.values()].filter((pod) => pod.deployment === deployment);
        for (const pod of crashed) {
            pod.server.closeAllConnections();
            pod.server.close();
        }
        // For a moment the endpoints still name the dead pods, as they do until the probe has failed.
        this.later(2000, () => {
            for (const pod of crashed) {
                pod.ready = false;
                this.publishPod(pod, 'CrashLoopBackOff');
            }
            this.publishEndpoints();
            this.report(deployment);
        });
    }
    weightOf(deployment) {
        const labels = [...this.pods.values()].find((pod) => pod.deployment === deployment)?.labels ?? {};
        let most = 0;
        for (const { route = [], match } of this.obeyed === null ? [] : rulesOf(this.obeyed)) {
            if (match !== undefined && match.length > 0)
                continue;
            for (const one of route) {
                const wanted = this.subsetLabels(one) ?? {};
                const isOurs = Object.entries(wanted).every(([name, value]) => labels[name] === value);
                if (isOurs)
                    most = Math.max(most, route.length === 1 ? 100 : (one.weight ?? 0));
            }
        }
        return most;
    }
    respond(deployment, response) {
        const { kind, forMs } = this.faultOf(deployment);
        const errorShare = kind === 'errors' ? ERROR_SHARE : kind === 'leak' ? (forMs / 60_000) * LEAK_PER_MINUTE : 0.002;
        const delayMs = 1 + -Math.log(1 - Math.random()) * 3 + (kind === 'latency' ? SLOWER_MS : 0);
        setTimeout(() => {
            response.writeHead(Math.random() < errorShare ? 500 : 200);
            response.end('ok');
        }, delayMs);
    }
    subsetLabels(one) {
        const subset = one.destination?.subset;
        if (subset === undefined)
            return {};
        for (const rule of this.api.list('DestinationRule', this.options.namespace)) {
            const subsets = (rule.spec?.['subsets'] ?? []);
            const found = subsets.find((entry) => entry.name === subset);
            if (found !== undefined)
                return found.labels ?? {};
        }
        return undefined;
    }
    choose(request) {
        const rules = this.obeyed === null ? [] : rulesOf(this.obeyed);
        const rule = rules.find(({ match }) => match === undefined || match.length === 0
            ? true
            : match.some((one) => {
                const headers = Object.entries(one.headers ?? {});
                const prefix = one.uri?.prefix ?? '';
                return (headers.every(([name, { exact }]) => request.headers[name.toLowerCase()] === exact) &&
                    (request.url ?? '/').startsWith(prefix));
            }));
        const route = rule?.route ?? [];
        if (route.length < 2)
            return route[0];
        let left = Math.random() * route.reduce((sum, one) => sum + (one.weight ?? 0), 0);
        return route.find((one) => (left -= one.weight ?? 0) < 0);
    }
    forward(request, response) {
        const begun = performance.now();
        const destination = this.choose(request);
        const service = this.api.find('Service', this.options.namespace, this.options.service);
        const selector = service?.spec?.selector ?? {};
        const labels = destination === undefined ? undefined : this.subsetLabels(destination);
        const end = (workload, code, flags) => {
            this.record(workload, code, flags, performance.now() - begun);
            response.writeHead(code, { 'x-workload': workload });
            response.end();
        };
        if (labels === undefined) {
            end('unknown', 503, 'NC');
            return;
        }
        const ready = this.podsWith({ ...selector, ...labels }).filter((pod) => pod.ready);
        const pod = ready[Math.floor(Math.random() * ready.length)];
        if (pod === undefined) {
            end('unknown', 503, 'UH');
            return;
        }
        const upstream = http.get({ host: '127.0.0.1', port: pod.port, agent: this.agent }, (answer) => {
            answer.resume();
            answer.on('end', () => {
                end(pod.deployment, answer.statusCode ?? 500, '-');
            });
        });
        upstream.on('error', () => {
            end(pod.deployment, 503, 'UF');
        });
    }
    record(workload, code, flags, tookMs) {
        const { namespace, service } = this.options;
        const labels = {
            reporter: 'source',
            destination_workload: workload,
            destination_workload_namespace: workload === 'unknown' ? 'unknown' : namespace,
            destination_service_name: service,
            destination_service_namespace: namespace,
            response_code: String(code),
            response_flags: flags,
        };
        this.metrics.add('istio_requests_total', labels, 1);
        const key = `${workload} ${code}`;
        this.served.set(key, (this.served.get(key) ?? 0) + 1);
        for (const bound of BUCKETS_MS) {
            this.metrics.add('istio_request_duration_milliseconds_bucket', { ...labels, le: String(bound) }, tookMs <= bound ? 1 : 0);
        }
        this.metrics.add('istio_request_duration_milliseconds_bucket', { ...labels, le: '+Inf' }, 1);
    }
}
function rulesOf(object) {
    const rules = object.spec?.['http'];
    return Array.isArray(rules) ? rules : [];
}
