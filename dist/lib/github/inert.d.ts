/** Text from a cluster or a chart must not be read as a command to the runner, which ends lines at CR and at LF. */
export declare function inert(text: string): string;
