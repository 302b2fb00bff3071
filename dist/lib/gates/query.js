import { fill } from "../core/template.js";
import { judge, limitOf } from "../core/verdict.js";
import { ReleaseError } from "../errors.js";
import { prometheusApi, unanswered } from "./prometheus-api.js";
async function askOne(api, query, at, signal) {
    const samples = await api.ask(query, at, signal);
    if (samples.length > 1) {
        const problem = `the query gives ${samples.length} series, one value is wanted; aggregate it`;
        throw new ReleaseError('METRICS_REJECTED', problem);
    }
    const [first] = samples;
    if (first === undefined)
        return { value: Number.NaN, missing: 'the query found nothing' };
    const missing = Number.isFinite(first.value) ? '' : `the query gives ${first.value}`;
    return { value: first.value, missing };
}
function show(value) {
    return Number(value.toPrecision(4)).toString();
}
class QueryGate {
    options;
    api;
    constructor(options, api) {
        this.options = options;
        this.api = api;
    }
    fillFor(template, window, colour, version) {
        return fill(template, {
            colour,
            version,
            workload: this.options.workloads?.[colour] ?? colour,
            namespace: this.options.namespace ?? 'default',
            service: window.release.service,
            window: `${Math.max(1, Math.round((window.to - window.from) / 1000))}s`,
        });
    }
    async measure(window, signal) {
        const { release, to } = window;
        const { options } = this;
        const query = this.fillFor(options.query, window, release.candidate, release.version);
        const none = (reason, value = null) => ({
            verdict: 'no-data',
            reason,
            value,
            limit: null,
            baseline: null,
            query,
        });
        try {
            const candidate = await askOne(this.api, query, to, signal);
            if (candidate.missing !== '')
                return none(candidate.missing);
            const { value } = candidate;
            if (options.requests !== undefined) {
                const asked = this.fillFor(options.requests, window, release.candidate, release.version);
                const requests = await askOne(this.api, asked, to, signal);
                const wanted = options.minRequests ?? 1;
                if (!(requests.value >= wanted)) {
                    const have = requests.missing === '' ? show(requests.value) : 'no';
                    return none(`${have} requests, ${wanted} needed`, value);
                }
            }
            if (options.tolerance === undefined)
                return this.bounded(value, query);
            if (options.query.includes('{version}') && release.previousVersion === null) {
                return none('the version of stable is not known, so there is nothing to compare with', value);
            }
            const asked = this.fillFor(options.query, window, release.stable, release.previousVersion ?? '');
            const stable = await askOne(this.api, asked, to, signal);
            if (stable.missing !== '')
                return none(`stable: ${stable.missing}`, value);
            return this.compared(value, stable.value, options.tolerance, query);
        }
        catch (thrown) {
            return unanswered(thrown, query);
        }
    }
    bounded(value, query) {
        const { min = null, max = null } = this.options;
        const verdict = judge(value, { min, max });
        const tooLow = min !== null && value < min;
        const limit = tooLow || max === null ? min : max;
        const sign = verdict === 'fail' ? (tooLow ? '<' : '>') : tooLow || max === null ? '≥' : '≤';
        return { verdict, reason: `${show(value)} ${sign} ${limit ?? ''}`, value, limit, baseline: null, query };
    }
    compared(value, baseline, tolerance, query) {
        const { min, max, allowance = 0 } = this.options;
        const higherIsBetter = min !== undefined && max === undefined;
        const limit = higherIsBetter
            ? Math.max(baseline / tolerance - allowance, min)
            : Math.min(limitOf(baseline, { tolerance, allowance }), max ?? Number.POSITIVE_INFINITY);
        const isFine = higherIsBetter ? value >= limit : value <= limit;
        const verdict = isFine ? 'pass' : 'fail';
        const sign = higherIsBetter ? (isFine ? '≥' : '<') : isFine ? '≤' : '>';
        const reason = `${show(value)} ${sign} ${show(limit)} (stable ${show(baseline)})`;
        return { verdict, reason, value, limit, baseline, query };
    }
}
/** A gate that asks Prometheus the user's own question. */
export function prometheus(options) {
    return (platform) => new QueryGate(options, prometheusApi(options)(platform));
}
