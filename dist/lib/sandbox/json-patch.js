/** A refusal as the API server words it. */
export class Refusal extends Error {
    status;
    reason;
    constructor(status, reason, message) {
        super(message);
        this.status = status;
        this.reason = reason;
    }
}
const invalid = (message) => new Refusal(422, 'Invalid', message);
function same(a, b) {
    return JSON.stringify(a) === JSON.stringify(b);
}
/** RFC 6902 for the operations anybody sends here; a path that leads nowhere or a failed test is 422. */
export function applyJsonPatch(document, operations) {
    const copy = structuredClone(document);
    if (!Array.isArray(operations))
        throw new Refusal(400, 'BadRequest', 'a JSON patch is a list of operations');
    for (const operation of operations) {
        const steps = operation.path
            .split('/')
            .slice(1)
            .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
        const last = steps.pop();
        if (last === undefined)
            throw invalid(`the path "${operation.path}" names the whole document`);
        let parent = copy;
        for (const step of steps) {
            if (parent === null || typeof parent !== 'object')
                throw invalid(`the path "${operation.path}" does not exist`);
            parent = Array.isArray(parent) ? parent[Number(step)] : parent[step];
        }
        if (parent === null || parent === undefined || typeof parent !== 'object') {
            throw invalid(`the server rejected our request due to an error in our request: ${operation.path} does not exist`);
        }
        change(parent, last, operation);
    }
    return copy;
}
function change(parent, last, operation) {
    const value = operation.value ?? null;
    if (Array.isArray(parent)) {
        const index = last === '-' ? parent.length : Number(last);
        const exists = index < parent.length;
        if (operation.op === 'add' && index <= parent.length)
            parent.splice(index, 0, value);
        else if (operation.op === 'replace' && exists)
            parent[index] = value;
        else if (operation.op === 'remove' && exists)
            parent.splice(index, 1);
        else if (operation.op !== 'test' || !same(parent[index], value))
            throw invalid(`${operation.op} ${operation.path}`);
        return;
    }
    const exists = Object.hasOwn(parent, last);
    if (operation.op === 'add' || (operation.op === 'replace' && exists))
        parent[last] = value;
    else if (operation.op === 'remove' && exists)
        Reflect.deleteProperty(parent, last);
    else if (operation.op !== 'test' || !exists || !same(parent[last], value)) {
        throw invalid(`testing or changing value ${operation.path} failed`);
    }
}
/** RFC 7386: null removes, objects merge, everything else replaces. */
export function applyMergePatch(document, patch) {
    if (patch === null || typeof patch !== 'object' || Array.isArray(patch))
        return patch;
    const isObject = document !== null && typeof document === 'object' && !Array.isArray(document);
    const result = isObject ? { ...document } : {};
    for (const [key, value] of Object.entries(patch)) {
        if (value === null)
            Reflect.deleteProperty(result, key);
        else
            result[key] = applyMergePatch(result[key], value);
    }
    return result;
}
