import type { Connect, Journal } from '../ports.ts';
/** Which ConfigMap keeps the journal. */
export interface JournalOptions {
    readonly service: string;
    readonly namespace: string;
}
/** Recent events of the newest release in a ConfigMap. */
export declare function journal(options: JournalOptions): Connect<Journal>;
