import { parseDuration } from "../core/duration.js";
/** Edits needed to turn one word into the other. */
function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i += 1) {
        const next = [i];
        for (let j = 1; j <= b.length; j += 1) {
            const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
            next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
        }
        row = next;
    }
    return row[b.length] ?? 0;
}
/** The known name a person most likely meant; undefined when none is near. */
export function nearest(name, known) {
    const ranked = known.map((one) => [distance(name.toLowerCase(), one), one]).sort(([a], [b]) => a - b);
    const [best] = ranked;
    return best !== undefined && best[0] <= Math.max(2, Math.floor(best[1].length / 3)) ? best[1] : undefined;
}
const show = (value) => (typeof value === 'string' ? `"${value}"` : JSON.stringify(value));
/**
 * Checks a written value and converts it: times to milliseconds, shares such as `0.1%` to 0.001.
 * Every problem goes to `problems`; what is wrong is left out of the answer.
 */
export function convert(shape, value, path, locate, problems) {
    const wrong = (message, at = path) => {
        problems.push({ path: at, message: `${at}: ${message}`, ...locate(at) });
        return undefined;
    };
    switch (shape.kind) {
        case 'text': {
            if (typeof value === 'number' || typeof value === 'boolean')
                return convert(shape, String(value), path, locate, problems);
            if (typeof value !== 'string' || value === '')
                return wrong(`${show(value)} is not a text`);
            const isFine = shape.pattern?.test(value) ?? true;
            return isFine ? value : wrong(`${show(value)} is not ${shape.wanted ?? 'in the wanted form'}`);
        }
        case 'number': {
            const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
            const whole = shape.whole === true ? 'whole ' : '';
            const isFine = typeof number === 'number' &&
                number >= shape.min &&
                number <= shape.max &&
                (!shape.whole || Number.isInteger(number));
            return isFine ? number : wrong(`${show(value)} is not a ${whole}number from ${shape.min} to ${shape.max}`);
        }
        case 'duration': {
            const length = typeof value === 'string' ? parseDuration(value.trim()) : undefined;
            return length ?? wrong(`${show(value)} is not a time with a unit, for example 90s, 5m or 1h30m`);
        }
        case 'share': {
            const found = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
            const share = found === null ? value : Number(found[1]) / 100;
            const isFine = typeof share === 'number' && share >= 0 && share <= 1;
            return isFine ? share : wrong(`${show(value)} is not a share, for example 0.1% or 0.001`);
        }
        case 'boolean':
            if (value === true || value === 'true')
                return true;
            if (value === false || value === 'false')
                return false;
            return wrong(`${show(value)} is not true or false`);
        case 'choice': {
            if (typeof value === 'string' && shape.of.includes(value))
                return value;
            const meant = typeof value === 'string' ? nearest(value, shape.of) : undefined;
            return wrong(`${show(value)} is none of ${shape.of.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
        }
        case 'never':
            return wrong(shape.wanted);
        case 'list': {
            const items = typeof value === 'string' && shape.short === true
                ? value
                    .split(/[,\n]/)
                    .map((item) => item.trim())
                    .filter((item) => item !== '')
                : value;
            if (!Array.isArray(items))
                return wrong(`${show(value)} is not a list`);
            return items.map((item, index) => convert(shape.of, item, `${path}[${index}]`, locate, problems));
        }
        case 'map': {
            if (!isRecord(value))
                return wrong(`${show(value)} is not a map of names`);
            const entries = Object.entries(value);
            return Object.fromEntries(entries.map(([name, one]) => [name, convert(shape.of, one, `${path}.${name}`, locate, problems)]));
        }
        case 'object': {
            if (shape.from !== undefined && (typeof value === 'number' || typeof value === 'string')) {
                return convert(shape, { [shape.from]: value }, path, locate, problems);
            }
            // "errors:" with nothing behind it means: as usual.
            if (value === null)
                return {};
            if (!isRecord(value))
                return wrong(`${show(value)} is not a group of settings`);
            const known = Object.keys(shape.keys);
            const result = {};
            for (const [name, one] of Object.entries(value)) {
                const at = path === '' ? name : `${path}.${name}`;
                const inner = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined;
                if (inner === undefined) {
                    const meant = nearest(name, known);
                    wrong(meant === undefined ? `unknown key; known are ${known.join(', ')}` : `unknown key; did you mean ${meant}?`, at);
                }
                else
                    result[name] = convert(inner, one, at, locate, problems);
            }
            return result;
        }
        default:
            return shape;
    }
}
function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
