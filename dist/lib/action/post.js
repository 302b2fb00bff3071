import { loadSettings } from "../config/load.js";
import { toReleaseError } from "../errors.js";
import { readInputs } from "./inputs.js";
/** The second line of defence: brings back what this run left unsettled. Asks the cluster only when main got that far. */
export async function post() {
    const holder = process.env['STATE_holder'] ?? '';
    if (holder === '')
        return;
    const core = await import('@actions/core');
    try {
        const inputs = readInputs(process.env);
        if (inputs['command'] === 'plan' || inputs['command'] === 'status')
            return;
        const { built, kubeconfig, context } = loadSettings(inputs, process.env);
        const { systemPlatform } = await import("../platform/platform.js");
        const { settle } = await import("../control.js");
        const { actionLog } = await import("../github/listener.js");
        const log = actionLog();
        const { secrets, caFile } = built;
        const platform = await systemPlatform({ secrets, caFile, kubeconfig, context, say: log.say });
        try {
            const groups = built.waves?.waves.flatMap((wave) => wave.groups.map(({ options }) => options));
            for (const options of groups ?? [built.options]) {
                const { did, report } = await settle({ ...options, platform, holder, listeners: [log.listener] });
                if (report !== null)
                    core.warning(`${options.service}: ${did}; traffic is back: ${report.outcome}`);
            }
            log.end();
        }
        finally {
            platform.cluster.close();
        }
    }
    catch (thrown) {
        const error = toReleaseError(thrown);
        if (error.code === 'NO_RELEASE' || error.code === 'COMMAND_REFUSED')
            return;
        core.error(`the release could not be settled: ${error.message}; run the command abort`);
        process.exitCode = 1;
    }
}
