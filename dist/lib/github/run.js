import { UNKNOWN_ORIGIN } from "../core/events.js";
/**
 * Reads the runner's variables.
 * @param event what started the run, as the runner wrote it down; null for nothing
 * @returns null outside a runner
 */
export function readRun(env, event) {
    const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
    // On a pull request GITHUB_SHA is a merge that nobody looks at.
    const head = event?.pull_request?.head;
    const sha = head?.sha ?? env['GITHUB_SHA'] ?? '';
    if (owner === '' || repo === '' || sha === '')
        return null;
    const repository = `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${owner}/${repo}`;
    const url = `${repository}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`;
    const [, file] = /\.github\/workflows\/([^@/]+)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '') ?? [];
    const ref = head?.ref ?? env['GITHUB_REF'] ?? '';
    return {
        owner,
        repo,
        sha,
        url,
        dispatchUrl: file === undefined ? '' : `${repository}/actions/workflows/${file}`,
        origin: { ...UNKNOWN_ORIGIN, repository, commit: sha, ref, actor: env['GITHUB_ACTOR'] ?? '', run: url },
    };
}
