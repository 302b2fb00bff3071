import { splitWeights } from "../core/shares.js";
/** Our weights in one or more lists of an object: read as shares, written as the smallest patch. */
export class WeightEditor {
    colours;
    lists;
    constructor(colours, lists) {
        this.colours = colours;
        this.lists = lists;
    }
    get isRouted() {
        return this.lists.length > 0;
    }
    /** Our destinations' sum today, which is what foreign destinations leave us. */
    room({ weights, places }) {
        const ours = Object.values(places).filter((place) => place >= 0);
        if (weights.length === ours.length)
            return 100;
        return ours.reduce((sum, place) => sum + (weights[place] ?? 0), 0);
    }
    weightOf({ weights, places }, colour) {
        const place = places[colour] ?? -1;
        return place < 0 ? 0 : (weights[place] ?? 0);
    }
    sharesOf(one) {
        const [first, second] = this.colours;
        const [a, b] = [this.weightOf(one, first), this.weightOf(one, second)];
        if (a + b <= 0 || a < 0 || b < 0)
            return null;
        const share = Math.round((b * 100) / (a + b));
        return { [first]: 100 - share, [second]: share };
    }
    shares() {
        const all = this.lists.map((one) => this.sharesOf(one));
        const [first] = all;
        if (first === undefined || first === null)
            return null;
        const agree = all.every((one) => one !== null && Object.keys(first).every((key) => one[key] === first[key]));
        return agree ? first : null;
    }
    /** The weight each colour gets in a list when `shares` are written. */
    wanted(one, shares) {
        const [first, second] = this.colours;
        const [a, b] = splitWeights(this.room(one), shares[second] ?? 0);
        return [
            [first, a],
            [second, b],
        ];
    }
    has(shares) {
        return this.isRouted && this.lists.every((one) => this.isSplit(one, shares));
    }
    /** Where all of a list is ours, 1 and 0 are the same split as 100 and 0. */
    isSplit(one, shares) {
        const wanted = this.wanted(one, shares);
        if (wanted.every(([colour, weight]) => this.weightOf(one, colour) === weight))
            return true;
        const sum = this.colours.reduce((all, colour) => all + this.weightOf(one, colour), 0);
        const isAllOurs = one.weights.length === this.placed(one);
        return isAllOurs && sum > 0 && wanted.every(([colour, weight]) => this.weightOf(one, colour) * 100 === weight * sum);
    }
    placed({ places }) {
        return Object.values(places).filter((place) => place >= 0).length;
    }
    patch(shares) {
        return this.lists.flatMap((one) => {
            const changed = [];
            const appended = [];
            for (const [colour, weight] of this.wanted(one, shares)) {
                const place = one.places[colour] ?? -1;
                if (place < 0) {
                    // Both keep their place in the list for ever: an entry with weight 0 is the way back.
                    if (weight > 0)
                        appended.push({ op: 'add', path: `${one.path}/-`, value: { ...one.entry(colour), weight } });
                }
                else if (one.written[place] !== weight && !(one.weights.length === 1 && weight === 100)) {
                    // "add", because a weight that is not there cannot be replaced.
                    changed.push({ op: 'add', path: `${one.path}/${place}/weight`, value: weight });
                }
            }
            return [...changed, ...appended];
        });
    }
}
