/** Runs a whole release in the sandbox. Answers the exit code. */
export declare function demo(args: readonly string[]): Promise<number>;
