import { fill } from "../core/template.js";
import { childEnv, DEFAULT_TIMEOUT_MS, runTool } from "./tool.js";
/** Deploys with a program of the user's; it also finds `COLOUR`, `VERSION`, `SERVICE` and `NAMESPACE` in its environment. */
export function commandDeployer(options) {
    return (platform) => {
        const run = async (words, { colour, version }, signal) => {
            const { service, namespace } = options;
            const values = { colour, version, service, namespace };
            const own = Object.entries(options.env ?? {}).map(([name, value]) => [name, fill(value, values)]);
            await runTool(platform, {
                command: words.map((word) => fill(word, values)),
                cwd: '.',
                env: {
                    ...childEnv(platform),
                    ...{ COLOUR: colour, VERSION: version, SERVICE: service, NAMESPACE: namespace },
                    ...Object.fromEntries(own),
                },
                timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
                signal,
                install: 'check the path; it counts from the working directory',
            });
        };
        return {
            deploy: (deployment, signal) => run(options.deploy, deployment, signal),
            retire: async (deployment, signal) => {
                if (options.retire !== undefined)
                    await run(options.retire, deployment, signal);
            },
        };
    };
}
