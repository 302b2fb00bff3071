import { load, parseEvents, getScalarValue, CORE_SCHEMA, YAMLException, EVENT_ID } from 'js-yaml';
import { ReleaseError } from "../errors.js";
import { convert } from "./shape.js";
import { INPUTS } from "./inputs.js";
import { SETTINGS } from "./settings.js";
/** Line and column, from 1, of an offset. */
function lineOf(text, offset) {
    const before = text.slice(0, offset);
    const start = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: offset - start + 1 };
}
/** The place of every key and item, by the path that problems use. */
function placesOf(text) {
    const places = new Map();
    const events = parseEvents(text, {});
    let index = 0;
    const walk = (path) => {
        const event = events[index];
        index += 1;
        if (event === undefined)
            return;
        if (event.type === EVENT_ID.MAPPING) {
            while (events[index] !== undefined && events[index]?.type !== EVENT_ID.POP) {
                const key = events[index];
                let name = '?';
                if (key?.type === EVENT_ID.SCALAR) {
                    name = getScalarValue(text, key);
                    places.set(path === '' ? name : `${path}.${name}`, key.valueStart);
                    index += 1;
                }
                else
                    walk(`${path}.?`);
                walk(path === '' ? name : `${path}.${name}`);
            }
            index += 1;
        }
        else if (event.type === EVENT_ID.SEQUENCE) {
            for (let item = 0; events[index] !== undefined && events[index]?.type !== EVENT_ID.POP; item += 1) {
                const next = events[index];
                if (next !== undefined)
                    places.set(`${path}[${item}]`, startOf(next));
                walk(`${path}[${item}]`);
            }
            index += 1;
        }
    };
    if (events[0]?.type === EVENT_ID.DOCUMENT)
        index = 1;
    walk('');
    return places;
}
function startOf(event) {
    if (event.type === EVENT_ID.SCALAR)
        return event.valueStart;
    return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : 0;
}
function setIn(tree, path, value) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at = tree;
    for (const step of steps) {
        const inner = at[step];
        if (typeof inner !== 'object' || inner === null || Array.isArray(inner))
            at[step] = {};
        at = at[step];
    }
    at[last] = value;
}
/**
 * Reads the file and lays the inputs over it. Every problem of both is reported at once.
 * @param inputs by their names; empty ones count as not given
 * @throws ReleaseError INVALID_CONFIG with all problems
 */
export function readConfig(file, inputs) {
    const problems = [];
    let tree = {};
    let places = new Map();
    if (file !== null) {
        try {
            const value = load(file.text, { schema: CORE_SCHEMA, filename: file.name });
            if (typeof value === 'object' && value !== null && !Array.isArray(value))
                tree = value;
            else
                problems.push({ path: '', message: 'the file holds no settings', file: file.name, line: 1, column: 1 });
            places = placesOf(file.text);
        }
        catch (thrown) {
            if (!(thrown instanceof YAMLException))
                throw thrown;
            const at = { file: file.name, line: (thrown.mark?.line ?? 0) + 1, column: (thrown.mark?.column ?? 0) + 1 };
            problems.push({ path: '', message: `not valid YAML: ${thrown.reason}`, ...at });
        }
    }
    const fromInput = new Map();
    for (const [name, value] of Object.entries(inputs)) {
        const path = INPUTS[name]?.path;
        if (path === null || path === undefined || value === '')
            continue;
        fromInput.set(path, name);
        setIn(tree, path, value);
    }
    const locate = (path) => {
        const isInput = [...fromInput.keys()].some((one) => path === one || path.startsWith(`${one}[`));
        const offset = isInput ? undefined : places.get(path);
        if (file === null || offset === undefined)
            return { file: '', line: 0, column: 0 };
        return { file: file.name, ...lineOf(file.text, offset) };
    };
    const written = convert(SETTINGS, tree, '', locate, problems);
    if (problems.length > 0)
        throw invalidConfig(problems.map((problem) => asInput(problem, fromInput)));
    // Checked key by key against SETTINGS, which WrittenConfig describes.
    return written;
}
/** A problem of a value that came by an input is named as the person wrote it. */
function asInput(problem, fromInput) {
    for (const [path, name] of fromInput) {
        if (problem.path !== path && !problem.path.startsWith(`${path}[`) && !problem.path.startsWith(`${path}.`))
            continue;
        return { ...problem, message: problem.message.replace(path, `input ${name}`) };
    }
    return problem;
}
/** All problems as one error. */
export function invalidConfig(problems) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const lines = problems.map(({ message, file, line, column }) => line > 0 ? `  ${file}:${line}:${column}: ${message}` : `  ${message}`);
    return new ReleaseError('INVALID_CONFIG', `${count} in the settings:\n${lines.join('\n')}`, { problems });
}
