import { MOST_PASS_DISPERSION } from "./evidence.js";
import { ServedShare } from "./served.js";
import { MOST_PASS_DELTA, NOTHING, shareOf, Trial } from "./trial.js";
/**
 * Money: what is put on the first and later stages, on their warm-up and on faults that begin late. What is kept for
 * the last stage is there however long the others were held, also while nobody drove.
 */
const MONEY = { firstWarm: 0.05, first: 0.5, laterWarm: 0.03, later: 0.22, trickle: 0.15, last: 0.05 };
/** Bad requests a minute that a small service may spend on a stage: below it no statistics would ever let it go on. */
const HARM_PER_MINUTE = 20;
const MIN_REQUESTS = 30;
/** Stable is ill when its share is above three times what it was, or two points above. */
const ILL = { factor: 3, points: 0.02, requests: 50, forMs: 240_000 };
/** The candidate must serve its share. */
const SERVED = { blocks: 5, expected: 120, revert: 0.2, hold: 0.6 };
const SMOOTHING = 0.1;
/** The next weight of a plan; 100 after the last one. */
export const nextWeightOf = (weights, weight) => Math.min(100, ...weights.filter((one) => one > weight));
/** Rules of a release when its settings say nothing; the tests of `docs/gate.md` measure these. */
export const DEFAULT_RULES = { alpha: 0.02, beta: 0.05, warmUpMs: 20_000 };
/** The part of the money that is staked when the first stage begins to count. */
export const MONEY_FIRST = MONEY.first;
/**
 * What a pass must rule out: points above `rho × stable`. The larger the next weight, the less the candidate may be
 * worse, so that what it may cost stays the same.
 *
 * @param perSecond requests a second of the whole service
 */
export function passDeltaOf({ harm, mostHarm }, nextWeight, perSecond) {
    const spent = perSecond > 0 ? HARM_PER_MINUTE / (60 * perSecond) : mostHarm;
    const allowed = Math.min(mostHarm, Math.max(harm, spent));
    return Math.min(MOST_PASS_DELTA, allowed / (nextWeight / 100));
}
/** A share as people read it. */
export const percent = (share) => `${Number((share * 100).toPrecision(2))} %`;
const points = (share) => `${Number((share * 100).toPrecision(2))} points`;
/**
 * Judges a release interval by interval: revert, go on, wait, or give up undecided. Pure: the same intervals give the
 * same judgement, so a run that is started again recomputes it from the metrics.
 */
export class EvidenceJudge {
    rules;
    trials;
    stage = -1;
    begun = 0;
    /** Whether the stage's money is on the table: for its warm-up, and for what comes after. */
    isWarmFunded = false;
    isFunded = false;
    requestsAfterWarmUp = 0;
    served = new ServedShare();
    shareBefore = 0;
    illMs = 0;
    perSecond = 0;
    base = 0;
    /** What has been put on faults that begin late. */
    trickled = 0;
    interval = null;
    constructor(rules, metrics) {
        this.rules = rules;
        this.trials = metrics.map((metric) => new Trial(metric));
    }
    /** What stable did before the release: its shares, its bursts, its traffic. */
    learn(counted) {
        counted.forEach((one, index) => this.trials[index]?.learn(one, false));
        this.smooth(counted[0]?.block ?? NOTHING);
        this.base = this.trials[0]?.share ?? 0;
    }
    smooth({ nC, nS }) {
        const now = (nC + nS) / (this.rules.blockMs / 1000);
        this.perSecond = this.perSecond === 0 ? now : this.perSecond * (1 - SMOOTHING) + now * SMOOTHING;
    }
    enter(stage) {
        if (this.served.requests > 0)
            this.shareBefore = this.served.share;
        this.stage = stage;
        this.isWarmFunded = false;
        this.isFunded = false;
        this.requestsAfterWarmUp = 0;
        this.served = new ServedShare();
        this.illMs = 0;
        for (const trial of this.trials)
            trial.enter();
        this.begun += 1;
    }
    get isFirst() {
        return this.begun === 1;
    }
    /** How much of each later stage's money there is. */
    split(money) {
        return money / Math.max(1, this.rules.stages - 1);
    }
    observe(interval) {
        if (interval.stage !== this.stage)
            this.enter(interval.stage);
        this.interval = interval;
        const first = interval.counted[0]?.block ?? NOTHING;
        const isIll = this.isIll(first);
        this.illMs = isIll ? this.illMs + this.rules.blockMs : 0;
        const isWarmUp = interval.stageMs <= this.rules.warmUpMs + this.rules.blockMs;
        if (isWarmUp)
            this.warmUp(interval);
        else
            this.bake(interval);
        if (!isWarmUp)
            this.requestsAfterWarmUp += first.nC;
        this.count(interval, first);
        interval.counted.forEach((one, index) => {
            const trial = this.trials[index];
            if (trial === undefined)
                return;
            trial.count(one.block);
            trial.learn(one, isIll);
        });
        this.smooth(first);
    }
    warmUp({ counted }) {
        const money = this.isFirst ? MONEY.firstWarm : this.split(MONEY.laterWarm);
        counted.forEach(({ block }, index) => {
            const trial = this.trials[index];
            if (!this.isWarmFunded)
                trial?.putWarm(money);
            trial?.playWarm(block);
        });
        this.isWarmFunded = true;
    }
    bake({ counted, weight, nextWeight }) {
        const { blockMs, maxStageMs, stages, beta } = this.rules;
        const isFirstBlock = !this.isFunded;
        const money = this.isFirst ? MONEY.first : this.split(MONEY.later);
        const planned = MONEY.trickle / Math.max(1, (stages * maxStageMs) / blockMs);
        const trickle = Math.min(planned, MONEY.trickle - this.trickled);
        this.trickled += trickle;
        counted.forEach(({ block }, index) => {
            const trial = this.trials[index];
            if (trial === undefined)
                return;
            // Nothing comes after the last stage: all that is left is for it.
            if (isFirstBlock && weight >= 100)
                trial.putAll();
            else
                trial.put((isFirstBlock ? money : 0) + trickle);
            const passDelta = passDeltaOf(trial.metric, nextWeight, this.perSecond);
            if (weight >= 100)
                trial.playAlone(block, passDelta, beta);
            else if (block.nS > 0)
                trial.play(block, passDelta, beta);
        });
        this.isFunded = true;
    }
    isIll({ nS, xS }) {
        return nS >= ILL.requests && shareOf(xS, nS) > Math.max(ILL.factor * this.base, this.base + ILL.points);
    }
    count({ stageMs, weight }, { nC, nS }) {
        if (stageMs - this.rules.blockMs < this.rules.warmUpMs)
            return;
        const expected = weight >= 100 ? this.perSecond * (this.rules.blockMs / 1000) : (nS * weight) / (100 - weight);
        this.served.add(expected, nC, nS);
    }
    get value() {
        return this.trials.reduce((sum, trial) => sum + trial.metric.part * trial.worth, 0);
    }
    get evidence() {
        return this.trials.map((trial) => ({
            metric: trial.metric.name,
            counts: trial.counts,
            revert: trial.worth,
            pass: trial.passWorth,
            limit: trial.metric.limit,
            passDelta: trial.passDelta,
            dispersion: trial.dispersion.value,
        }));
    }
    /** The judgement after the last interval. */
    get judgement() {
        const [ruling, reason] = this.rule();
        const { alpha, beta } = this.rules;
        const odds = {
            against: this.value,
            revertAt: 1 / alpha,
            goingOn: Math.min(...this.trials.map((trial) => trial.passWorth)),
            passAt: 1 / beta,
        };
        return { ruling, reason, odds, waiting: this.waiting, evidence: this.evidence };
    }
    rule() {
        const { alpha, beta } = this.rules;
        const { interval } = this;
        if (interval === null)
            return ['hold', 'nothing was measured yet'];
        const { weight } = interval;
        if (this.value >= 1 / alpha)
            return ['revert', this.whyRevert()];
        const { share, requests, blocks } = this.served;
        const follows = this.shareBefore === 0 || share < this.shareBefore / 2;
        const served = `written ${weight} %, served ${percent(share)} of ${Math.round(requests)} requests lately`;
        if (blocks >= SERVED.blocks && follows && this.served.isBelow(SERVED.revert, SERVED.expected)) {
            return ['revert', `the candidate is not serving: ${served}`];
        }
        if (this.illMs >= ILL.forMs) {
            return ['inconclusive', `stable itself is worse than before the release (${this.whyIll()}); nobody is blamed`];
        }
        const waits = this.whyWait(served);
        if (waits === null)
            return ['advance', this.whyAdvance()];
        if (this.isOver)
            return ['advance', `the candidate has all requests, and nothing speaks against it: ${waits}`];
        return this.value >= 1 / beta ? ['hold', `${waits}; ${this.whyRevert()}`] : ['hold', waits];
    }
    /**
     * At 100 % no higher weight is asked for, and there is no stable beside the candidate: what slows the whole cluster
     * down would keep it from passing for ever. When the watch is over, it is enough that nothing speaks against it.
     */
    get isOver() {
        const { interval } = this;
        if (interval === null || interval.weight < 100)
            return false;
        const { beta, blockMs } = this.rules;
        const isSeen = this.requestsAfterWarmUp >= MIN_REQUESTS && !this.served.isBelow(SERVED.hold, SERVED.expected / 3);
        return isSeen && interval.stageMs + 2 * blockMs > interval.maxMs && this.value < 1 / beta;
    }
    /** What is missing for going on; null for nothing. */
    whyWait(served) {
        const { beta, warmUpMs, blockMs } = this.rules;
        const stageMs = this.interval?.stageMs ?? 0;
        const requests = this.trials[0]?.counts.nC ?? 0;
        if (stageMs <= warmUpMs + blockMs)
            return 'warming up';
        if (requests === 0 && (this.trials[0]?.counts.nS ?? 0) === 0)
            return 'no requests at all';
        if (this.served.blocks > 1 && this.served.isBelow(SERVED.hold, SERVED.expected / 3))
            return served;
        if (this.illMs > 0)
            return `stable itself is worse than before the release (${this.whyIll()})`;
        if (this.requestsAfterWarmUp < MIN_REQUESTS) {
            return `only ${Math.round(this.requestsAfterWarmUp)} requests of the candidate, ${MIN_REQUESTS} are needed`;
        }
        const { open } = this;
        if (open !== undefined)
            return `${this.say(open)}; more than ${this.limitOf(open)} is not ruled out yet`;
        return this.value >= 1 / beta ? 'there is evidence against the candidate' : null;
    }
    get open() {
        return this.trials.find((trial) => !trial.hasPassed || trial.passWorth < 1);
    }
    get waiting() {
        const { open, interval } = this;
        if (open === undefined || interval === null)
            return null;
        const all = (this.perSecond * this.rules.blockMs) / 1000;
        const nC = (all * interval.weight) / 100;
        return {
            block: { nC, xC: 0, nS: all - nC, xS: 0 },
            share: open.stable.value,
            limit: { rho: open.metric.limit.rho, delta: open.passDelta },
            phi: Math.min(open.dispersion.value, MOST_PASS_DISPERSION),
            worth: open.passWorth,
        };
    }
    get worst() {
        return [...this.trials].sort((one, other) => other.metric.part * other.worth - one.metric.part * one.worth)[0];
    }
    say({ metric, counts }) {
        const { nC, xC, nS, xS } = counts;
        const stable = nS > 0 ? `, stable ${percent(shareOf(xS, nS))} of ${Math.round(nS)}` : '';
        return `${metric.name}: candidate ${percent(shareOf(xC, nC))} of ${Math.round(nC)} requests${stable}`;
    }
    /** A limit in words: beside stable, without a stable, or of its own. */
    inWords({ metric }, delta) {
        const { rho } = metric.limit;
        if (rho === 0)
            return percent(delta);
        const isBeside = (this.interval?.weight ?? 0) < 100;
        if (isBeside)
            return `${rho} × stable + ${points(delta)}`;
        return metric.aloneShare > 0
            ? `three times what stable had, or ${percent(metric.aloneShare)}`
            : 'three times what stable had';
    }
    limitOf(trial) {
        const { metric, passDelta } = trial;
        return this.inWords(trial, metric.limit.rho === 0 ? metric.limit.delta + passDelta : passDelta);
    }
    whyRevert() {
        const { worst } = this;
        if (worst === undefined)
            return '';
        const limit = this.inWords(worst, worst.metric.limit.delta);
        return `${this.say(worst)} in this stage; the limit is ${limit}; evidence ${Number(this.value.toPrecision(3))} to 1`;
    }
    whyAdvance() {
        return this.trials.map((trial) => `${this.say(trial)}; more than ${this.limitOf(trial)} is ruled out`).join('; ');
    }
    whyIll() {
        const now = this.interval?.counted[0]?.block ?? NOTHING;
        return `errors ${percent(shareOf(now.xS, now.nS))}, before ${percent(this.base)}`;
    }
}
