import { toDuration } from "./duration.js";
/** Every reason why this plan cannot be driven; empty when it can. */
export function checkPlan(plan, supports, knownGates) {
    const problems = [];
    let previous = -1;
    for (const stage of plan.stages) {
        const { weight, match } = stage.route;
        if (!(weight >= 0 && weight <= 100))
            problems.push(`stage ${stage.name}: weight ${weight} is not between 0 and 100`);
        if (weight <= previous)
            problems.push(`stage ${stage.name}: weight ${weight} does not rise above ${previous}`);
        if (Math.abs(weight / supports.precision - Math.round(weight / supports.precision)) > 1e-9) {
            problems.push(`stage ${stage.name}: weight ${weight} cannot be reached in steps of ${supports.precision}`);
        }
        if (match.length > 0 && !supports.match)
            problems.push(`stage ${stage.name}: this router cannot match requests`);
        if (stage.maxMs < stage.minMs) {
            problems.push(`stage ${stage.name}: max ${toDuration(stage.maxMs)} is shorter than min ${toDuration(stage.minMs)}`);
        }
        for (const gate of stage.gates) {
            if (!knownGates.includes(gate)) {
                problems.push(`stage ${stage.name}: there is no gate "${gate}" (there are: ${knownGates.join(', ') || 'none'})`);
            }
        }
        previous = weight;
    }
    const last = plan.stages.at(-1);
    if (last !== undefined && plan.ending === 'swap' && last.route.weight !== 100) {
        problems.push(`the last stage has weight ${last.route.weight}, it must be 100`);
    }
    return problems;
}
