import http from 'node:http';
import { listenOnLoopback } from "./listen.js";
import { SandboxTimers } from "./timers.js";
import { SandboxPods } from "./pods.js";
import { SandboxRouter } from "./router.js";
const BUCKETS_MS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
/** What a mesh needs between a write and the first request that obeys it (istiod's debounce). */
const PROPAGATION_MS = 110;
/** Objects that say where requests go. */
const ROUTES = new Set([
    'VirtualService',
    'DestinationRule',
    'HTTPRoute',
    'GRPCRoute',
    'Ingress',
    'Service',
]);
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
    routes;
    /** What the data plane has taken over. */
    obeyed = [];
    /** Of each call, in the order of the calls; a test of two versions has an audience. */
    headersOf = () => ({});
    /** Share of the answered requests that a Deployment turns into a success, for tests of two versions. */
    conversion = new Map();
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
        this.routes = new SandboxRouter(api, options.namespace, options.service);
        this.router = http.createServer((request, response) => {
            this.forward(request, response);
        });
        api.onChange((type, object) => {
            if (object.metadata.namespace !== options.namespace)
                return;
            if (ROUTES.has(object.kind) && type !== 'DELETED') {
                this.timers.later(PROPAGATION_MS, () => {
                    // Like istiod: a route whose weights make no sense is not taken over, the old split stays.
                    this.obeyed = this.routes.rules() ?? this.obeyed;
                });
            }
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
        const request = http.get(this.address, { agent: this.agent, headers: this.headersOf() }, (response) => {
            response.resume();
            response.on('close', done);
        });
        request.on('error', done);
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
    /** Percent of what nobody asks for in particular that goes to a Deployment. */
    weightOf(deployment) {
        const labels = this.pods.labelsOf(deployment);
        let most = 0;
        for (const { destinations, isDefault } of this.obeyed) {
            const sum = destinations.reduce((all, { weight }) => all + weight, 0);
            for (const one of isDefault ? destinations : []) {
                const wanted = { ...this.selectorOf(one.service), ...one.labels };
                const isOurs = Object.entries(wanted).every(([name, value]) => labels[name] === value);
                if (isOurs)
                    most = Math.max(most, (one.weight * 100) / Math.max(1, sum));
            }
        }
        return most;
    }
    selectorOf(service) {
        const object = this.api.find('Service', this.options.namespace, service);
        const { selector } = (object?.spec ?? {});
        // A Service that is not there has no pods.
        return selector ?? { 'no-such-service': service };
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
    readyPods({ service, labels }) {
        return this.pods.with({ ...this.selectorOf(service), ...labels }).filter((pod) => pod.ready);
    }
    ask(pod, service, isCopy, end) {
        const begun = performance.now();
        const ended = (code, flags) => {
            this.record('destination', service, pod.deployment, code, flags, performance.now() - begun);
            if (!isCopy)
                this.convert(pod.deployment, code);
            end(code, flags);
        };
        const upstream = http.get({ host: '127.0.0.1', port: pod.port, agent: this.agent }, (answer) => {
            answer.resume();
            answer.on('end', () => {
                ended(answer.statusCode ?? 500, '-');
            });
        });
        upstream.on('error', () => {
            end(503, 'UF');
        });
    }
    /** What a visitor does with an answer. */
    convert(deployment, code) {
        const labels = { workload: deployment, namespace: this.options.namespace };
        this.metrics.add('shop_visits_total', labels, 1);
        const isSuccess = code < 500 && Math.random() < (this.conversion.get(deployment) ?? 0.1);
        this.metrics.add('shop_orders_total', labels, isSuccess ? 1 : 0);
    }
    forward(request, response) {
        const begun = performance.now();
        const rule = this.obeyed.find(({ takes }) => takes(request));
        const destination = choose(rule?.destinations ?? []);
        const end = (workload, code, flags) => {
            const { service = this.options.service } = destination ?? {};
            this.record('source', service, workload, code, flags, performance.now() - begun);
            this.recordNginx(service, code, performance.now() - begun);
            const key = `${workload} ${code}`;
            this.served.set(key, (this.served.get(key) ?? 0) + 1);
            response.writeHead(code, { 'x-workload': workload });
            response.end();
        };
        if (destination?.labels === undefined) {
            end('unknown', 503, 'NC');
            return;
        }
        const copy = rule?.mirror ?? null;
        if (copy !== null && Math.random() * 100 < copy.percent) {
            const shadow = pick(this.readyPods(copy.to));
            if (shadow !== undefined)
                this.ask(shadow, copy.to.service, true, () => undefined);
        }
        const pod = pick(this.readyPods(destination));
        if (pod === undefined) {
            end('unknown', 503, 'UH');
            return;
        }
        this.ask(pod, destination.service, false, (code, flags) => {
            end(pod.deployment, code, flags);
        });
    }
    record(reporter, service, workload, code, flags, tookMs) {
        const { namespace } = this.options;
        const labels = {
            reporter,
            destination_workload: workload,
            destination_workload_namespace: workload === 'unknown' ? 'unknown' : namespace,
            destination_service_name: service,
            destination_service_namespace: namespace,
            response_code: String(code),
            response_flags: flags,
        };
        this.metrics.add('istio_requests_total', labels, 1);
        this.histogram('istio_request_duration_milliseconds_bucket', labels, BUCKETS_MS, tookMs);
    }
    histogram(name, labels, bounds, took) {
        for (const bound of bounds)
            this.metrics.add(name, { ...labels, le: String(bound) }, took <= bound ? 1 : 0);
        this.metrics.add(name, { ...labels, le: '+Inf' }, 1);
    }
    /** The controller's own counters: everything is the main Ingress's but the label `canary`. */
    recordNginx(service, code, tookMs) {
        const { namespace } = this.options;
        const ingresses = this.api.list('Ingress', namespace);
        if (ingresses.length === 0)
            return;
        const isCanary = (one) => one.metadata.annotations?.['nginx.ingress.kubernetes.io/canary'] === 'true';
        const canary = JSON.stringify(ingresses.find(isCanary)?.spec ?? {}).includes(`"name":"${service}"`);
        const ingress = ingresses.find((one) => !isCanary(one))?.metadata.name ?? '';
        const labels = {
            ...{ exported_namespace: namespace, ingress, exported_service: this.options.service },
            ...{ canary: canary ? `${namespace}-${service}-80` : '', status: String(code) },
        };
        this.metrics.add('nginx_ingress_controller_requests', labels, 1);
        const bounds = BUCKETS_MS.map((bound) => bound / 1000);
        this.histogram('nginx_ingress_controller_request_duration_seconds_bucket', labels, bounds, tookMs / 1000);
    }
}
function choose(destinations) {
    if (destinations.length < 2)
        return destinations[0];
    let left = Math.random() * destinations.reduce((sum, { weight }) => sum + weight, 0);
    return destinations.find(({ weight }) => (left -= weight) < 0);
}
function pick(of) {
    return of[Math.floor(Math.random() * of.length)];
}
