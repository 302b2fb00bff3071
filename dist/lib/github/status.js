const MOST_CHARACTERS = 140;
const TIMEOUT_MS = 10_000;
const cut = (text) => {
    const line = text.replaceAll(/\s+/g, ' ').trim();
    return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
};
const ENDS = {
    promoted: 'success',
    reverted: 'failure',
    stuck: 'error',
};
/** The status at a border of a stage; null for what happens in between. */
export function statusOf(event, state, release) {
    const { version, candidate } = release;
    const pending = (text) => ({ state: 'pending', description: cut(text) });
    switch (event.type) {
        case 'release-started':
            return pending(`${version}: deploying ${candidate}`);
        case 'release-resumed':
            return pending(`${version}: resumed at ${state.weight} %`);
        case 'traffic-shifted':
            return state.phase === 'baking' ? pending(`${version}: ${candidate} serves ${event.weight} %, watched`) : null;
        case 'release-paused':
            return pending(`${version}: paused at ${state.weight} %; ${event.reason}`);
        case 'revert-started':
            return { state: 'failure', description: cut(`${version}: going back; ${event.reason}`) };
        case 'release-finished':
            return {
                state: ENDS[event.outcome] ?? 'error',
                description: cut(`${version} ${event.outcome}; ${event.reason}`),
            };
        default:
            return null;
    }
}
/** The status of a plan on a pull request. */
export function statusOfPlan({ exitCode, reason }) {
    return { state: exitCode === 0 ? 'success' : 'failure', description: cut(reason === '' ? 'ready' : reason) };
}
const HINTS = {
    401: 'the token is not accepted; leave github-token at its default',
    403: 'the job needs permissions: { statuses: write }; pull requests of forks never have it',
    404: 'the job needs permissions: { statuses: write }',
};
/** Sets statuses of one commit. What GitHub refuses is said once and then left alone. */
export class CommitStatuses {
    target;
    last = '';
    isRefused = false;
    constructor(target) {
        this.target = target;
    }
    listener = async (event, state, release) => {
        const status = statusOf(event, state, release);
        // A person who promotes or aborts does so from another commit than the one that is released.
        if (status !== null)
            await this.set(status, release.commit);
    };
    async set(status, commit = '') {
        const said = JSON.stringify(status);
        if (this.isRefused || said === this.last)
            return;
        this.last = said;
        const { token, owner, repo, runUrl, context, warn } = this.target;
        const sha = commit === '' ? this.target.sha : commit;
        try {
            const { getOctokit } = await import('@actions/github');
            const request = { signal: AbortSignal.timeout(TIMEOUT_MS) };
            await getOctokit(token).rest.repos.createCommitStatus({
                ...{ owner, repo, sha, context, request },
                ...status,
                target_url: runUrl,
            });
        }
        catch (thrown) {
            const code = thrown.status ?? 0;
            // A busy or absent GitHub may answer the next time; a refusal stays one.
            this.isRefused = HINTS[code] !== undefined;
            warn(`the commit status could not be set: ${HINTS[code] ?? thrown.message}`);
        }
    }
}
/** The target of this run; null where there is no commit or no token to speak with. */
export function targetOf(env, event, token, context, warn) {
    const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
    // On a pull request GITHUB_SHA is a merge that nobody looks at.
    const head = event?.pull_request;
    const sha = head?.head?.sha ?? env['GITHUB_SHA'] ?? '';
    if (token === '' || owner === '' || repo === '' || sha === '')
        return null;
    const runUrl = `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${owner}/${repo}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`;
    return { token, owner, repo, sha, runUrl, context, warn };
}
