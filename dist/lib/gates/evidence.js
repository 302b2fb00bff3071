import { Counters, countedOf } from "../core/counters.js";
import { allowedBeside } from "../core/evidence.js";
import { DEFAULT_RULES, EvidenceJudge, nextWeightOf } from "../core/evidence-judge.js";
import { DEFAULT_HARM, ERRORS, ERRORS_PART, errorsMetric, goldenMetrics, pickBoundaries, } from "../core/golden.js";
import { describeForecast, forecastStages, passBlocks } from "../core/forecast.js";
import { toDuration } from "../core/duration.js";
import { hasAudience } from "../core/plan.js";
import { boundOf, durationScrapes, requestScrapes } from "./counters.js";
import { prometheusApi, unanswered } from "./prometheus-api.js";
const HISTORY_MS = 20 * 60_000;
/** Today's traffic is that of the last minutes. */
const RECENT_MS = 5 * 60_000;
/** Prometheus takes in a scrape a moment after its time. */
const LATE_MS = 2_000;
const OVERLAP_BLOCKS = 3;
/** A check before the release waits this long. */
const CHECK_MS = 10_000;
const VERDICTS = {
    advance: 'pass',
    hold: 'undecided',
    revert: 'fail',
    // Stable itself is ill: nobody is blamed, but traffic goes back.
    inconclusive: 'fail',
};
const seconds = (lengthMs) => `${Math.max(1, Math.ceil(lengthMs / 1000))}s`;
/** A selector with one more matcher; one of the user's may have no braces, or nothing between them. */
function also(selector, matcher) {
    const [, name = '', inside = ''] = /^([^{]*)(?:\{(.*)\})?$/s.exec(selector.trim()) ?? [];
    const matchers = inside.trim().replace(/,$/, '');
    return `${name}{${matchers === '' ? '' : `${matchers},`}${matcher}}`;
}
/** A forecast is no clock: whole seconds below a minute, half minutes above. */
const coarse = (lengthMs) => lengthMs < 60_000 ? Math.ceil(lengthMs / 1000) * 1000 : Math.ceil(lengthMs / 30_000) * 30_000;
/** The interval of the scrapes as the samples show it; never below how often the gate looks. */
function blockOf(series, leastMs) {
    const steps = series.flatMap(({ points }) => points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at)));
    const sorted = steps.sort((one, other) => one - other);
    return Math.max(leastMs, sorted[Math.floor(sorted.length / 2)] ?? 0);
}
class EvidenceGate {
    options;
    api;
    platform;
    trial = null;
    constructor(options, platform) {
        this.options = options;
        this.platform = platform;
        this.api = prometheusApi(options)(platform);
    }
    now() {
        return this.platform.clock.now();
    }
    async measure(window, signal) {
        const query = `${this.options.source.requests}[${seconds(window.to - window.shiftedAt)}]`;
        const nothing = { value: null, limit: null, baseline: null, query };
        if (window.weight <= 0 && !hasAudience(window.audience))
            return { ...nothing, verdict: 'pass', reason: 'no share of the traffic yet' };
        try {
            const begunAt = window.course[0]?.at ?? window.shiftedAt;
            if (this.trial?.id !== window.release.id || this.trial.begunAt !== begunAt) {
                this.trial = await this.begin(window, begunAt, signal);
            }
            else
                await this.fetch(this.trial, window, signal);
            const judgement = this.judge(this.trial, window);
            const [errors] = judgement.evidence;
            const { nC = 0, xC = 0, nS = 0, xS = 0 } = errors?.counts ?? {};
            const baseline = nS > 0 ? xS / nS : null;
            const isEmpty = nC + nS === 0 && judgement.ruling === 'hold';
            return {
                verdict: isEmpty ? 'no-data' : VERDICTS[judgement.ruling],
                reason: isEmpty ? judgement.reason : `${judgement.reason}${this.left(judgement)}`,
                value: nC > 0 ? xC / nC : null,
                baseline,
                limit: baseline === null || errors === undefined ? null : allowedBeside(baseline, errors.limit),
                query,
                evidence: judgement.evidence,
                odds: judgement.odds,
            };
        }
        catch (thrown) {
            return unanswered(thrown, query);
        }
    }
    /** How long a healthy candidate still needs. */
    left({ ruling, waiting }) {
        if (ruling !== 'hold' || waiting === null || this.trial === null)
            return '';
        const { block, share, limit, phi, worth } = waiting;
        const expected = { nC: block.nC, nS: block.nS, share, fault: share, limit, phi };
        const blocks = passBlocks(expected, this.options.falsePass ?? DEFAULT_RULES.beta, worth);
        const leftMs = blocks * this.trial.blockMs;
        return Number.isFinite(leftMs) && leftMs > 0 ? `; about ${toDuration(coarse(leftMs))} left if healthy` : '';
    }
    async forecast(plan, stable, signal) {
        const { source } = this.options;
        const selector = also(source.requests, `${source.colourLabel}="${source.values[stable] ?? ''}"`);
        const bad = also(selector, `${source.statusLabel}=~"5.."`);
        const now = this.now();
        const count = async (one, lengthMs) => {
            const [found] = await this.api.ask(`sum(increase(${one}[${seconds(lengthMs)}]))`, now, signal);
            return Number.isFinite(found?.value) ? (found?.value ?? 0) : 0;
        };
        const [all, failed, recent] = await Promise.all([
            count(selector, HISTORY_MS),
            count(bad, HISTORY_MS),
            count(selector, RECENT_MS),
        ]);
        if (all <= 0)
            return ['no requests in the last 20 minutes: a stage would wait for its max and be inconclusive'];
        const { errors, harm = DEFAULT_HARM } = this.options;
        const metric = errorsMetric({ ...ERRORS, ...errors }, ERRORS_PART, harm);
        const traffic = { perSecond: recent / (RECENT_MS / 1000), share: failed / all, phi: 1 };
        const weights = plan.stages.map(({ route }) => route.weight);
        const stages = forecastStages(weights, traffic, metric, this.rules(plan, plan.intervalMs));
        return stages.map((stage) => describeForecast(stage, traffic, (lengthMs) => toDuration(coarse(lengthMs))));
    }
    /** Reads twenty minutes of stable before the release, and everything since. */
    async begin(window, begunAt, signal) {
        const { source, errors, latency, harm } = this.options;
        const boundaries = await this.boundaries(window, begunAt, signal);
        const from = begunAt - HISTORY_MS;
        const series = await this.api.askRange(`${source.requests}[${seconds(window.to - from)}]`, window.to, signal);
        const blockMs = blockOf(series, window.plan.intervalMs);
        const requests = new Counters(2, blockMs);
        const durations = new Counters(1 + boundaries.length, blockMs);
        const metrics = goldenMetrics({
            boundaries,
            unit: source.unit,
            ...(errors !== undefined && { errors }),
            ...(latency !== undefined && { latency }),
            ...(harm !== undefined && { harm }),
        });
        const judge = new EvidenceJudge(this.rules(window.plan, blockMs), metrics);
        const trial = { id: window.release.id, begunAt, blockMs, boundaries, judge, requests, durations };
        const made = { ...trial, fetchedTo: from, judgedTo: begunAt };
        for (const one of requestScrapes(series, source, window.release))
            requests.add(one);
        await this.fetchDurations(made, window, signal);
        made.fetchedTo = window.to;
        for (let at = begunAt - Math.floor(HISTORY_MS / blockMs) * blockMs; at <= begunAt; at += blockMs) {
            judge.learn(this.counted(made, at));
        }
        return made;
    }
    rules(plan, blockMs) {
        const baked = plan.stages.filter(({ route }) => (route.weight > 0 || hasAudience(route)) && route.weight < 100);
        const { alpha, beta, warmUpMs } = DEFAULT_RULES;
        return {
            alpha: this.options.falseRevert ?? alpha,
            beta: this.options.falsePass ?? beta,
            warmUpMs: this.options.warmUpMs ?? warmUpMs,
            blockMs,
            maxStageMs: Math.max(blockMs, ...baked.map((stage) => stage.maxMs)),
            stages: Math.max(1, baked.length),
        };
    }
    /** The boundaries of the histogram, by what stable did before the release. */
    async boundaries(window, begunAt, signal) {
        const { source, latency } = this.options;
        if (source.durations === null)
            return [];
        const value = source.values[window.release.stable] ?? '';
        const selector = also(source.durations, `${source.colourLabel}="${value}"`);
        const query = `sum by (le) (increase(${selector}[${seconds(HISTORY_MS)}]))`;
        // A service that had no traffic before is compared by what it has now.
        const before = await this.api.ask(query, begunAt, signal);
        const samples = before.some((one) => one.value > 0) ? before : await this.api.ask(query, window.to, signal);
        const sorted = samples
            .map(({ labels, value: count }) => ({ bound: boundOf(labels), le: labels['le'] ?? '', count }))
            .sort((one, other) => one.bound - other.bound);
        const total = sorted.at(-1)?.count ?? 0;
        const finite = sorted.filter(({ bound }) => Number.isFinite(bound));
        if (!(total > 0) || finite.length === 0)
            return [];
        const picked = pickBoundaries(finite.map(({ bound }) => bound), finite.map(({ count }) => count), total, latency?.quantile);
        return picked.map((one) => ({ ...one, le: finite[one.index]?.le ?? '' }));
    }
    async fetch(trial, window, signal) {
        const { source } = this.options;
        const from = trial.fetchedTo - OVERLAP_BLOCKS * trial.blockMs;
        const query = `${source.requests}[${seconds(window.to - from)}]`;
        const series = await this.api.askRange(query, window.to, signal);
        for (const one of requestScrapes(series, source, window.release))
            trial.requests.add(one);
        await this.fetchDurations(trial, window, signal);
        trial.fetchedTo = window.to;
    }
    /** Only the buckets that were picked: the rest of a histogram is most of the traffic to Prometheus. */
    async fetchDurations(trial, window, signal) {
        const { source } = this.options;
        if (source.durations === null || trial.boundaries.length === 0)
            return;
        const from = trial.fetchedTo - OVERLAP_BLOCKS * trial.blockMs;
        const bounds = trial.boundaries.map(({ bound }) => bound);
        // A server that is renewed writes whole numbers as 1.0 from then on.
        const texts = trial.boundaries.map(({ le }) => `${le.replace(/\.0$/, '').replaceAll(/[.+]/g, '\\\\$&')}(\\\\.0)?`);
        const selector = also(source.durations, `le=~"\\\\+Inf|${texts.join('|')}"`);
        const series = await this.api.askRange(`${selector}[${seconds(window.to - from)}]`, window.to, signal);
        for (const one of durationScrapes(series, source, window.release, bounds))
            trial.durations.add(one);
    }
    counted(trial, at) {
        const requests = trial.requests.advance(at);
        const durations = trial.durations.advance(at);
        const errors = countedOf(requests, 1);
        const twice = this.options.errors?.max === undefined ? [] : [errors];
        return [errors, ...twice, ...trial.boundaries.map((_, index) => countedOf(durations, index + 1))];
    }
    /** Judges every interval that is complete. */
    judge(trial, { to, course, plan }) {
        const late = Math.min(LATE_MS, trial.blockMs / 5);
        for (let at = trial.judgedTo + trial.blockMs; at <= to - late; at += trial.blockMs) {
            const stage = course.findLastIndex((shift) => shift.at < at);
            const { weight = 0, at: since = at } = course[stage] ?? {};
            const nextWeight = nextWeightOf(plan.stages.map(({ route }) => route.weight), weight);
            const counted = this.counted(trial, at);
            const maxMs = plan.stages.find(({ route }) => route.weight === weight)?.maxMs ?? Infinity;
            trial.judge.observe({ stage, weight, nextWeight, stageMs: at - since, maxMs, counted });
            trial.judgedTo = at;
        }
        return trial.judge.judgement;
    }
    async check() {
        const { source } = this.options;
        const signal = this.platform.timeout(CHECK_MS);
        const hint = 'check the address, the reporter and the names of service, namespace and workloads';
        try {
            const found = await this.api.askRange(`${source.requests}[5m]`, this.now(), signal);
            return found.length > 0
                ? []
                : [{ level: 'warn', message: `Prometheus has no counters ${source.requests} in the last 5 minutes`, hint }];
        }
        catch (thrown) {
            return [{ level: 'warn', message: `Prometheus: ${thrown.message}`, hint: '' }];
        }
    }
}
/**
 * The default gate: errors and latency of the candidate against stable in the same intervals, with evidence that may
 * be looked at any number of times (docs/gate.md).
 */
export function evidence(options) {
    return (platform) => new EvidenceGate(options, platform);
}
