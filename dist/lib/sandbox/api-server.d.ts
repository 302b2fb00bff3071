import type { StoredObject } from './stored-object.ts';
export type { StoredObject } from './stored-object.ts';
/** An object before the server has stored it. */
export type NewObject = Omit<Partial<StoredObject>, 'metadata'> & {
    readonly metadata: Partial<StoredObject['metadata']> & {
        readonly name: string;
        readonly namespace: string;
    };
};
type Change = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: StoredObject) => void;
/** What a test or demo can do to the server while it runs. */
export interface ServerFaults {
    /** Answers nothing at all: connections are cut. */
    down: boolean;
    /** Every answer waits this long (milliseconds of wall time). */
    delayMs: number;
    /** Rights that are refused, as `verb resource`. */
    readonly forbidden: Set<string>;
    /** Bearer token to ask for; empty accepts anybody. */
    token: string;
}
/** One request, without its transport. */
export interface SandboxRequest {
    readonly method: string;
    /** With its query. */
    readonly path: string;
    readonly text: string;
    readonly contentType: string;
    readonly authorization?: string | undefined;
}
export interface SandboxAnswer {
    readonly status: number;
    readonly body: unknown;
}
/** The Kubernetes API for the few kinds a release touches, over HTTP, with its conflicts and refusals. */
export declare class SandboxApiServer {
    readonly faults: ServerFaults;
    /** Requests so far, by `METHOD resource`. */
    readonly counts: Map<string, number>;
    private readonly objects;
    private readonly watchers;
    private readonly listeners;
    private readonly server;
    private readonly now;
    private version;
    constructor(now: () => number);
    listen(): Promise<string>;
    close(): void;
    /** Cuts every open connection, as a restart does. */
    cut(): void;
    /** Is told of every change, for the controllers of the sandbox. */
    onChange(listener: Change): void;
    find(kind: string, namespace: string, name: string): StoredObject | undefined;
    list(kind: string, namespace: string): StoredObject[];
    /** Creates or replaces, as a controller or `kubectl apply` inside the sandbox would. */
    put(kind: string, object: NewObject): StoredObject;
    remove(kind: string, namespace: string, name: string): void;
    private collectionOf;
    private tell;
    private store;
    private answer;
    private isUnauthorized;
    private mayWatch;
    /** Answers one request at once; a refusal is an answer too. */
    respond({ method, path, text, contentType, authorization }: SandboxRequest): SandboxAnswer;
    private count;
    private authorize;
    /** Discovery and access reviews, which are no stored objects. */
    private outside;
    private serve;
    /** Server-side apply of one who forces: what is applied is laid over what is there; a new object is made of it. */
    private apply;
    private update;
    private create;
    private listed;
    private watch;
}
