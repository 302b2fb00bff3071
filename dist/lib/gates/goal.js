import { goalEvidence } from "../core/goal.js";
import { fill } from "../core/template.js";
import { prometheusApi, unanswered } from "./prometheus-api.js";
const DEFAULT_FALSE_CHOICE = 0.05;
const percent = (share) => `${Number((share * 100).toPrecision(3))} %`;
/**
 * Chooses between two versions: passes when the candidate is better, fails when it is worse, and is undecided in
 * between. May be looked at any number of times.
 */
export function goal(options) {
    return (platform) => {
        const api = prometheusApi(options)(platform);
        const { better = 'more', falseChoice = DEFAULT_FALSE_CHOICE, samples = Infinity } = options;
        const count = async (template, window, isCandidate, signal) => {
            const { release, shiftedAt, to } = window;
            const colour = isCandidate ? release.candidate : release.stable;
            const query = fill(template, {
                colour,
                version: isCandidate ? release.version : (release.previousVersion ?? ''),
                workload: options.workloads[colour] ?? colour,
                namespace: options.namespace,
                service: release.service,
                window: `${Math.max(1, Math.round((to - shiftedAt) / 1000))}s`,
            });
            const found = await api.ask(query, to, signal);
            const sum = found.reduce((all, { value }) => all + (Number.isFinite(value) ? value : 0), 0);
            return { query, value: Math.max(0, sum) };
        };
        const measure = async (window, signal) => {
            const [candidateTrials, candidateSuccesses, stableTrials, stableSuccesses] = await Promise.all([
                count(options.trials, window, true, signal),
                count(options.successes, window, true, signal),
                count(options.trials, window, false, signal),
                count(options.successes, window, false, signal),
            ]);
            const tally = {
                candidate: {
                    trials: candidateTrials.value,
                    successes: Math.min(candidateTrials.value, candidateSuccesses.value),
                },
                stable: { trials: stableTrials.value, successes: Math.min(stableTrials.value, stableSuccesses.value) },
            };
            const { candidate, stable, odds } = goalEvidence(tally);
            const { query } = candidateSuccesses;
            const numbers = { value: candidate, baseline: stable, limit: null, query };
            if (tally.candidate.trials === 0 || tally.stable.trials === 0) {
                const who = tally.candidate.trials === 0 ? 'the candidate' : 'stable';
                return { ...numbers, value: null, baseline: null, verdict: 'no-data', reason: `no trials of ${who} yet` };
            }
            const seen = `candidate ${percent(candidate)} of ${Math.round(tally.candidate.trials)}, stable ${percent(stable)} of ${Math.round(tally.stable.trials)}`;
            const said = `${seen}; odds of a difference ${Number(odds.toPrecision(3))} to 1`;
            if (odds >= 1 / falseChoice) {
                const isBetter = candidate > stable === (better === 'more');
                return { ...numbers, verdict: isBetter ? 'pass' : 'fail', reason: `${isBetter ? 'better' : 'worse'}: ${said}` };
            }
            if (tally.candidate.trials >= samples) {
                return { ...numbers, verdict: 'fail', reason: `no difference in ${samples} trials, stable is kept: ${said}` };
            }
            return {
                ...numbers,
                verdict: 'undecided',
                reason: `${said}, ${Number((1 / falseChoice).toPrecision(3))} are needed`,
            };
        };
        return {
            measure: (window, signal) => measure(window, signal).catch((thrown) => unanswered(thrown, options.successes)),
        };
    };
}
