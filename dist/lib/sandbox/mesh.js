import http from 'node:http';
import { listenOnLoopback } from "./listen.js";
import { SandboxTimers } from "./timers.js";
import { SandboxPods } from "./pods.js";
const BUCKETS_MS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
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
    pods;
    api;
    metrics;
    options;
    agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    router;
    timers;
    faultSince = new Map();
    address = '';
    obeyed = null;
    inFlight = 0;
    constructor(api, metrics, options) {
        this.api = api;
        this.metrics = metrics;
        this.options = options;
        this.timers = new SandboxTimers(options.speed);
        this.pods = new SandboxPods(api, {
            namespace: options.namespace,
            speed: options.speed,
            respond: (deployment, response) => {
                this.respond(deployment, response);
            },
            isNeverReady: (deployment) => this.faults.get(deployment)?.kind === 'never-ready',
        });
        this.router = http.createServer((request, response) => {
            this.forward(request, response);
        });
        api.onChange((type, object) => {
            if (object.metadata.namespace !== options.namespace)
                return;
            if (object.kind === 'VirtualService' && type !== 'DELETED')
                this.timers.later(PROPAGATION_MS, () => {
                    this.obey(object);
                });
        });
    }
    async listen() {
        this.address = (await listenOnLoopback(this.router)).url;
    }
    close() {
        this.timers.close();
        this.pods.close();
        this.agent.destroy();
        this.router.closeAllConnections();
        this.router.close();
    }
    /** Open-loop load of `rps` requests per second of sandbox time, until `close`; scrapes every `scrapeMs`. */
    load(rps, scrapeMs) {
        const tickMs = 20;
        let owed = 0;
        let last = performance.now();
        this.timers.every(tickMs, () => {
            const now = performance.now();
            owed += ((now - last) / 1000) * rps * this.options.speed;
            last = now;
            for (; owed >= 1; owed -= 1)
                this.call();
        });
        this.timers.every(scrapeMs / this.options.speed, () => {
            this.metrics.scrape();
        });
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
            this.pods.crash(deployment);
        return { kind: fault.kind, forMs: 0 };
    }
    weightOf(deployment) {
        const labels = this.pods.labelsOf(deployment);
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
        const ready = this.pods.with({ ...selector, ...labels }).filter((pod) => pod.ready);
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
