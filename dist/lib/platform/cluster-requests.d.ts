import type { Cluster, ClusterRequest } from '../ports.ts';
/** One answer of the API server. */
export interface Answer {
    readonly status: number;
    readonly text: string;
    /** Seconds, as the server wrote them; empty when it did not. */
    readonly retryAfter: string;
}
/** What a request needs to go out, and to go out again. */
export interface Sending {
    /** The server's address, for people. */
    readonly host: string;
    /** Sends once. Rejects when no answer came; the request may have taken effect all the same. */
    readonly send: (request: ClusterRequest) => Promise<Answer>;
    readonly pause: (lengthMs: number) => Promise<void>;
    /** Reads the credentials again: a short-lived token may have been renewed since. */
    readonly reload: () => void;
    readonly isClosing: () => boolean;
}
/** Requests that are tried again when that may help, with clear errors when it cannot. */
export declare function requesting({ host, send, pause, reload, isClosing }: Sending): Cluster['request'];
