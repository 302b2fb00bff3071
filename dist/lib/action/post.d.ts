/** The second line of defence: brings back what this run left unsettled. Asks the cluster only when main got that far. */
export declare function post(): Promise<void>;
