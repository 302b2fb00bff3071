import { fill } from "../core/template.js";
import { childEnv, DEFAULT_TIMEOUT_MS, runTool } from "./tool.js";
/** helm takes commas and backslashes for its own. */
const escaped = (value) => value.replaceAll(/[\\,]/g, '\\$&');
/** Deploys a colour as a helm release of its own; retiring uninstalls it. */
export function helm(options) {
    return (platform) => {
        const { service, namespace, chart, release = '{service}-{colour}', binary = 'helm' } = options;
        const run = ({ colour, version }, words, signal) => runTool(platform, {
            command: [
                binary,
                ...words((text) => fill(text, { colour, version, service, namespace })),
                '--namespace',
                namespace,
            ],
            cwd: '.',
            env: childEnv(platform),
            timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
            signal,
            install: 'install helm in an earlier step, for example with azure/setup-helm',
        });
        return {
            deploy: (deployment, signal) => run(deployment, (filled) => [
                ...['upgrade', '--install', filled(release), filled(chart)],
                ...(options.values ?? []).flatMap((file) => ['--values', filled(file)]),
                ...Object.entries(options.set ?? {}).flatMap(([key, value]) => [
                    '--set-string',
                    `${key}=${escaped(filled(value))}`,
                ]),
                ...(options.args ?? []).map(filled),
            ], signal),
            retire: (deployment, signal) => run(deployment, (filled) => ['uninstall', filled(release), '--ignore-not-found'], signal),
            check: () => Promise.resolve(release.includes('{colour}')
                ? []
                : [
                    {
                        level: 'refuse',
                        message: `the helm release "${release}" does not contain {colour}`,
                        hint: 'without it the live colour would be deployed too; for example {service}-{colour}',
                    },
                ]),
        };
    };
}
