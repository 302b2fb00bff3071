export const DEFAULT_POLICIES = {
    onInconclusive: 'revert',
    onCancel: 'revert',
    onLost: 'revert',
    onDrift: 'stop',
    capacity: 'require',
    maxPauseMs: 24 * 3_600_000,
    keepOldMs: null,
};
export const DEFAULT_LIMITS = { fails: 0, steps: 5, reverts: 60 };
export const DEFAULT_MIN_MS = 60_000;
export const DEFAULT_MAX_MS = 30 * 60_000;
function toStage(written, gates) {
    const stage = typeof written === 'number' ? { weight: written } : written;
    const minMs = stage.minMs ?? DEFAULT_MIN_MS;
    return {
        name: stage.name ?? `${stage.weight}%`,
        route: { weight: stage.weight, match: stage.match ?? [], mirror: stage.mirror ?? 0 },
        minMs,
        maxMs: stage.maxMs ?? Math.max(DEFAULT_MAX_MS, minMs),
        gates: stage.gates ?? gates,
        approval: stage.approval ?? false,
    };
}
function toPlan(strategy, stages, options) {
    return {
        strategy,
        stages,
        ending: options.ending ?? 'swap',
        retire: options.retire ?? 'keep',
        base: 0,
        intervalMs: options.intervalMs ?? 15_000,
        settleMs: options.settleMs ?? 10_000,
        readyMs: options.readyMs ?? 10 * 60_000,
        limits: { ...DEFAULT_LIMITS, ...options.limits },
        policies: { ...DEFAULT_POLICIES, ...options.policies },
    };
}
/** Traffic rises through the stages, each held until its gates pass. */
export function canary(options) {
    const gates = options.gates ?? [];
    return toPlan('canary', options.stages.map((stage) => toStage(stage, gates)), options);
}
/** The candidate is checked at weight 0, then takes all traffic in one step; the way back is one step too. */
export function blueGreen(options) {
    const gates = options.gates ?? [];
    const preview = { weight: 0, name: 'preview', minMs: options.previewMs ?? 0, gates: [] };
    const serve = { weight: 100, name: 'switch', minMs: options.watchMs ?? DEFAULT_MIN_MS };
    return toPlan('blue-green', [toStage(preview, gates), toStage(serve, gates)], options);
}
/**
 * Blue/green whose second environment exists only during the release: what no longer serves is removed, the candidate
 * after a revert, the old colour after the promotion (or by `sweep`, when `keepOldMs` says so).
 */
export function redBlack(options) {
    return { ...blueGreen({ ...options, retire: 'remove' }), strategy: 'red-black' };
}
/**
 * The candidate serves an audience until its gates choose it: then it takes all requests in one step. A gate that
 * fails, or a test without a decision, keeps stable.
 */
export function abTest(options) {
    const { match, weight = 0, minMs, maxMs, approval } = options;
    const test = {
        ...{ weight, match, name: 'test' },
        ...(minMs !== undefined && { minMs }),
        ...(maxMs !== undefined && { maxMs }),
        ...(approval !== undefined && { approval }),
    };
    const serve = { weight: 100, name: 'switch' };
    const gates = options.gates ?? [];
    return toPlan('ab-test', [toStage(test, gates), toStage(serve, gates)], options);
}
/**
 * The first release of all: the colour that already has the weight is deployed, no stage is taken, and there is
 * nothing to go back to, so that even a failure leaves the weights as they are.
 */
export function firstRelease(plan) {
    return { ...plan, strategy: 'first-release', stages: [], ending: 'swap', retire: 'keep', base: 100 };
}
