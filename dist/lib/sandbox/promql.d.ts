/** A query the sandbox does not understand, or that is wrong. */
export declare class QueryError extends Error {
}
type Labels = Readonly<Record<string, string>>;
/** One counter with its scrapes, oldest first, times in milliseconds. */
export interface Series {
    readonly name: string;
    readonly labels: Labels;
    readonly points: readonly (readonly [number, number])[];
}
interface Value {
    readonly labels: Labels;
    readonly value: number;
}
type Result = number | Value[];
/** The value of a query at a time (milliseconds). @throws QueryError */
export declare function evaluate(query: string, at: number, series: readonly Series[]): Result;
export {};
