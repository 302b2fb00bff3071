import type { Release } from './events.ts';
import type { Colour, Shares } from './shares.ts';
import type { ReleaseState } from './state.ts';
/** A release as it is written on the route object, next to the weights it explains. */
export interface Saved {
    readonly schema: 1;
    readonly release: Release;
    readonly state: ReleaseState;
    /** The run that wrote it. */
    readonly holder: string;
    /** What each colour ran when it last served, so that a way back is only offered to the same thing. */
    readonly fingerprints: Readonly<Record<Colour, string>>;
}
/** What another run asks of the driving one. */
export interface Request {
    readonly release: string;
    readonly command: 'pause' | 'promote';
    readonly by: string;
    readonly to: number | null;
}
export declare function encodeSaved(saved: Saved): string;
/** The saved release; undefined when there is none or it was written by something else than this schema. */
export declare function decodeSaved(text: string | null): Saved | undefined;
export declare function encodeRequest(request: Request): string;
/** What another run asked for; undefined when the note is not one of ours. */
export declare function decodeRequest(text: string | null): Request | undefined;
/** What is noted on the route of a service that is released with others: whose release it is, and what was last written. */
export interface PartNote {
    readonly of: string;
    readonly shares: Shares;
}
export declare function encodePart(note: PartNote): string;
/** Whose release a service takes part in; undefined for none that we can read. */
export declare function decodePart(text: string | null): PartNote | undefined;
/** Who may write: `encodeFence(7, 'owner/repo#12/1') → "7 owner/repo#12/1"`. */
export declare function encodeFence(number: number, holder: string): string;
/** The fence on an object; undefined when there is none. */
export declare function decodeFence(text: string | null): {
    readonly number: number;
    readonly holder: string;
} | undefined;
/** Who took over from the driver with this fence; undefined while it is still the one. */
export declare function overtakenBy(note: string | null, ours: {
    readonly number: number;
    readonly holder: string;
}): string | undefined;
