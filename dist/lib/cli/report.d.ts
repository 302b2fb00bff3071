import { type ReleaseRecord } from '../report/record.ts';
/** Writes the HTML report of a release. */
export declare function writeReport(record: ReleaseRecord, path: string): Promise<void>;
/** Makes the report of a past release again. Answers the exit code. */
export declare function report(args: readonly string[]): Promise<number>;
