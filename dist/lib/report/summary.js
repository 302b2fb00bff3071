import { toDuration } from "../core/duration.js";
/** Text from a cluster must not become markup, a link or a mention. */
function escape(text) {
    return text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('|', '\\|')
        .replaceAll(/([`*_[\]@#~\\])/g, '\\$1')
        .replaceAll(/\s*\n\s*/g, ' ');
}
/** One row per weight that was held. */
function rowsOf(journal) {
    const rows = [];
    for (const event of journal) {
        const last = rows.at(-1);
        if (last !== undefined)
            last.to = event.at;
        if (event.type === 'traffic-shifted') {
            rows.push({ weight: event.weight, from: event.at, to: event.at, verdict: '', measurements: [] });
        }
        if (last !== undefined && event.type === 'analysis-completed') {
            last.verdict = event.verdict;
            last.measurements = event.measurements;
        }
    }
    return rows;
}
const NEXT = {
    paused: 'Dispatch `promote` to go on, `abort` to bring traffic back.',
    interrupted: 'Run the release of the same version again to go on, or dispatch `abort`.',
    reverted: 'Traffic is on stable. The candidate is kept for inspection; release a corrected version when ready.',
    stuck: 'A person must look: set the weights by hand or dispatch `abort`.',
    promoted: 'Dispatch `rollback` to bring traffic back to the previous version in one write.',
};
/** The job summary: verdict first, then the stages, then what to do next. */
export function toSummary(report) {
    const { release, outcome, reason } = report;
    const lines = [
        `## ${escape(release.service)} ${escape(release.version)}: ${outcome}`,
        '',
        escape(reason),
        '',
        '| weight | held | verdict | gates |',
        '|---:|---:|---|---|',
    ];
    for (const row of rowsOf(report.journal)) {
        const gates = row.measurements
            .map((one) => `**${escape(one.gate)}** ${one.verdict}: ${escape(one.reason)}`)
            .join('<br>');
        lines.push(`| ${row.weight} % | ${toDuration(row.to - row.from)} | ${row.verdict} | ${gates} |`);
    }
    const previous = release.previousVersion === null ? '' : ` (${escape(release.previousVersion)})`;
    lines.push('', `Stable ${escape(release.stable)}${previous}, candidate ${escape(release.candidate)}, started by ${escape(release.by)}.`);
    lines.push('', NEXT[outcome] ?? '');
    return `${lines.join('\n')}\n`;
}
