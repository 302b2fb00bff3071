import { contains, fieldsOf, listOf, OwnRules, without } from "./own-rules.js";
import { WeightEditor } from "./weights.js";
/** Both conditions at once: a request must satisfy the rule's own and the audience's. */
function both(own, { name, value }) {
    const others = listOf(own['headers']).filter((one) => fieldsOf(one)['name'] !== name);
    return { ...own, headers: [...others, { name, value }] };
}
const isMirror = (filter) => fieldsOf(filter)['type'] === 'RequestMirror';
/**
 * An HTTPRoute or GRPCRoute with our weights. An audience is a rule of its own before each of ours, which goes away
 * again: its header makes it the more specific one. A mirror is one filter.
 */
export class GatewayView {
    own;
    backends;
    managed;
    weights;
    constructor(object, service, backends, managed) {
        const rules = listOf(fieldsOf(object['spec'])['rules']).map(fieldsOf);
        const [first = '', second = ''] = Object.keys(backends);
        this.own = new OwnRules('/spec/rules', rules, `gray-release-${service}-`);
        this.backends = backends;
        this.managed = managed;
        this.weights = new WeightEditor([first, second], managed.map(({ list }) => list));
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
    refOf({ list, written }, colour) {
        const place = list.places[colour] ?? -1;
        const found = place < 0 ? list.entry(colour) : fieldsOf(listOf(written['backendRefs'])[place]);
        return without(found, 'weight', 'filters');
    }
    /** The rules by which the audience of each of ours reaches the colour. */
    wantedRules({ match }, colour) {
        const asked = match.length === 0 ? [] : this.managed;
        return new Map(asked.map((one, place) => {
            const own = listOf(one.written['matches']).map(fieldsOf);
            const matches = (own.length === 0 ? [{}] : own).flatMap((each) => match.map((more) => both(each, more)));
            const kept = listOf(one.written['filters']).filter((filter) => !this.isOurMirror(filter));
            const rule = {
                ...one.written,
                name: this.own.nameOf(place),
                matches,
                ...(one.written['filters'] !== undefined && kept.length > 0 && { filters: kept }),
                backendRefs: [{ ...this.refOf(one, colour), weight: 1 }],
            };
            return [one.index, rule];
        }));
    }
    /** One to a colour of this service. */
    isOurMirror(filter) {
        const { backendRef } = fieldsOf(fieldsOf(filter)['requestMirror']);
        return isMirror(filter) && Object.values(this.backends).includes(String(fieldsOf(backendRef)['name']));
    }
    /** The filters of a rule as they are to be. */
    wantedFilters(one, { mirror }, colour) {
        const others = listOf(one.written['filters']).filter((filter) => !this.isOurMirror(filter));
        if (mirror === 0)
            return others;
        const backendRef = this.refOf(one, colour);
        return [...others, { type: 'RequestMirror', requestMirror: { backendRef, percent: mirror } }];
    }
    serves(audience, colour) {
        if (!this.own.are(this.wantedRules(audience, colour)))
            return false;
        return this.managed.every((one) => contains(listOf(one.written['filters']), this.wantedFilters(one, audience, colour)));
    }
    mirrorPatch(audience, colour) {
        return this.managed.flatMap((one) => {
            const wanted = this.wantedFilters(one, audience, colour);
            const path = `/spec/rules/${one.index}/filters`;
            if (contains(listOf(one.written['filters']), wanted))
                return [];
            return [wanted.length === 0 ? { op: 'remove', path } : { op: 'add', path, value: wanted }];
        });
    }
    patch(shares, audience) {
        const weights = this.weights.patch(shares);
        if (audience === null)
            return weights;
        const rules = this.own.patch(this.wantedRules(audience, audience.colour));
        return [...weights, ...this.mirrorPatch(audience, audience.colour), ...rules];
    }
}
