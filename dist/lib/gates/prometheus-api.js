import { toDuration } from "../core/duration.js";
import { ReleaseError, toReleaseError } from "../errors.js";
const RETRY_MS = [200, 800];
const MOST_SKEW_MS = 30_000;
const MOST_BYTES = 8_000_000;
/** JSON has no infinity: Prometheus writes `"NaN"`, `"+Inf"` and `"-Inf"`, of which JavaScript knows only the first. */
export function toValue(text) {
    if (text === '+Inf' || text === 'Inf')
        return Number.POSITIVE_INFINITY;
    if (text === '-Inf')
        return Number.NEGATIVE_INFINITY;
    return typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
}
function unavailable(message, cause) {
    return new ReleaseError('METRICS_UNAVAILABLE', message, { cause });
}
function rejected(message) {
    return new ReleaseError('METRICS_REJECTED', message);
}
function parseAnswer(text, address) {
    let answer;
    try {
        answer = JSON.parse(text);
    }
    catch {
        const what = /^\s*</.test(text) ? 'HTML (a login page?)' : 'something that is not JSON';
        throw rejected(`${address} answered with ${what}; is this the address of a Prometheus?`);
    }
    if (typeof answer !== 'object' || answer === null)
        throw rejected(`${address} did not answer as Prometheus does`);
    return answer;
}
function listOf(result) {
    if (!Array.isArray(result))
        throw rejected('the answer has no list of series');
    return result.map((one) => (typeof one === 'object' && one !== null ? one : {}));
}
/** A time and a value; a pair that is none gives no number. */
const pairOf = (pair) => (Array.isArray(pair) ? [pair[0], pair[1]] : [null, null]);
function toSamples({ data }) {
    switch (data?.resultType) {
        case 'scalar':
            return [{ labels: {}, value: toValue(pairOf(data.result)[1]) }];
        case 'vector':
            return listOf(data.result).map(({ metric, value }) => ({
                labels: metric ?? {},
                value: toValue(pairOf(value)[1]),
            }));
        default:
            throw rejected(`the query gives a ${data?.resultType ?? 'nothing'}, an instant vector or scalar is wanted`);
    }
}
function toSeries({ data }) {
    const type = data?.resultType ?? 'nothing';
    if (type !== 'matrix')
        throw rejected(`the query gives a ${type}, samples of a range are wanted`);
    return listOf(data?.result).map(({ metric, values }) => ({
        labels: metric ?? {},
        points: (Array.isArray(values) ? values : []).flatMap((pair) => {
            const [at, value] = pairOf(pair);
            return typeof at === 'number' ? [[Math.round(at * 1000), toValue(value)]] : [];
        }),
    }));
}
/** Connects to a Prometheus (or anything with its HTTP API). */
export function prometheusApi(options) {
    return (platform) => {
        const address = options.service === undefined ? (options.url ?? '').replace(/\/+$/, '') : `Service ${options.service}`;
        const get = options.service === undefined ? overHttp(options, address, platform) : overProxy(options.service, platform);
        const checkClock = (date) => {
            const theirs = Date.parse(date ?? '');
            if (Number.isNaN(theirs))
                return;
            const skew = Math.abs(theirs - platform.clock.now());
            if (skew > MOST_SKEW_MS) {
                throw rejected(`the clock of ${address} differs by ${toDuration(skew)} from ours: its windows are not our windows`);
            }
        };
        const answerTo = async (query, at, signal) => {
            const path = `/api/v1/query?${new URLSearchParams({ query, time: (at / 1000).toFixed(3) }).toString()}`;
            for (let attempt = 0;; attempt += 1) {
                const waitMs = RETRY_MS[attempt];
                try {
                    const raw = await get(path, signal);
                    if (raw.status === 429 || raw.status >= 500) {
                        throw unavailable(`${address} answered ${raw.status}: ${raw.text.slice(0, 120)}`);
                    }
                    if (raw.status === 401 || raw.status === 403) {
                        throw rejected(`${address} refused the credentials (${raw.status})`);
                    }
                    const answer = parseAnswer(raw.text, address);
                    if (raw.status >= 300 || answer.status !== 'success') {
                        throw rejected(`${address} refused the query: ${answer.error ?? `status ${raw.status}`}`);
                    }
                    checkClock(raw.date);
                    for (const warning of answer.warnings ?? [])
                        platform.say(`Prometheus warns: ${warning}`);
                    return answer;
                }
                catch (thrown) {
                    const error = toReleaseError(thrown);
                    const again = error.code === 'METRICS_UNAVAILABLE' && waitMs !== undefined && !signal.aborted;
                    if (!again)
                        throw error;
                    const jittered = waitMs * (0.5 + platform.random());
                    await platform.clock.sleepUntil(platform.clock.now() + jittered, signal);
                }
            }
        };
        return {
            address,
            ask: async (query, at, signal) => toSamples(await answerTo(query, at, signal)),
            askRange: async (query, at, signal) => toSeries(await answerTo(query, at, signal)),
        };
    };
}
function overHttp(options, address, platform) {
    const headers = { accept: 'application/json', ...options.headers };
    if (options.bearerToken !== undefined)
        headers['authorization'] = `Bearer ${options.bearerToken}`;
    const timeoutMs = options.timeoutMs ?? 10_000;
    return async (path, signal) => {
        try {
            const answer = await platform.fetch(address + path, {
                headers,
                signal: AbortSignal.any([signal, platform.timeout(timeoutMs)]),
                // A redirect to a login page would carry the token away from the address the user named.
                redirect: 'error',
            });
            const text = await answer.text();
            if (text.length > MOST_BYTES)
                throw rejected(`${address} answered ${text.length} bytes: the query gives too much`);
            return {
                status: answer.status,
                text,
                date: answer.headers.get('date'),
            };
        }
        catch (thrown) {
            if (thrown instanceof ReleaseError)
                throw thrown;
            const error = thrown;
            const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
            const why = error.name === 'TimeoutError' ? `no answer within ${toDuration(timeoutMs)}` : error.message + cause;
            throw unavailable(`${address} cannot be asked: ${why}`, thrown);
        }
    };
}
function overProxy(service, platform) {
    const [, namespace = '', name = ''] = /^([^/]+)\/(.+)$/.exec(service) ?? [];
    return async (path, signal) => {
        const proxied = `/api/v1/namespaces/${namespace}/services/${name}/proxy${path}`;
        try {
            const answer = await platform.cluster.request({ method: 'GET', path: proxied, signal });
            return { status: 200, text: JSON.stringify(answer), date: null };
        }
        catch (thrown) {
            const error = toReleaseError(thrown);
            if (error.code === 'CLUSTER_UNREACHABLE')
                throw unavailable(error.message, thrown);
            throw rejected(error.message);
        }
    };
}
/** What a gate says when it could not ask: an `error`, which never passes and never blames the candidate. */
export function unanswered(thrown, query) {
    const error = toReleaseError(thrown);
    return { verdict: 'error', reason: error.message, value: null, limit: null, baseline: null, query };
}
