import { INPUTS } from "../config/inputs.js";
/** The Action's inputs by name; the runner hands them over as variables. Empty when not given. */
export function readInputs(env) {
    return Object.fromEntries(Object.keys(INPUTS).map((name) => [name, (env[`INPUT_${name.toUpperCase()}`] ?? '').trim()]));
}
