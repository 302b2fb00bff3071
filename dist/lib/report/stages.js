import { follow } from "../core/state.js";
/** How a stage ended, for people. */
export const END_WORDS = {
    passed: 'passed',
    failed: 'failed',
    paused: 'paused',
    running: 'not finished',
    final: '',
};
function nameOf(state, weight) {
    if (state?.phase === 'baking')
        return state.plan.stages[state.stage]?.name ?? `${weight}%`;
    return weight === 0 ? 'back to stable' : `all traffic at ${weight}%`;
}
/** The weights of a release in order; the journal is folded once more, so that each has the name of its stage. */
export function stageRows(journal) {
    const rows = [];
    let state = null;
    for (const event of journal) {
        const last = rows.at(-1);
        if (last?.end === 'running')
            last.to = event.at;
        state = follow(state, event);
        switch (event.type) {
            case 'gap-found': {
                // The shift itself is not in the journal, but since when and at which weight is known.
                if (state?.phase !== 'baking' || last?.weight === state.weight)
                    break;
                const { weight, enteredAt } = state;
                const row = {
                    name: nameOf(state, weight),
                    weight,
                    from: enteredAt,
                    to: event.at,
                    verdict: null,
                    measurements: [],
                };
                rows.push({ ...row, end: 'running' });
                break;
            }
            case 'traffic-shifted': {
                const { weight, at } = event;
                const end = state === null || state.phase === 'baking' ? 'running' : 'final';
                rows.push({ name: nameOf(state, weight), weight, from: at, to: at, end, verdict: null, measurements: [] });
                break;
            }
            case 'analysis-completed':
                if (last?.end !== 'running')
                    break;
                last.verdict = event.verdict;
                last.measurements = event.measurements;
                break;
            case 'stage-passed':
                if (last?.end === 'running')
                    last.end = 'passed';
                break;
            case 'release-paused':
                if (last !== undefined && last.end !== 'final')
                    last.end = 'paused';
                break;
            case 'revert-started':
            case 'abort-requested':
                if (last?.end === 'running')
                    last.end = 'failed';
                break;
            default:
        }
    }
    const [end, row] = [journal.at(-1)?.at, rows.at(-1)];
    if (row !== undefined && end !== undefined)
        row.to = end;
    return rows;
}
