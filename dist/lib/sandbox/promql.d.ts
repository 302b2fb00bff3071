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
/** Whether a query asks for raw samples: a selector with a range and nothing around it. */
export declare const isRange: (query: string) => boolean;
/** The samples that a selector with a range has at a time (milliseconds). @throws QueryError */
export declare function samplesOf(query: string, at: number, series: readonly Series[]): Series[];
/** The value of a query at a time (milliseconds). @throws QueryError */
export declare function evaluate(query: string, at: number, series: readonly Series[]): Result;
export {};
