import type { Listener } from '../ports.ts';
/** What a person watches: lines that stay, and on a terminal a few lines below them that move. */
export interface View {
    readonly listener: Listener;
    readonly say: (line: string) => void;
    readonly close: () => void;
}
/** What a view needs of a stream. */
export interface Screen {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write(text: string): unknown;
}
/**
 * Opens the view. Without a terminal it is a plain log with a look at the gates once a minute.
 *
 * @param env of which `NO_COLOR` is honoured
 */
export declare function openView(out: Screen, now: () => number, env?: Readonly<Record<string, string | undefined>>): View;
