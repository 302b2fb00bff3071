import { splitWeights } from "../core/shares.js";
import { ReleaseError } from "../errors.js";
/**
 * A host as Istio sees it: without a dot it is a Service of the object's own namespace, with any dot it is literal.
 *
 *     resolveHost('address', 'shop', 'cluster.local')      → 'address.shop.svc.cluster.local'
 *     resolveHost('address.shop', 'shop', 'cluster.local') → 'address.shop'   no such cluster: requests fail
 */
export function resolveHost(host, namespace, domain) {
    if (host === '*' || host.includes('.') || host.includes(':'))
        return host;
    return `${host}.${namespace}.svc.${domain}`;
}
const fieldsOf = (value) => (typeof value === 'object' && value !== null ? value : {});
const listOf = (value) => (Array.isArray(value) ? value : []);
/** What an older CRD let through is taken for what is not there. */
function toDestination(value) {
    const { destination, weight } = fieldsOf(value);
    const { host, subset, port, ...rest } = fieldsOf(destination);
    const { number } = fieldsOf(port);
    return {
        destination: {
            ...rest,
            ...(typeof host === 'string' && { host }),
            ...(typeof subset === 'string' && { subset }),
            ...(typeof number === 'number' && { port: { number } }),
        },
        ...(typeof weight === 'number' && { weight }),
    };
}
/** The http routes of an object, each at its place; what is none has no destinations. */
function httpRoutes(object) {
    return listOf(fieldsOf(object['spec'])['http']).map((one) => {
        const { name, match, route } = fieldsOf(one);
        return {
            ...(typeof name === 'string' && { name }),
            match: listOf(match).map((each) => fieldsOf(each)),
            route: listOf(route).map(toDestination),
        };
    });
}
/** A route that takes every request: whatever stands below it is never asked. */
function takesAll(route) {
    const match = route.match ?? [];
    return match.length === 0 || match.some((one) => Object.keys(one).join() === 'uri' && one.uri?.prefix === '/');
}
/** The routes of a VirtualService that share requests between our two colours. */
export class RouteEditor {
    object;
    managed;
    /** Routes of ours below one that takes every request. */
    unreachable;
    targets;
    /**
     * @param names the routes to move; null for every reachable one that names both colours, or names one of them and
     *   takes every request
     * @throws ReleaseError ROUTE_NOT_FOUND when a colour stands twice in one route
     */
    constructor(object, targets, names, domain) {
        this.object = object;
        this.targets = targets;
        const namespace = object.metadata.namespace ?? 'default';
        const managed = [];
        const unreachable = [];
        let covered = false;
        for (const [index, http] of httpRoutes(object).entries()) {
            const { route = [] } = http;
            const label = http.name ?? `#${index}`;
            const places = {};
            for (const target of targets) {
                const found = route.flatMap((one, place) => {
                    const host = resolveHost(one.destination?.host ?? '', namespace, domain);
                    return host === target.host && one.destination?.subset === target.subset ? [place] : [];
                });
                if (found.length > 1) {
                    throw new ReleaseError('ROUTE_NOT_FOUND', `${describeObject(object)}: route ${label} names ${target.host} subset ${target.subset} ${found.length} times`, { hint: 'a colour must stand once in a route, else its weight has no single place' });
                }
                places[target.colour] = found[0] ?? -1;
            }
            const present = targets.filter((target) => (places[target.colour] ?? -1) >= 0).length;
            const isDefault = takesAll(http);
            const wanted = names === null
                ? present === targets.length || (present > 0 && isDefault)
                : names.includes(http.name ?? '') && present > 0;
            if (wanted && covered)
                unreachable.push(label);
            else if (wanted)
                managed.push({ index, label, route, places });
            covered ||= isDefault;
        }
        this.managed = managed;
        this.unreachable = unreachable;
    }
    /** Our destinations' sum today, which is what foreign destinations leave us. */
    room(one) {
        const ours = Object.values(one.places).filter((place) => place >= 0);
        if (one.route.length === ours.length)
            return 100;
        return ours.reduce((sum, place) => sum + (one.route[place]?.weight ?? 0), 0);
    }
    weightOf(one, colour) {
        const place = one.places[colour] ?? -1;
        if (place < 0)
            return 0;
        // A single destination takes everything whatever its weight says.
        return one.route.length === 1 ? 100 : (one.route[place]?.weight ?? 0);
    }
    sharesOf(one) {
        const weights = this.targets.map((target) => this.weightOf(one, target.colour));
        const sum = weights.reduce((a, b) => a + b, 0);
        if (sum <= 0 || weights.some((weight) => weight < 0))
            return null;
        const [first, second] = this.targets;
        if (first === undefined || second === undefined)
            return null;
        const share = Math.round(((weights[1] ?? 0) * 100) / sum);
        return { [first.colour]: 100 - share, [second.colour]: share };
    }
    /** The shares all our routes have; null when they disagree or have none. */
    shares() {
        const all = this.managed.map((one) => this.sharesOf(one));
        const [first] = all;
        if (first === undefined || first === null)
            return null;
        const agree = all.every((one) => one !== null && Object.keys(first).every((key) => one[key] === first[key]));
        return agree ? first : null;
    }
    /** The weight each colour gets in a route when `shares` are written. */
    wanted(one, shares) {
        const [first, second] = this.targets;
        if (first === undefined || second === undefined)
            return new Map();
        const [a, b] = splitWeights(this.room(one), shares[second.colour] ?? 0);
        return new Map([
            [first.colour, a],
            [second.colour, b],
        ]);
    }
    /** Whether the weights are exactly those that writing `shares` gives. */
    has(shares) {
        return (this.managed.length > 0 &&
            this.managed.every((one) => {
                const wanted = this.wanted(one, shares);
                return this.targets.every(({ colour }) => this.weightOf(one, colour) === wanted.get(colour));
            }));
    }
    /** The smallest patch that gives `shares`: only our weights, and a destination where a colour has none yet. */
    patch(shares) {
        const operations = [];
        for (const one of this.managed) {
            const wanted = this.wanted(one, shares);
            let appended = false;
            for (const target of this.targets) {
                const place = one.places[target.colour] ?? -1;
                const weight = wanted.get(target.colour) ?? 0;
                if (place < 0) {
                    if (weight === 0)
                        continue;
                    const sibling = one.route[Math.max(...Object.values(one.places))]?.destination;
                    const destination = { ...sibling, subset: target.subset };
                    // Both keep their place in the list for ever: an entry with weight 0 is the way back.
                    operations.push({ op: 'add', path: `/spec/http/${one.index}/route/-`, value: { destination, weight } });
                    appended = true;
                }
                else if (one.route[place]?.weight !== weight && !(one.route.length === 1 && weight === 100)) {
                    // "add", because a weight that is not there cannot be replaced.
                    operations.push({ op: 'add', path: `/spec/http/${one.index}/route/${place}/weight`, value: weight });
                }
            }
            if (appended)
                operations.sort((a, b) => Number(a.path.endsWith('/-')) - Number(b.path.endsWith('/-')));
        }
        return operations;
    }
    /** The Service port our destinations name; null when they name none. */
    port() {
        for (const one of this.managed) {
            for (const place of Object.values(one.places)) {
                const number = place < 0 ? undefined : one.route[place]?.destination?.port?.number;
                if (number !== undefined)
                    return number;
            }
        }
        return null;
    }
}
/** An object for people: `VirtualService happyride/address-service-deployment`. */
export function describeObject(object) {
    return `${object.kind ?? 'VirtualService'} ${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;
}
/** The hosts an object claims, as Istio resolves them. */
export function hostsOf(object, domain) {
    const spec = object['spec'];
    const hosts = Array.isArray(spec?.hosts) ? spec.hosts.filter((host) => typeof host === 'string') : [];
    return hosts.map((host) => resolveHost(host, object.metadata.namespace ?? 'default', domain));
}
/** The gateways an object is bound to; without any it rules the mesh. */
export function gatewaysOf(object) {
    const spec = object['spec'];
    const gateways = Array.isArray(spec?.gateways) ? spec.gateways.filter((one) => typeof one === 'string') : [];
    return gateways.length === 0 ? ['mesh'] : gateways;
}
/** Whether some route of the object sends requests to the host without naming a subset, past any split. */
export function bypasses(object, host, domain) {
    return httpRoutes(object).some((http) => (http.route ?? []).some((one) => one.destination?.subset === undefined &&
        resolveHost(one.destination?.host ?? '', object.metadata.namespace ?? 'default', domain) === host));
}
/** Other VirtualServices that get in the way of ours: for the same host, or past its split. */
export function neighbours(ours, all, host, domain) {
    const findings = [];
    const isMesh = (object) => gatewaysOf(object).includes('mesh');
    const age = (object) => object.metadata.creationTimestamp ?? '';
    for (const other of all) {
        if (other.metadata.name === ours.metadata.name)
            continue;
        const shared = hostsOf(other, domain).filter((one) => hostsOf(ours, domain).includes(one));
        if (shared.length > 0 && isMesh(other) && isMesh(ours)) {
            const wins = age(other) < age(ours);
            findings.push({
                level: wins ? 'refuse' : 'warn',
                message: `${describeObject(other)} has the same host ${shared.join(', ')} as ${describeObject(ours)}; Istio obeys only the older, ${wins ? other.metadata.name : ours.metadata.name}`,
                hint: 'merge or remove one of them',
            });
        }
        if (bypasses(other, host, domain)) {
            findings.push({
                level: 'warn',
                message: `${describeObject(other)} routes to ${host} without a subset: its requests bypass the split`,
                hint: 'both colours serve them as soon as their pods are ready',
            });
        }
    }
    return findings;
}
/** A VirtualService and a DestinationRule that would do, ready to paste. */
export function examplePair(host, service, namespace, subsets) {
    const head = (kind) => [
        'apiVersion: networking.istio.io/v1',
        `kind: ${kind}`,
        `metadata: {name: ${service}, namespace: ${namespace}}`,
        'spec:',
    ];
    return [
        ...head('DestinationRule'),
        `  host: ${host}`,
        '  subsets:   # labels that tell the pods of the colours apart',
        ...subsets.map((subset) => `  - {name: ${subset}, labels: {version: ${subset}}}`),
        '---',
        ...head('VirtualService'),
        `  hosts: [${host}]`,
        '  http:',
        '  - route:',
        ...subsets.map((subset, index) => `    - {destination: {host: ${host}, subset: ${subset}}, weight: ${index === 0 ? 100 : 0}}`),
    ].join('\n');
}
