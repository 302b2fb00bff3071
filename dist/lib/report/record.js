export function toRecord({ outcome, reason, release, state, journal }, changes) {
    return { schema: 1, outcome, reason, release, state, journal, changes };
}
/** The record as it is written to a file. */
export function encodeRecord(record) {
    return JSON.stringify(record, null, 2);
}
const isObject = (value) => typeof value === 'object' && value !== null;
/** @returns undefined for a text that is not a record of this schema */
export function decodeRecord(text) {
    let value;
    try {
        value = JSON.parse(text);
    }
    catch {
        return undefined;
    }
    if (!isObject(value) || value['schema'] !== 1)
        return undefined;
    const isWhole = isObject(value['release']) && isObject(value['state']) && Array.isArray(value['journal']);
    // Written by encodeRecord of this schema: the fields above are what tells it from anything else.
    return isWhole ? value : undefined;
}
