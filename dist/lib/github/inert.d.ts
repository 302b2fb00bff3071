/** Text from a cluster or a chart must not be read as a command to the runner. */
export declare function inert(line: string): string;
