/** Loaded when it is needed: a mistake in the inputs is found without it. */
const connectOctokit = async (token) => {
    const { getOctokit: connect } = await import('@actions/github');
    return connect(token);
};
/** How a release ended, in the states of GitHub. */
export const END_STATES = {
    promoted: 'success',
    reverted: 'failure',
    stuck: 'error',
};
const TIMEOUT_MS = 10_000;
const MOST_CHARACTERS = 140;
/** A text as GitHub takes descriptions: one line of at most 140 characters. */
export function toDescription(text) {
    const line = text.replaceAll(/\s+/g, ' ').trim();
    return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}
/**
 * GitHub as a courtesy: whatever it refuses becomes one warning that names the permission, and never the release's
 * problem.
 */
export class GitHub {
    run;
    token;
    warn;
    now;
    connect;
    refused = new Set();
    busyUntil = 0;
    octokit = null;
    /** @param warn is told once for each permission that is missing */
    constructor(run, token, warn, now = Date.now, connect = connectOctokit) {
        this.connect = connect;
        this.run = run;
        this.token = token;
        this.warn = warn;
        this.now = now;
    }
    /**
     * One call.
     * @param what its purpose, for people
     * @param permission what the job must grant, for example `statuses: write`
     * @returns null when it was refused or did not arrive
     */
    async ask(what, permission, call) {
        if (this.token === '' || this.refused.has(permission) || this.now() < this.busyUntil)
            return null;
        try {
            this.octokit ??= await this.connect(this.token);
            const { owner, repo } = this.run;
            const { data } = await call(this.octokit, { owner, repo, request: { signal: AbortSignal.timeout(TIMEOUT_MS) } });
            return data;
        }
        catch (thrown) {
            this.warn(`${what}: ${this.why(thrown, permission)}`);
            return null;
        }
    }
    /** Remembers what will not change, so that it is asked and said once. */
    why({ status = 0, message = 'no answer', response }, permission) {
        const { 'retry-after': after, 'x-ratelimit-remaining': left, 'x-ratelimit-reset': reset } = response?.headers ?? {};
        const isBusy = status === 429 || (status === 403 && (after !== undefined || left === '0'));
        if (isBusy) {
            const atReset = reset === undefined ? 0 : Number(reset) * 1000;
            this.busyUntil = Math.max(this.now() + Number(after ?? 60) * 1000, atReset);
            return `GitHub's rate limit is reached; nothing is asked until ${new Date(this.busyUntil).toISOString()}`;
        }
        if (status === 401) {
            this.refused.add(permission);
            return 'the token is not accepted; leave github-token at its default';
        }
        if (status === 403 || status === 404) {
            this.refused.add(permission);
            return `the job needs permissions: { ${permission} }; pull requests of forks have only read rights`;
        }
        return message;
    }
}
