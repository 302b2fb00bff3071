import { type Colour, type Shares } from '../core/shares.ts';
import type { PatchOperation } from './routed-object.ts';
/** One list of weighted destinations that holds ours, wherever it stands in the object. */
export interface WeightList {
    /** The list as a JSON pointer, for example `/spec/http/0/route`. */
    readonly path: string;
    /** What each entry counts for today, whether written or not. */
    readonly weights: readonly number[];
    /** What is written; null where nothing is. */
    readonly written: readonly (number | null)[];
    /** Place of each colour in the list; -1 where it is not there yet. */
    readonly places: Readonly<Record<Colour, number>>;
    /** An entry for a colour that is not in the list yet, without its weight. */
    entry(colour: Colour): Readonly<Record<string, unknown>>;
}
/** Our weights in one or more lists of an object: read as shares, written as the smallest patch. */
export declare class WeightEditor {
    private readonly colours;
    private readonly lists;
    constructor(colours: readonly [Colour, Colour], lists: readonly WeightList[]);
    get isRouted(): boolean;
    /** Our destinations' sum today, which is what foreign destinations leave us. */
    private room;
    private weightOf;
    private sharesOf;
    shares(): Shares | null;
    /** The weight each colour gets in a list when `shares` are written. */
    private wanted;
    has(shares: Shares): boolean;
    /** Where all of a list is ours, 1 and 0 are the same split as 100 and 0. */
    private isSplit;
    private placed;
    patch(shares: Shares): readonly PatchOperation[];
}
