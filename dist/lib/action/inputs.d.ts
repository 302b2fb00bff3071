/** The Action's inputs by name; the runner hands them over as variables. Empty when not given. */
export declare function readInputs(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>>;
