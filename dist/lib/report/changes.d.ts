import type { Origin } from '../core/events.ts';
/** One commit of a release. */
export interface Change {
    readonly sha: string;
    /** First line of its message. */
    readonly title: string;
    readonly author: string;
}
/** What is in a release: the commits between what served before and what is released. */
export interface Changes {
    /** Page that shows all of them. */
    readonly url: string;
    /** How many there are; null when GitHub was not asked or did not say. */
    readonly total: number | null;
    /** The newest of them, newest first. */
    readonly commits: readonly Change[];
}
/** Page that compares two versions; empty when it is not known where one of them came from, or they are the same. */
export declare function compareUrl(from: Origin, to: Origin): string;
/** Branch or tag as people name it: `refs/tags/v1.2.3 → v1.2.3`. */
export declare const shortRef: (ref: string) => string;
/** A commit as people name it. */
export declare const shortCommit: (commit: string) => string;
/** What a colour runs and where that came from, in a few words: `1.4.0 (v1.4.0, 3f2a91c04, by octocat)`. */
export declare function describeBuild(version: string | null, { commit, ref, actor }: Origin): string;
