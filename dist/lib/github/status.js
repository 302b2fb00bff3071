import { END_STATES, toDescription } from "./api.js";
/** The status at a border of a stage; null for what happens in between. */
export function statusOf(event, state, release) {
    const { version, candidate } = release;
    const pending = (text) => ({ state: 'pending', description: toDescription(text) });
    switch (event.type) {
        case 'release-started':
            return pending(`${version}: deploying ${candidate}`);
        case 'rollback-started':
            return pending(`${version}: rolling back to ${candidate}`);
        case 'release-resumed':
            return pending(`${version}: resumed at ${state.weight} %`);
        case 'traffic-shifted':
            return state.phase === 'baking' ? pending(`${version}: ${candidate} serves ${event.weight} %, watched`) : null;
        case 'release-paused':
            return pending(`${version}: paused at ${state.weight} %; ${event.reason}`);
        case 'revert-started':
            return { state: 'failure', description: toDescription(`${version}: going back; ${event.reason}`) };
        case 'release-finished':
            return {
                state: END_STATES[event.outcome],
                description: toDescription(`${version} ${event.outcome}; ${event.reason}`),
            };
        default:
            return null;
    }
}
/** The status of a plan on a pull request. */
export function statusOfPlan({ exitCode, reason }) {
    return { state: exitCode === 0 ? 'success' : 'failure', description: toDescription(reason === '' ? 'ready' : reason) };
}
/** Sets statuses, each once, of the commit that is released. */
export class CommitStatuses {
    github;
    context;
    last = '';
    /** @param context name of the status beside others of the commit */
    constructor(github, context) {
        this.github = github;
        this.context = context;
    }
    listener = async (event, state, release) => {
        const status = statusOf(event, state, release);
        // A person who promotes or aborts does so from another commit than the one that is released.
        if (status !== null)
            await this.set(status, release.origin.commit);
    };
    async set(status, commit = '') {
        const { github, context } = this;
        const said = JSON.stringify(status);
        if (said === this.last)
            return;
        this.last = said;
        const sha = commit === '' ? github.run.sha : commit;
        await github.ask('the commit status could not be set', 'statuses: write', (octokit, target) => octokit.rest.repos.createCommitStatus({ ...target, sha, context, ...status, target_url: github.run.url }));
    }
}
