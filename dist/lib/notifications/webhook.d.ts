import type { Release, ReleaseEvent } from '../core/events.ts';
import type { ReleaseState } from '../core/state.ts';
import type { Connect, Listener } from '../ports.ts';
/** Moments of a release that somebody may want to hear of. */
export declare const MOMENTS: readonly ["started", "stage", "paused", "reverting", "promoted", "reverted", "stuck"];
export type Moment = (typeof MOMENTS)[number];
/** Where to, and what. */
export interface WebhookOptions {
    /** The address is a secret: whoever knows it may post there. */
    readonly url: string;
    /** `json` (default) is the body below; `slack` is what Slack, Mattermost and Teams' Slack connectors take. */
    readonly format?: 'json' | 'slack';
    /** Default: all but `stage`. */
    readonly on?: readonly Moment[];
    /** One try may take this long; default 2.5 s. */
    readonly timeoutMs?: number;
}
/** The body of the format `json`. */
export interface Notification {
    readonly schema: 1;
    readonly moment: Moment;
    /** When it happened, ISO 8601. */
    readonly at: string;
    readonly text: string;
    readonly release: Release;
    /** The candidate's percent. */
    readonly weight: number;
    readonly reason: string;
}
/** What there is to say about a moment; null for what is no moment. */
export declare function notificationOf(event: ReleaseEvent, state: ReleaseState, release: Release): Notification | null;
/** Tells an address of the moments of a release. It delays nothing: listeners run beside the release. */
export declare function webhook(options: WebhookOptions): Connect<Listener>;
