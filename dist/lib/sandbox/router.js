const NGINX = 'nginx.ingress.kubernetes.io';
const isMatch = (value, { exact, prefix, regex }) => {
    if (value === undefined)
        return false;
    if (exact !== undefined)
        return value === exact;
    if (prefix !== undefined)
        return value.startsWith(prefix);
    return regex !== undefined && new RegExp(`^(?:${regex})$`).test(value);
};
const headerOf = (request, name) => {
    const found = request.headers[name.toLowerCase()];
    return typeof found === 'string' ? found : undefined;
};
/** Where requests go, by the objects that say so: what a control plane makes of them. Reads nothing of the product. */
export class SandboxRouter {
    api;
    namespace;
    service;
    constructor(api, namespace, service) {
        this.api = api;
        this.namespace = namespace;
        this.service = service;
    }
    /** The rules of the newest objects; null when they make no sense, and the old ones stay. */
    rules() {
        const [route] = this.api.list('VirtualService', this.namespace);
        if (route !== undefined)
            return this.istio(route);
        const gateway = [...this.api.list('HTTPRoute', this.namespace), ...this.api.list('GRPCRoute', this.namespace)][0];
        if (gateway !== undefined)
            return this.gateway(gateway);
        const ingresses = this.api.list('Ingress', this.namespace);
        if (ingresses.length > 0)
            return this.nginx(ingresses);
        const all = { service: this.service, labels: {}, weight: 1 };
        return [{ takes: () => true, isDefault: true, destinations: [all], mirror: null }];
    }
    subset({ host = '', subset }, weight) {
        const [service = ''] = host.split('.');
        if (subset === undefined)
            return { service, labels: {}, weight };
        for (const rule of this.api.list('DestinationRule', this.namespace)) {
            const subsets = (rule.spec?.['subsets'] ?? []);
            const found = subsets.find((entry) => entry.name === subset);
            if (found !== undefined)
                return { service, labels: found.labels ?? {}, weight };
        }
        return { service, labels: undefined, weight };
    }
    istio(object) {
        const http = object.spec?.['http'];
        const routes = Array.isArray(http) ? http : [];
        const isValid = routes.every(({ route = [] }) => {
            const weights = route.map((one) => one.weight ?? 0);
            return weights.every((weight) => weight >= 0) && (route.length < 2 || weights.some((weight) => weight > 0));
        });
        if (!isValid)
            return null;
        return routes.map(({ match = [], route = [], mirror, mirrorPercentage }) => ({
            isDefault: match.length === 0,
            takes: (request) => match.length === 0 ||
                match.some(({ headers = {}, uri }) => Object.entries(headers).every(([name, wanted]) => isMatch(headerOf(request, name), wanted)) &&
                    (uri === undefined || isMatch(request.url ?? '/', uri))),
            destinations: route.map((one) => this.subset(one.destination ?? {}, route.length === 1 ? 100 : (one.weight ?? 0))),
            mirror: mirror === undefined ? null : { to: this.subset(mirror, 100), percent: mirrorPercentage?.value ?? 100 },
        }));
    }
    /** The more a rule asks, the earlier it is asked. */
    gateway(object) {
        const rules = (object.spec?.['rules'] ?? []);
        const to = ({ name = '', weight = 1 }) => ({ service: name, labels: {}, weight });
        const asks = ({ matches = [] }) => Math.max(0, ...matches.map(({ headers = [] }) => headers.length));
        return [...rules]
            .sort((one, other) => asks(other) - asks(one))
            .map((rule) => {
            const mirror = rule.filters?.find(({ type }) => type === 'RequestMirror')?.requestMirror;
            return {
                isDefault: asks(rule) === 0,
                takes: (request) => (rule.matches ?? [{}]).some(({ headers = [], path }) => {
                    const isPath = (request.url ?? '/').startsWith(path?.value ?? '/');
                    return isPath && headers.every(({ name, value }) => headerOf(request, name) === value);
                }),
                destinations: (rule.backendRefs ?? []).map(to),
                mirror: mirror?.backendRef === undefined ? null : { to: to(mirror.backendRef), percent: mirror.percent ?? 100 },
            };
        });
    }
    nginx(ingresses) {
        const of = (ingress, name) => ingress.metadata.annotations?.[`${NGINX}/${name}`] ?? '';
        const serviceOf = (ingress) => (ingress.spec ?? {}).rules?.[0]?.http?.paths?.[0]?.backend?.service?.name ?? '';
        const canary = ingresses.find((one) => of(one, 'canary') === 'true');
        const main = ingresses.find((one) => of(one, 'canary') !== 'true');
        const to = (ingress, weight) => ({
            service: ingress === undefined ? this.service : serviceOf(ingress),
            labels: {},
            weight,
        });
        const weight = canary === undefined ? 0 : Number(of(canary, 'canary-weight'));
        const rest = {
            isDefault: true,
            takes: () => true,
            destinations: [to(main, 100 - weight), ...(canary === undefined ? [] : [to(canary, weight)])],
            mirror: null,
        };
        if (canary === undefined)
            return [rest];
        const header = of(canary, 'canary-by-header');
        const value = of(canary, 'canary-by-header-value') || 'always';
        const cookie = of(canary, 'canary-by-cookie');
        const isAudience = (request) => (header !== '' && headerOf(request, header) === value) ||
            (cookie !== '' && (headerOf(request, 'cookie') ?? '').split(/;\s*/).includes(`${cookie}=always`));
        return [{ isDefault: false, takes: isAudience, destinations: [to(canary, 100)], mirror: null }, rest];
    }
}
