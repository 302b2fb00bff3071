import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import tls from 'node:tls';
import { ReleaseError } from "../errors.js";
import { chance } from "./chance.js";
import { systemClock } from "./clock.js";
import { systemShell } from "./shell.js";
function trust(caFile) {
    try {
        tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(caFile, 'utf8')]);
    }
    catch (thrown) {
        throw new ReleaseError('INVALID_CONFIG', `ca-file ${caFile} cannot be used: ${thrown.message}`, {
            hint: 'it is a PEM file with one or more certificates',
        });
    }
}
/** A secret as it appears in JSON, in an address and in a Kubernetes Secret. */
const spellings = (secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
];
/** Replaces every secret in a text, the longest first, because one may contain another. */
export function masker(secrets) {
    const known = new Set(secrets.filter((one) => one !== '').flatMap(spellings));
    const ordered = [...known].sort((a, b) => b.length - a.length);
    return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
/** The outside without a cluster: for questions to metrics alone. */
export function detachedPlatform({ secrets = [], caFile = '', say = () => undefined }) {
    if (caFile !== '')
        trust(caFile);
    const refuse = () => {
        throw new ReleaseError('INVALID_CONFIG', 'this command asks no API server', {
            hint: 'give gates.prometheus.url in place of gates.prometheus.service',
        });
    };
    const cluster = {
        server: '',
        request: refuse,
        watch: refuse,
        skewMs: () => null,
        takeWarnings: () => [],
        close: () => undefined,
    };
    const mask = masker(secrets);
    const safely = (line) => {
        say(mask(line));
    };
    const outside = { fetch: globalThis.fetch, shell: systemShell, clock: systemClock(), env: process.env };
    return { cluster, ...outside, ...chance, say: safely, mask };
}
/**
 * The real outside. The Kubernetes client is loaded here and not before: it is most of what the program weighs, and
 * a mistake in the settings is found without it.
 */
export async function systemPlatform(options = {}) {
    const { connectCluster } = await import("./cluster.js");
    const { kubeconfig = '', context = '', timeoutMs = 10_000 } = options;
    const env = { ...process.env };
    // The deployer's tools must reach the same cluster.
    if (kubeconfig !== '')
        env['KUBECONFIG'] = resolve(kubeconfig);
    if (context !== '')
        env['HELM_KUBECONTEXT'] = context;
    const cluster = connectCluster({ kubeconfig, context, timeoutMs });
    // The credentials of the kubeconfig are secrets that nobody had to name.
    const secrets = [...(options.secrets ?? []), ...cluster.secrets];
    return { ...detachedPlatform({ ...options, secrets }), cluster, env };
}
