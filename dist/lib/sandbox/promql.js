/** A query the sandbox does not understand, or that is wrong. */
export class QueryError extends Error {
}
const TOKENS = /\s*(?:(\d+(?:\.\d+)?(?:ms|s|m|h|d)\b)|(\d+(?:\.\d+)?(?:e-?\d+)?)|([a-zA-Z_:][a-zA-Z0-9_:]*)|("(?:[^"\\]|\\.)*")|(=~|!~|!=|==|>=|<=|[-+*/(){}[\],=<>]))/y;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
function tokenize(query) {
    const tokens = [];
    const text = query.trim();
    TOKENS.lastIndex = 0;
    while (TOKENS.lastIndex < text.length) {
        const at = TOKENS.lastIndex;
        const found = TOKENS.exec(text);
        if (found === null)
            throw new QueryError(`unexpected character at ${at}: ${text.slice(at, at + 10)}`);
        tokens.push(found[0].trim());
    }
    return tokens;
}
/** A small part of PromQL: selectors, rate, increase, sum/min/max/avg by, histogram_quantile, arithmetic, or. */
class Evaluator {
    place = 0;
    tokens;
    at;
    series;
    constructor(tokens, at, series) {
        this.tokens = tokens;
        this.at = at;
        this.series = series;
    }
    run() {
        const result = this.either();
        if (this.place < this.tokens.length)
            throw new QueryError(`unexpected "${this.tokens[this.place] ?? ''}"`);
        return result;
    }
    take() {
        const token = this.tokens[this.place];
        if (token === undefined)
            throw new QueryError('unexpected end of input');
        this.place += 1;
        return token;
    }
    skip(token) {
        if (this.tokens[this.place] !== token)
            return false;
        this.place += 1;
        return true;
    }
    want(token) {
        if (!this.skip(token))
            throw new QueryError(`"${token}" expected, found "${this.tokens[this.place] ?? 'the end'}"`);
    }
    either() {
        let left = this.compared();
        while (this.skip('or')) {
            const right = this.compared();
            const list = toList(left);
            const keys = new Set(list.map(({ labels }) => JSON.stringify(labels)));
            left = [...list, ...toList(right).filter(({ labels }) => !keys.has(JSON.stringify(labels)))];
        }
        return left;
    }
    compared() {
        let left = this.sums();
        for (;;) {
            const operator = this.tokens[this.place] ?? '';
            if (!['>', '<', '>=', '<=', '==', '!='].includes(operator))
                return left;
            this.place += 1;
            const right = this.sums();
            const keep = (a, b) => operator === '>'
                ? a > b
                : operator === '<'
                    ? a < b
                    : operator === '>='
                        ? a >= b
                        : operator === '<='
                            ? a <= b
                            : operator === '=='
                                ? a === b
                                : a !== b;
            left = pair(left, right, (a, b) => (keep(a, b) ? a : undefined));
        }
    }
    sums() {
        let left = this.products();
        for (;;) {
            if (this.skip('+'))
                left = pair(left, this.products(), (a, b) => a + b);
            else if (this.skip('-'))
                left = pair(left, this.products(), (a, b) => a - b);
            else
                return left;
        }
    }
    products() {
        let left = this.atom();
        for (;;) {
            if (this.skip('*'))
                left = pair(left, this.atom(), (a, b) => a * b);
            else if (this.skip('/'))
                left = pair(left, this.atom(), (a, b) => a / b);
            else
                return left;
        }
    }
    atom() {
        if (this.skip('-'))
            return pair(0, this.atom(), (a, b) => a - b);
        if (this.skip('(')) {
            const inner = this.either();
            this.want(')');
            return inner;
        }
        const token = this.take();
        if (/^\d/.test(token))
            return Number(token);
        if (['sum', 'min', 'max', 'avg', 'count'].includes(token))
            return this.aggregate(token);
        if (token === 'rate' || token === 'increase')
            return this.over(token);
        if (token === 'vector') {
            this.want('(');
            const value = this.either();
            this.want(')');
            return [{ labels: {}, value: typeof value === 'number' ? value : Number.NaN }];
        }
        if (token === 'histogram_quantile') {
            this.want('(');
            const quantile = this.either();
            this.want(',');
            const buckets = toList(this.either());
            this.want(')');
            return histogramQuantile(typeof quantile === 'number' ? quantile : Number.NaN, buckets);
        }
        if (!/^[a-zA-Z_:]/.test(token) || this.tokens[this.place] === '(') {
            throw new QueryError(`the sandbox does not know "${token}"`);
        }
        return this.select(token).flatMap(({ labels, points }) => {
            const last = points.findLast(([time]) => time <= this.at && time > this.at - 300_000);
            return last === undefined ? [] : [{ labels, value: last[1] }];
        });
    }
    aggregate(operation) {
        const by = this.by();
        this.want('(');
        const values = toList(this.either());
        this.want(')');
        const names = by ?? this.by() ?? [];
        const groups = new Map();
        for (const { labels, value } of values) {
            const kept = Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
            const key = JSON.stringify(kept);
            const group = groups.get(key) ?? { labels: kept, values: [] };
            group.values.push(value);
            groups.set(key, group);
        }
        const sum = (list) => list.reduce((a, b) => a + b, 0);
        const fold = (list) => operation === 'sum'
            ? sum(list)
            : operation === 'avg'
                ? sum(list) / list.length
                : operation === 'count'
                    ? list.length
                    : operation === 'min'
                        ? Math.min(...list)
                        : Math.max(...list);
        return [...groups.values()].map((group) => ({ labels: group.labels, value: fold(group.values) }));
    }
    by() {
        if (!this.skip('by'))
            return undefined;
        this.want('(');
        const names = [];
        while (!this.skip(')')) {
            names.push(this.take());
            this.skip(',');
        }
        return names;
    }
    /** A selector with a range: the series, and the length of the range. */
    ranged() {
        const found = this.select(this.take());
        this.want('[');
        const written = this.take();
        const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(written) ?? [];
        const lengthMs = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
        if (!(lengthMs > 0))
            throw new QueryError(`"${written}" is not a range`);
        this.want(']');
        return { found, lengthMs };
    }
    /** The raw samples of a selector with a range. */
    samples() {
        const { found, lengthMs } = this.ranged();
        if (this.place < this.tokens.length)
            throw new QueryError(`unexpected "${this.tokens[this.place] ?? ''}"`);
        const inside = ([time]) => time <= this.at && time > this.at - lengthMs;
        return found.flatMap((one) => {
            const points = one.points.filter(inside);
            return points.length > 0 ? [{ ...one, points }] : [];
        });
    }
    over(operation) {
        this.want('(');
        const { found, lengthMs } = this.ranged();
        this.want(')');
        return found.flatMap(({ labels, points }) => {
            const inside = points.filter(([time]) => time <= this.at && time > this.at - lengthMs);
            // Counters of the sandbox begin at zero with their first request, so what came before the window is known.
            const before = points.findLast(([time]) => time <= this.at - lengthMs)?.[1] ?? 0;
            const last = inside.at(-1);
            if (last === undefined)
                return [];
            const increase = last[1] - before;
            return [{ labels, value: operation === 'increase' ? increase : increase / (lengthMs / 1000) }];
        });
    }
    select(name) {
        const matchers = [];
        if (this.skip('{')) {
            while (!this.skip('}')) {
                const label = this.take();
                const operator = this.take();
                const wanted = JSON.parse(this.take());
                const pattern = operator.includes('~') ? new RegExp(`^(?:${wanted})$`) : undefined;
                matchers.push((labels) => {
                    const value = labels[label] ?? '';
                    const isSame = pattern === undefined ? value === wanted : pattern.test(value);
                    return operator.startsWith('!') ? !isSame : isSame;
                });
                this.skip(',');
            }
        }
        return this.series.filter((one) => one.name === name && matchers.every((matches) => matches(one.labels)));
    }
}
function toList(result) {
    return typeof result === 'number' ? [{ labels: {}, value: result }] : result;
}
function pair(left, right, combine) {
    if (typeof left === 'number' && typeof right === 'number')
        return combine(left, right) ?? [];
    const mapped = (list, one) => list.flatMap(({ labels, value }) => {
        const result = one(value);
        return result === undefined ? [] : [{ labels, value: result }];
    });
    if (typeof right === 'number')
        return mapped(left, (value) => combine(value, right));
    if (typeof left === 'number')
        return mapped(right, (value) => combine(left, value));
    return left.flatMap(({ labels, value }) => {
        const other = right.find((one) => JSON.stringify(one.labels) === JSON.stringify(labels));
        const result = other === undefined ? undefined : combine(value, other.value);
        return result === undefined ? [] : [{ labels, value: result }];
    });
}
function histogramQuantile(quantile, buckets) {
    const groups = new Map();
    for (const { labels, value } of buckets) {
        const { le = '', ...rest } = labels;
        const key = JSON.stringify(rest);
        const group = groups.get(key) ?? { labels: rest, bounds: [] };
        group.bounds.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value]);
        groups.set(key, group);
    }
    return [...groups.values()].map(({ labels, bounds }) => {
        bounds.sort(([a], [b]) => a - b);
        const rank = quantile * (bounds.at(-1)?.[1] ?? Number.NaN);
        const index = bounds.findIndex(([, count]) => count >= rank);
        const [upper = Number.NaN, count = Number.NaN] = bounds[index] ?? [];
        const [lower, before] = bounds[index - 1] ?? [0, 0];
        if (upper === Number.POSITIVE_INFINITY)
            return { labels, value: lower };
        return { labels, value: lower + ((upper - lower) * (rank - before)) / (count - before) };
    });
}
/** Whether a query asks for raw samples: a selector with a range and nothing around it. */
export const isRange = (query) => query.trim().endsWith(']');
/** The samples that a selector with a range has at a time (milliseconds). @throws QueryError */
export function samplesOf(query, at, series) {
    return new Evaluator(tokenize(query), at, series).samples();
}
/** The value of a query at a time (milliseconds). @throws QueryError */
export function evaluate(query, at, series) {
    return new Evaluator(tokenize(query), at, series).run();
}
