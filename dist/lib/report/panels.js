import { isBeginning } from "../core/events.js";
const PERCENT = 100;
/** Odds are drawn on a logarithmic axis, which has no zero. */
const LEAST_ODDS = 1e-3;
const line = (name, owner, points, isStep = false) => ({
    name,
    owner,
    points,
    isStep,
});
const hasValues = ({ points }) => points.some(([, value]) => value !== null);
function weights(journal) {
    const points = [];
    for (const event of journal) {
        if (event.type === 'gap-found')
            points.push([event.at, event.state.weight]);
        else if (isBeginning(event) || event.type === 'traffic-shifted')
            points.push([event.at, event.weight]);
    }
    const end = journal.at(-1)?.at;
    const last = points.at(-1);
    if (end !== undefined && last !== undefined)
        points.push([end, last[1]]);
    const stable = points.map(([at, weight]) => [at, weight === null ? null : PERCENT - weight]);
    return {
        title: 'Weights',
        unit: '%',
        lines: [line('stable', 'stable', stable, true), line('candidate', 'candidate', points, true)],
        thresholds: [],
    };
}
/** Shares between one look and the next; counts begin anew with each stage. */
function shares(looks, side) {
    const points = [];
    let before = null;
    for (const now of looks) {
        const from = before?.stage === now.stage ? before.counts : null;
        const [total, bad] = side === 'C'
            ? [now.counts.nC - (from?.nC ?? 0), now.counts.xC - (from?.xC ?? 0)]
            : [now.counts.nS - (from?.nS ?? 0), now.counts.xS - (from?.xS ?? 0)];
        if (before !== null && from === null)
            points.push([now.at, null]);
        if (total > 0)
            points.push([now.at, (PERCENT * Math.max(0, bad)) / total]);
        // A look between two scrapes brought nothing new.
        if (from === null || now.counts.nC + now.counts.nS > from.nC + from.nS)
            before = now;
    }
    return points;
}
function metric(name, looks) {
    const counted = looks.flatMap(({ at, stage, measurements }) => {
        const found = measurements.flatMap(({ evidence = [] }) => evidence).find((one) => one.metric === name);
        return found === undefined ? [] : [{ at, stage, counts: found.counts }];
    });
    const title = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;
    const lines = [line('stable', 'stable', shares(counted, 'S')), line('candidate', 'candidate', shares(counted, 'C'))];
    return { title, unit: '%', lines, thresholds: [] };
}
function odds(looks) {
    const found = looks.flatMap(({ at, measurements }) => {
        const one = measurements.find((measurement) => measurement.odds !== undefined)?.odds;
        return one === undefined ? [] : [[at, one]];
    });
    const last = found.at(-1)?.[1];
    const points = (value) => found.map(([at, one]) => [at, Math.max(LEAST_ODDS, value(one))]);
    const thresholds = last === undefined
        ? []
        : [
            { name: `taken back at ${last.revertAt}`, owner: 'against', value: last.revertAt },
            { name: `passes at ${last.passAt}`, owner: 'goingOn', value: last.passAt },
        ];
    const lines = [
        line('against the candidate', 'against', points(({ against }) => against)),
        line('for going on', 'goingOn', points(({ goingOn }) => goingOn)),
    ];
    return { title: 'Evidence, odds to one', unit: 'odds', lines, thresholds };
}
function gate(name, looks) {
    const points = (value) => looks.flatMap(({ at, measurements }) => {
        const found = measurements.find((one) => one.gate === name);
        return found === undefined ? [] : [[at, value(found)]];
    });
    const lines = [
        line('stable', 'stable', points(({ baseline }) => baseline)),
        line('candidate', 'candidate', points(({ value }) => value)),
        line('limit', 'neutral', points(({ limit }) => limit), true),
    ];
    return { title: `Gate ${name}`, unit: '', lines, thresholds: [] };
}
/** The charts of a release: weights, what each metric was on both colours, the evidence, and every other gate. */
export function panels(journal) {
    const looks = journal.flatMap((event) => (event.type === 'analysis-completed' ? [event] : []));
    const all = looks.flatMap(({ measurements }) => measurements);
    const metrics = [...new Set(all.flatMap(({ evidence = [] }) => evidence.map((one) => one.metric)))];
    const gates = [...new Set(all.filter((one) => one.evidence === undefined).map((one) => one.gate))];
    const judged = metrics.map((name) => metric(name, looks));
    const found = [...judged, odds(looks), ...gates.map((name) => gate(name, looks))]
        .map((panel) => ({ ...panel, lines: panel.lines.filter(hasValues) }))
        .filter(({ lines }) => lines.length > 0);
    return [weights(journal), ...found];
}
