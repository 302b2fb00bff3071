import type { Connect, Journal } from '../ports.ts';
/** Which ConfigMap keeps the journal. */
export interface JournalOptions {
    readonly service: string;
    readonly namespace: string;
}
/**
 * The events of the newest release in a ConfigMap, packed; `kubectl get cm gray-release-<service> -o json | jq -r
 * '.binaryData["journal.json.gz"]' | base64 -d | gunzip` shows them.
 */
export declare function journal(options: JournalOptions): Connect<Journal>;
