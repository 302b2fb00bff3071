/** Page that compares two versions; empty when it is not known where one of them came from, or they are the same. */
export function compareUrl(from, to) {
    if (from.commit === '' || to.commit === '' || from.commit === to.commit)
        return '';
    return from.repository === to.repository && to.repository !== ''
        ? `${to.repository}/compare/${from.commit}...${to.commit}`
        : '';
}
/** Branch or tag as people name it: `refs/tags/v1.2.3 → v1.2.3`. */
export const shortRef = (ref) => ref.replace(/^refs\/(heads|tags|pull)\//, '');
/** A commit as people name it. */
export const shortCommit = (commit) => commit.slice(0, 9);
/** What a colour runs and where that came from, in a few words: `1.4.0 (v1.4.0, 3f2a91c04, by octocat)`. */
export function describeBuild(version, { commit, ref, actor }) {
    const parts = [shortRef(ref), shortCommit(commit), actor === '' ? '' : `by ${actor}`].filter((part) => part !== '');
    const from = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
    return `${version ?? 'an unknown version'}${from}`;
}
