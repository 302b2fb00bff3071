import type { ReleaseRecord } from './record.ts';
/**
 * The report: one file without script that fetches nothing, for the incident review.
 * Long releases are drawn with fewer points, of which no extreme is missing.
 */
export declare function toHtml(record: ReleaseRecord): Promise<string>;
