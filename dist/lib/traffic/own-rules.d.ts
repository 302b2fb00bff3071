import type { PatchOperation } from './routed-object.ts';
/** What is known of a value from outside: its fields, whatever they hold. */
export type Fields = Readonly<Record<string, unknown>>;
export declare const fieldsOf: (value: unknown) => Fields;
export declare const listOf: (value: unknown) => readonly unknown[];
/** The fields without some of them. */
export declare const without: (fields: Fields, ...names: readonly string[]) => Fields;
/** Whether all of `wanted` is there: the API server adds defaults to what it is given. */
export declare function contains(found: unknown, wanted: unknown): boolean;
/** Rules of ours in a list of rules, told by the beginning of their name: each stands before the one it was made for. */
export declare class OwnRules {
    private readonly path;
    private readonly rules;
    private readonly prefix;
    /** @param path the list as a JSON pointer, for example `/spec/http` */
    constructor(path: string, rules: readonly Fields[], prefix: string);
    nameOf(place: number): string;
    private isOurs;
    /** Whether just these are there. */
    are(wanted: ReadonlyMap<number, Fields>): boolean;
    /**
     * Takes away what is ours and puts in what is wanted, from the last one up, so that the places of the others hold.
     *
     * @param wanted by the place of the rule that it is to stand before
     */
    patch(wanted: ReadonlyMap<number, Fields>): readonly PatchOperation[];
}
