import type { Lock } from '../ports.ts';
/**
 * The locks of all services, always taken in the order of their names, so that two releases that share services never
 * wait for each other; who is refused one gives back those it has.
 */
export declare function togetherLock(locks: readonly {
    readonly key: string;
    readonly lock: Lock;
}[]): Lock;
