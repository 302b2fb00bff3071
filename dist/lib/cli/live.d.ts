import type { Listener } from '../ports.ts';
/** What a person watches: lines that stay, and on a terminal a few lines below them that move. */
export interface View {
    readonly listener: Listener;
    readonly say: (line: string) => void;
    readonly close: () => void;
}
/** Opens the view. Without a terminal it is a plain log with a look at the gates once a minute. */
export declare function openView(out: NodeJS.WriteStream, now: () => number): View;
