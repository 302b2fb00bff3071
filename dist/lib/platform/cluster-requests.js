import { ReleaseError } from "../errors.js";
/** Waits before each new try; jitter keeps drivers from knocking in step. */
const RETRY_MS = [100, 300, 900, 2000];
const MOST_ASKED_MS = 5000;
function describeRequest(request) {
    return `${request.method} ${request.path.split('?')[0] ?? ''}`;
}
function statusMessage(text) {
    try {
        const status = JSON.parse(text);
        if (typeof status.message === 'string')
            return status.message;
    }
    catch {
        // Not a Status object: a proxy in between answered.
    }
    return text.slice(0, 200);
}
function refusal(request, answer) {
    const what = `${describeRequest(request)}: ${answer.status} ${statusMessage(answer.text)}`;
    const codes = {
        401: 'CLUSTER_UNAUTHORIZED',
        403: 'CLUSTER_FORBIDDEN',
        404: 'CLUSTER_NOT_FOUND',
        409: 'CLUSTER_CONFLICT',
        429: 'CLUSTER_UNREACHABLE',
    };
    const code = codes[answer.status] ?? (answer.status >= 500 ? 'CLUSTER_UNREACHABLE' : 'CLUSTER_REJECTED');
    const hints = {
        401: 'the credentials of the kubeconfig are not (or no longer) accepted',
        403: 'grant the verb and resource named above; the README lists the minimal Role',
    };
    return new ReleaseError(code, what, { hint: hints[answer.status] ?? '' });
}
/** Whether the same request may be sent again without knowing if the first one took effect. */
const isRepeatable = (request) => request.method !== 'POST';
/** Requests that are tried again when that may help, with clear errors when it cannot. */
export function requesting({ host, send, pause, reload, isClosing }) {
    return async (request) => {
        let reloaded = false;
        for (let attempt = 0;; attempt += 1) {
            const waitMs = RETRY_MS[attempt];
            try {
                const answer = await send(request);
                if (answer.status < 300)
                    return (answer.text === '' ? {} : JSON.parse(answer.text));
                if (answer.status === 401 && !reloaded) {
                    reloaded = true;
                    reload();
                    continue;
                }
                const busy = answer.status === 429 || answer.status >= 500;
                if (!busy || waitMs === undefined)
                    throw refusal(request, answer);
                const asked = Number(answer.retryAfter);
                await pause(Number.isFinite(asked) && asked > 0 ? Math.min(asked * 1000, MOST_ASKED_MS) : waitMs);
            }
            catch (thrown) {
                if (thrown instanceof ReleaseError)
                    throw thrown;
                const gone = request.signal?.aborted === true || isClosing();
                if (gone || waitMs === undefined || !isRepeatable(request)) {
                    throw new ReleaseError('CLUSTER_UNREACHABLE', `${describeRequest(request)} at ${host}: ${thrown.message}`, { hint: 'is the API server of the kubeconfig reachable from this machine?', cause: thrown });
                }
                await pause(waitMs);
            }
        }
    };
}
