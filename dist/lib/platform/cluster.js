import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { ReleaseError } from "../errors.js";
import { requesting } from "./cluster-requests.js";
function loadConfig(options) {
    const config = new KubeConfig();
    const { kubeconfig = '', context = '', server } = options;
    try {
        if (server !== undefined)
            config.loadFromClusterAndUser({ name: 'given', server, skipTLSVerify: false }, { name: 'none' });
        else if (kubeconfig === '')
            config.loadFromDefault();
        else
            config.loadFromFile(kubeconfig);
        if (context !== '') {
            if (config.getContextObject(context) === null) {
                const known = config
                    .getContexts()
                    .map((one) => one.name)
                    .join(', ');
                throw new Error(`there is no context "${context}" (there are: ${known})`);
            }
            config.setCurrentContext(context);
        }
    }
    catch (thrown) {
        // The lines after the first one show the place in the file, with whatever secret stands there.
        const [why = ''] = thrown.message.split('\n');
        throw new ReleaseError('INVALID_CONFIG', `the kubeconfig cannot be used: ${why}`, {
            hint: 'set KUBECONFIG or the input kubeconfig to a file this run can read',
        });
    }
    return config;
}
/** @throws ReleaseError INVALID_CONFIG for what is no address */
function addressOf(server) {
    // Typed as a text, but whatever the file says.
    const base = typeof server === 'string' && URL.canParse(server) ? new URL(server) : null;
    if (base?.protocol === 'https:' || base?.protocol === 'http:')
        return base;
    throw new ReleaseError('INVALID_CONFIG', 'the kubeconfig names a server that is no address', {
        hint: 'a server is written like https://kubernetes.example:6443',
    });
}
/** When a token runs out, as the token itself says; null for one that says nothing. */
export function endOfToken(token) {
    const [, payload] = token.split('.');
    try {
        const { exp } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'));
        return typeof exp === 'number' ? exp * 1000 : null;
    }
    catch {
        return null;
    }
}
/** The API server of a kubeconfig: plain JSON over one kept connection, credentials by the Kubernetes client. */
export function connectCluster(options) {
    let config = loadConfig(options);
    const endpoint = config.getCurrentCluster();
    if (endpoint === null) {
        throw new ReleaseError('INVALID_CONFIG', 'the kubeconfig names no cluster', {
            hint: 'set KUBECONFIG or the input kubeconfig',
        });
    }
    const base = addressOf(endpoint.server);
    const agentOptions = { keepAlive: true, maxSockets: 8 };
    const plain = new http.Agent(agentOptions);
    // A watch keeps its connection for minutes: many of them would leave none for requests.
    const following = new http.Agent();
    const warnings = new Set();
    let skew = null;
    const closing = new AbortController();
    const open = async (request, timeoutMs, onResponse, onError, agent = plain) => {
        const url = new URL(base.pathname.replace(/\/$/, '') + request.path, base);
        const headers = { accept: 'application/json', 'user-agent': 'gray-release' };
        let body = '';
        if (request.body !== undefined) {
            body = JSON.stringify(request.body);
            headers['content-type'] = request.contentType ?? 'application/json';
            headers['content-length'] = String(Buffer.byteLength(body));
        }
        const send = { method: request.method, headers, agent, timeout: timeoutMs };
        if (url.protocol === 'https:') {
            // The client's own agents are kept per cluster and user, so connections are reused.
            delete send.agent;
            await config.applyToHTTPSOptions(send);
        }
        else {
            const user = config.getCurrentUser();
            if (user?.token !== undefined)
                headers['authorization'] = `Bearer ${user.token}`;
        }
        const made = (url.protocol === 'https:' ? https : http).request(url, send, onResponse);
        made.on('error', onError);
        made.on('timeout', () => made.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
        made.end(body);
        return made;
    };
    const once = (request) => new Promise((resolve, reject) => {
        const signal = AbortSignal.any([closing.signal, ...(request.signal === undefined ? [] : [request.signal])]);
        if (signal.aborted) {
            reject(new Error('aborted'));
            return;
        }
        const onResponse = (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
                const date = Date.parse(response.headers.date ?? '');
                // The header has whole seconds: the middle of the second is the best guess.
                if (!Number.isNaN(date))
                    skew = date + 500 - Date.now();
                for (const warning of [response.headers['warning'] ?? []].flat()) {
                    warnings.add(/^\d+ \S+ "(.*)"$/.exec(warning)?.[1] ?? warning);
                }
                const text = Buffer.concat(chunks).toString('utf8');
                resolve({ status: response.statusCode ?? 0, text, retryAfter: response.headers['retry-after'] ?? '' });
            });
        };
        open(request, options.timeoutMs, onResponse, reject).then((made) => {
            const stop = () => void made.destroy(new Error('aborted'));
            signal.addEventListener('abort', stop, { once: true });
            made.on('close', () => {
                signal.removeEventListener('abort', stop);
            });
        }, reject);
    });
    const pause = (lengthMs) => new Promise((resolve) => setTimeout(resolve, lengthMs * (0.5 + Math.random())));
    // Typed as texts, but null where the file says nothing.
    const { token, password, keyData } = { ...config.getCurrentUser() };
    const secrets = [token, password, keyData].flatMap((one) => (typeof one === 'string' && one !== '' ? [one] : []));
    return {
        secrets,
        server: endpoint.server,
        request: requesting({
            host: base.host,
            send: once,
            pause,
            reload: () => {
                config = loadConfig(options);
            },
            isClosing: () => closing.signal.aborted,
        }),
        watch(path, onObject, onEnd, signal) {
            let rest = '';
            let ended = false;
            const end = () => {
                if (!ended)
                    onEnd();
                ended = true;
            };
            const onResponse = (response) => {
                response.on('error', end);
                response.on('end', end);
                if (response.statusCode !== 200) {
                    response.resume();
                    return;
                }
                response.setEncoding('utf8');
                response.on('data', (chunk) => {
                    const lines = (rest + chunk).split('\n');
                    rest = lines.pop() ?? '';
                    for (const line of lines) {
                        if (line.trim() === '')
                            continue;
                        const change = JSON.parse(line);
                        onObject(change.type, change.object);
                    }
                });
            };
            open({ method: 'GET', path }, 300_000, onResponse, end, following).then((made) => {
                const stop = () => void made.destroy();
                made.on('close', end);
                AbortSignal.any([signal, closing.signal]).addEventListener('abort', stop, { once: true });
                if (signal.aborted)
                    stop();
            }, end);
        },
        skewMs: () => skew,
        tokenEndsAt: () => endOfToken(config.getCurrentUser()?.token ?? ''),
        takeWarnings() {
            const taken = [...warnings];
            warnings.clear();
            return taken;
        },
        close() {
            closing.abort();
            plain.destroy();
            following.destroy();
        },
    };
}
