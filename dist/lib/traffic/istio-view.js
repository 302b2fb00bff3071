import { isDeepStrictEqual } from 'node:util';
import { hasAudience } from "../core/plan.js";
import { ReleaseError } from "../errors.js";
import { fieldsOf, listOf, OwnRules, without } from "./own-rules.js";
import { describeObject } from "./routed-object.js";
import { WeightEditor } from "./weights.js";
const escapedForRegex = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** A condition in Istio's words. @throws ReleaseError INVALID_CONFIG for words that are no JSON object */
function toIstio({ by, name, value }) {
    switch (by) {
        case 'header':
            return { headers: { [name]: { exact: value } } };
        case 'cookie':
            return { headers: { cookie: { regex: `^(.*;\\s*)?${escapedForRegex(name)}=${escapedForRegex(value)}(;.*)?$` } } };
        case 'custom':
            return fieldsOf(JSON.parse(value));
        default:
            return by;
    }
}
/** Both conditions at once: a request must satisfy the route's own and the audience's. */
function both(own, audience) {
    const headers = { ...fieldsOf(own['headers']), ...fieldsOf(audience['headers']) };
    return { ...own, ...audience, ...(Object.keys(headers).length > 0 && { headers }) };
}
/**
 * A VirtualService with our weights. An audience is a route of its own before each of ours, which goes away again;
 * a mirror is two fields of ours.
 */
export class IstioView {
    object;
    own;
    targets;
    managed;
    weights;
    constructor(object, service, targets, { lists, managed }) {
        this.object = object;
        const http = listOf(fieldsOf(object['spec'])['http']).map(fieldsOf);
        this.own = new OwnRules('/spec/http', http, `gray-release-${service}-`);
        this.targets = targets;
        this.managed = managed;
        this.weights = new WeightEditor([targets[0].colour, targets[1].colour], lists);
    }
    get isRouted() {
        return this.weights.isRouted;
    }
    shares() {
        return this.weights.shares();
    }
    has(shares) {
        return this.weights.has(shares);
    }
    /** Where the colour's requests go, as one of our routes writes it. */
    destinationOf({ written }, colour) {
        const target = this.targets.find((one) => one.colour === colour);
        const sibling = listOf(written['route'])
            .map((one) => fieldsOf(fieldsOf(one)['destination']))
            .find((one) => one['host'] !== undefined);
        const rest = without(sibling ?? {}, 'subset');
        if (target === undefined || target.subset === null)
            return { ...rest, host: target?.writtenHost ?? '' };
        return { ...rest, subset: target.subset };
    }
    /** The route by which the audience of one of our routes reaches the colour. */
    routeFor(route, place, match, colour) {
        const rest = without(route.written, 'mirror', 'mirrorPercentage');
        const own = listOf(rest['match']).map(fieldsOf);
        const asked = own.length === 0 ? [{}] : own;
        return {
            ...rest,
            name: this.own.nameOf(place),
            match: asked.flatMap((one) => match.map((each) => both(one, toIstio(each)))),
            route: [{ destination: this.destinationOf(route, colour) }],
        };
    }
    wantedRoutes({ match }, colour) {
        const asked = match.length === 0 ? [] : this.managed;
        return new Map(asked.map((one, place) => [one.index, this.routeFor(one, place, match, colour)]));
    }
    mirrorFor(route, percent, colour) {
        return percent === 0 ? {} : { mirror: this.destinationOf(route, colour), mirrorPercentage: { value: percent } };
    }
    /** The mirror of one of our routes, when it is ours: one to a colour of this service. */
    mirrorOf({ written }) {
        const { mirror, mirrorPercentage } = written;
        if (mirror === undefined)
            return {};
        return { mirror, ...(mirrorPercentage !== undefined && { mirrorPercentage }) };
    }
    isMirrorOurs(route) {
        const mirror = fieldsOf(route.written['mirror']);
        return this.targets.some(({ colour }) => isDeepStrictEqual(mirror, this.destinationOf(route, colour)));
    }
    serves(audience, colour) {
        if (!this.own.are(this.wantedRoutes(audience, colour)))
            return false;
        return this.managed.every((one) => {
            const wanted = this.mirrorFor(one, audience.mirror, colour);
            const isAnothers = audience.mirror === 0 && one.written['mirror'] !== undefined && !this.isMirrorOurs(one);
            return isAnothers || isDeepStrictEqual(this.mirrorOf(one), wanted);
        });
    }
    mirrorPatch(audience, colour) {
        return this.managed.flatMap((one) => {
            const { written, index } = one;
            const isAnothers = written['mirrors'] !== undefined || (written['mirror'] !== undefined && !this.isMirrorOurs(one));
            if (isAnothers) {
                if (audience.mirror === 0)
                    return [];
                throw new ReleaseError('UNSUPPORTED_PLAN', `${describeObject(this.object)}: route #${index} mirrors its requests elsewhere already`, { hint: 'Istio allows one mirror in a route; take it away for the release, or leave out the mirror stage' });
            }
            const wanted = this.mirrorFor(one, audience.mirror, colour);
            const found = this.mirrorOf(one);
            return ['mirror', 'mirrorPercentage'].flatMap((field) => {
                const path = `/spec/http/${index}/${field}`;
                if (isDeepStrictEqual(found[field], wanted[field]))
                    return [];
                return [wanted[field] === undefined ? { op: 'remove', path } : { op: 'add', path, value: wanted[field] }];
            });
        });
    }
    patch(shares, audience) {
        const weights = this.weights.patch(shares);
        if (audience === null)
            return weights;
        if (hasAudience(audience) && this.managed.length === 0) {
            throw new ReleaseError('UNSUPPORTED_PLAN', `${describeObject(this.object)} shares connections (tcp or tls), which have no headers and no copies`, { hint: 'leave out match and mirror, or share requests by an http route' });
        }
        return [
            ...weights,
            ...this.mirrorPatch(audience, audience.colour),
            ...this.own.patch(this.wantedRoutes(audience, audience.colour)),
        ];
    }
}
