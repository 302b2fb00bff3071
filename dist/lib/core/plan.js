import { toDuration } from "./duration.js";
/** Nobody reaches the candidate but by its weight. */
export const NOBODY = { match: [], mirror: 0 };
/** Whether anybody reaches the candidate beside its weight. */
export const hasAudience = ({ match, mirror }) => match.length > 0 || mirror > 0;
/** An audience for people, to be put behind the shares; empty for nobody. */
export function describeAudience({ match, mirror }, candidate) {
    const asked = match.map(({ by, name, value }) => (by === 'custom' ? value : `${by} ${name}=${value}`));
    return [
        asked.length === 0 ? '' : `, ${candidate} for ${asked.join(' or ')}`,
        mirror === 0 ? '' : `, copies of ${mirror} % to ${candidate}`,
    ].join('');
}
/** Every reason why this plan cannot be driven; empty when it can. */
export function checkPlan(plan, supports, knownGates) {
    const problems = [];
    let previous = -1;
    let isAfterAudience = false;
    for (const stage of plan.stages) {
        const { weight, match, mirror } = stage.route;
        if (!(weight >= 0 && weight <= 100))
            problems.push(`stage ${stage.name}: weight ${weight} is not between 0 and 100`);
        if (weight < previous || (weight === previous && !hasAudience(stage.route) && !isAfterAudience)) {
            problems.push(`stage ${stage.name}: weight ${weight} does not rise above ${previous}`);
        }
        if (!(mirror >= 0 && mirror <= 100))
            problems.push(`stage ${stage.name}: mirror ${mirror} is not between 0 and 100`);
        if (Math.abs(weight / supports.precision - Math.round(weight / supports.precision)) > 1e-9) {
            problems.push(`stage ${stage.name}: weight ${weight} cannot be reached in steps of ${supports.precision}`);
        }
        for (const { by } of match) {
            if (supports.match.includes(by))
                continue;
            const can = supports.match.length === 0 ? 'not at all' : `by ${supports.match.join(', ')}`;
            problems.push(`stage ${stage.name}: this router cannot tell requests by ${by} (it can ${can})`);
        }
        if (mirror > 0 && !supports.mirror)
            problems.push(`stage ${stage.name}: this router cannot mirror requests`);
        if (stage.maxMs < stage.minMs) {
            problems.push(`stage ${stage.name}: max ${toDuration(stage.maxMs)} is shorter than min ${toDuration(stage.minMs)}`);
        }
        for (const gate of stage.gates) {
            if (!knownGates.includes(gate)) {
                problems.push(`stage ${stage.name}: there is no gate "${gate}" (there are: ${knownGates.join(', ') || 'none'})`);
            }
        }
        previous = weight;
        isAfterAudience = hasAudience(stage.route);
    }
    const last = plan.stages.at(-1);
    if (last !== undefined && plan.ending === 'swap' && last.route.weight !== 100) {
        problems.push(`the last stage has weight ${last.route.weight}, it must be 100`);
    }
    return problems;
}
