function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function parse(text) {
    if (text === null)
        return undefined;
    try {
        const value = JSON.parse(text);
        return isObject(value) ? value : undefined;
    }
    catch {
        return undefined;
    }
}
const PHASES = [
    'deploying',
    'readying',
    'shifting',
    'baking',
    'paused',
    'promoting',
    'reverting',
    'promoted',
    'reverted',
    'stuck',
];
export function encodeSaved(saved) {
    return JSON.stringify(saved);
}
/** The saved release; undefined when there is none or it was written by something else than this schema. */
export function decodeSaved(text) {
    const value = parse(text);
    if (value?.['schema'] !== 1 || !isObject(value['release']) || !isObject(value['state']))
        return undefined;
    const state = value['state'];
    if (!PHASES.includes(String(state['phase'])) || !isObject(state['plan']))
        return undefined;
    // Written by encodeSaved of this schema: the fields above are what tells it from anything else.
    return value;
}
export function encodeRequest(request) {
    return JSON.stringify(request);
}
/** What another run asked for; undefined when the note is not one of ours. */
export function decodeRequest(text) {
    const value = parse(text);
    if (typeof value?.['release'] !== 'string' || typeof value['by'] !== 'string')
        return undefined;
    if (value['command'] !== 'pause' && value['command'] !== 'promote')
        return undefined;
    const to = typeof value['to'] === 'number' ? value['to'] : null;
    return { release: value['release'], command: value['command'], by: value['by'], to };
}
export function encodePart(note) {
    return JSON.stringify(note);
}
/** Whose release a service takes part in; undefined for none that we can read. */
export function decodePart(text) {
    const value = parse(text);
    if (typeof value?.['of'] !== 'string' || !isObject(value['shares']))
        return undefined;
    return { of: value['of'], shares: value['shares'] };
}
/** Who may write: `encodeFence(7, 'owner/repo#12/1') → "7 owner/repo#12/1"`. */
export function encodeFence(number, holder) {
    return `${number} ${holder}`;
}
/** The fence on an object; undefined when there is none. */
export function decodeFence(text) {
    const found = /^(\d{1,9}) (.*)$/.exec(text ?? '');
    return found === null ? undefined : { number: Number(found[1]), holder: found[2] ?? '' };
}
/** Who took over from the driver with this fence; undefined while it is still the one. */
export function overtakenBy(note, ours) {
    const theirs = decodeFence(note);
    if (theirs === undefined || theirs.number < ours.number)
        return undefined;
    return theirs.number === ours.number && theirs.holder === ours.holder ? undefined : theirs.holder;
}
