import { Counters, countedOf } from "./counters.js";
import { DEFAULT_RULES, EvidenceJudge } from "./evidence-judge.js";
import { goldenMetrics, pickBoundaries } from "./golden.js";
const MIN_STAGE_S = 60;
const MAX_STAGE_MS = 20 * 60_000;
/** The rules that a release has when nothing is said in its settings. */
export function defaultRules(blockMs, weights) {
    const stages = weights.filter((weight) => weight < 100).length;
    return { ...DEFAULT_RULES, maxStageMs: MAX_STAGE_MS, blockMs, stages };
}
/** Judges one rollout of the line protocol with the rules that a release has by default. */
export class ProtocolRollout {
    judge;
    counters;
    places;
    kinds;
    constructor({ stages, scrapeSeconds, bucketBounds, history }) {
        const blockMs = scrapeSeconds * 1000;
        // All bounds are counted while stable is looked at; afterwards only those that were picked.
        const probe = new Counters(2 + bucketBounds.length, blockMs);
        const before = [...history].sort((one, other) => one.t - other.t);
        for (const { samples } of before) {
            for (const one of samples)
                if (one.colour === 'stable')
                    probe.add(toScrape(one, bucketBounds.keys()));
        }
        const { stable } = probe.advance(0);
        const boundaries = pickBoundaries(bucketBounds, stable.slice(2), stable[0] ?? 0);
        this.places = boundaries.map(({ index }) => index);
        const metrics = goldenMetrics({ boundaries, unit: 's' });
        this.kinds = metrics.length;
        this.judge = new EvidenceJudge(defaultRules(blockMs, stages), metrics);
        this.counters = new Counters(1 + this.kinds, blockMs);
        for (const { t, samples } of before) {
            if (t > 0)
                continue;
            for (const one of samples)
                this.take(one);
            this.judge.learn(this.counted(t));
        }
    }
    take(sample) {
        const { counts, ...rest } = toScrape(sample, this.places);
        const [requests = 0, errors = 0, ...below] = counts;
        this.counters.add({ ...rest, counts: [requests, errors, ...below.map((count) => requests - count)] });
    }
    counted(t) {
        const added = this.counters.advance(t * 1000);
        return Array.from({ length: this.kinds }, (_, kind) => countedOf(added, kind + 1));
    }
    tick({ t, stage, weight, nextWeight, stageT, samples }) {
        for (const one of samples)
            this.take(one);
        const age = { stageMs: stageT * 1000, maxMs: MAX_STAGE_MS };
        this.judge.observe({ stage, weight, nextWeight, ...age, counted: this.counted(t) });
        const { judgement } = this.judge;
        if (judgement.ruling === 'hold' && stageT * 1000 >= MAX_STAGE_MS)
            return { ...judgement, ruling: 'inconclusive' };
        if (judgement.ruling !== 'advance' || stageT >= MIN_STAGE_S)
            return judgement;
        return { ...judgement, ruling: 'hold', reason: `${MIN_STAGE_S} s at least` };
    }
}
function toScrape({ colour, series, t, requests, errors, buckets }, places) {
    const below = [...places].map((place) => buckets[place] ?? 0);
    return { side: colour, pod: series, at: t * 1000, counts: [requests, errors, ...below] };
}
