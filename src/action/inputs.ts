import { INPUTS } from '../config/inputs.ts'

/** The Action's inputs by name; the runner hands them over as variables. Empty when not given. */
export function readInputs(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(INPUTS).map((name) => [name, (env[`INPUT_${name.toUpperCase()}`] ?? '').trim()]),
  )
}
