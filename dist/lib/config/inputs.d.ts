/** One input of the Action, which is one option of the CLI and one key of the file. */
export interface Input {
    readonly doc: string;
    /** Its key in the file; null for what belongs to the run and not to the service. */
    readonly path: string | null;
    readonly default?: string;
    readonly isSecret?: boolean;
}
export declare const COMMANDS: readonly ["release", "plan", "promote", "pause", "abort", "rollback", "status", "sweep"];
export type Command = (typeof COMMANDS)[number];
/** Inputs of the Action in the order of the documentation. */
export declare const INPUTS: Readonly<Record<string, Input>>;
/** Outputs of the Action. */
export declare const OUTPUTS: Readonly<Record<string, string>>;
