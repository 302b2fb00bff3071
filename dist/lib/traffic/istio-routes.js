import { ReleaseError } from "../errors.js";
import { fieldsOf, listOf } from "./own-rules.js";
import { describeObject } from "./routed-object.js";
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
const PROTOCOLS = ['http', 'tcp', 'tls'];
/** The routes of an object, each at its place; what is none has no destinations. */
function rulesOf(object) {
    const spec = fieldsOf(object['spec']);
    return PROTOCOLS.flatMap((protocol) => listOf(spec[protocol]).map((one, index) => {
        const { name, match, route } = fieldsOf(one);
        return {
            protocol,
            index,
            written: fieldsOf(one),
            ...(typeof name === 'string' && { name }),
            match: listOf(match).map((each) => fieldsOf(each)),
            route: listOf(route).map(toDestination),
        };
    }));
}
/** A route that takes every request: whatever stands below it is never asked. */
function takesAll({ protocol, match }) {
    if (protocol === 'tls')
        return false;
    return match.length === 0 || match.some((one) => Object.keys(one).join() === 'uri' && one.uri?.prefix === '/');
}
const labelOf = ({ protocol, name, index }) => name ?? `${protocol === 'http' ? '' : protocol}#${index}`;
/** Where each colour stands in a route. @throws ReleaseError ROUTE_NOT_FOUND when one stands there twice */
function placesOf(object, rule, targets, domain) {
    const namespace = object.metadata.namespace ?? 'default';
    const places = {};
    for (const target of targets) {
        const found = rule.route.flatMap(({ destination }, place) => {
            const host = resolveHost(destination?.host ?? '', namespace, domain);
            return host === target.host && (destination?.subset ?? null) === target.subset ? [place] : [];
        });
        if (found.length > 1) {
            const name = target.subset === null ? target.host : `${target.host} subset ${target.subset}`;
            throw new ReleaseError('ROUTE_NOT_FOUND', `${describeObject(object)}: route ${labelOf(rule)} names ${name} ${found.length} times`, { hint: 'a colour must stand once in a route, else its weight has no single place' });
        }
        places[target.colour] = found[0] ?? -1;
    }
    return places;
}
function toList({ protocol, index, route }, places, targets) {
    return {
        path: `/spec/${protocol}/${index}/route`,
        // A single destination takes everything whatever its weight says; one of several without a weight takes nothing.
        weights: route.map(({ weight }) => (route.length === 1 ? 100 : (weight ?? 0))),
        written: route.map(({ weight }) => weight ?? null),
        places,
        entry: (colour) => {
            const sibling = route[Math.max(...Object.values(places))]?.destination;
            const target = targets.find((one) => one.colour === colour);
            if (target === undefined)
                return {};
            const { subset, writtenHost } = target;
            return { destination: { ...sibling, ...(subset === null ? { host: writtenHost } : { subset }) } };
        },
    };
}
/**
 * The routes of a VirtualService that share requests between our two colours.
 *
 * @param names the routes to move; null for every reachable one that names both colours, or names one of them and
 *   takes every request
 * @throws ReleaseError ROUTE_NOT_FOUND when a colour stands twice in one route
 */
export function findRoutes(object, targets, names, domain) {
    const lists = [];
    const managed = [];
    const unreachable = [];
    const covered = new Set();
    let port = null;
    for (const rule of rulesOf(object)) {
        const places = placesOf(object, rule, targets, domain);
        const present = Object.values(places).filter((place) => place >= 0);
        const isDefault = takesAll(rule);
        const isWanted = names === null
            ? present.length === targets.length || (present.length > 0 && isDefault)
            : names.includes(rule.name ?? '') && present.length > 0;
        if (isWanted && covered.has(rule.protocol))
            unreachable.push(labelOf(rule));
        else if (isWanted) {
            lists.push(toList(rule, places, targets));
            if (rule.protocol === 'http')
                managed.push({ index: rule.index, written: rule.written });
            for (const place of present)
                port ??= rule.route[place]?.destination?.port?.number ?? null;
        }
        if (isDefault)
            covered.add(rule.protocol);
    }
    return { lists, managed, unreachable, port };
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
    return rulesOf(object).some(({ route }) => route.some(({ destination }) => destination?.subset === undefined &&
        resolveHost(destination?.host ?? '', object.metadata.namespace ?? 'default', domain) === host));
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
