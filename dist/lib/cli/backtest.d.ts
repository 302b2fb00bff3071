/** Answers the line protocol: one message a line in, one answer a line out. */
export declare function judgeLines(input: NodeJS.ReadableStream, answer: (line: string) => void): Promise<void>;
/** The command `backtest`: what the gates of the settings would have decided. Exit 1 if they would have reverted. */
export declare function backtest(args: readonly string[]): Promise<number>;
