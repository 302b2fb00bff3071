import type { Listener } from '../ports.ts';
/** The log of a job: a line per event, groups per stage, looks at the gates once a minute unless they change. */
export declare function actionLog(): {
    readonly listener: Listener;
    readonly say: (line: string) => void;
    readonly end: () => void;
};
/** Writes the job summary; without the file of a runner there is none to write. */
export declare function writeSummary(text: string): Promise<void>;
