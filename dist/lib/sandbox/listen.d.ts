import type http from 'node:http';
/** Starts a server on a free port of the loopback address; answers where it is. */
export declare function listenOnLoopback(server: http.Server): Promise<{
    readonly port: number;
    readonly url: string;
}>;
