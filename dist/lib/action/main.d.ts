/** The Action's main step. */
export declare function main(): Promise<void>;
