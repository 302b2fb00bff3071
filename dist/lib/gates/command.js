import { toDuration } from "../core/duration.js";
import { unanswered } from "./prometheus-api.js";
/** Runs a program once per stage; 0 passes. It finds the colour, version and weight in `GRAY_RELEASE_…` variables. */
export function command(options) {
    return (platform) => {
        // A smoke test that passed for this bake is not run again at every look.
        let passed = null;
        const shown = options.command.join(' ');
        const timeoutMs = options.timeoutMs ?? 60_000;
        return {
            async measure(window, signal) {
                if (passed?.from === window.from)
                    return passed.answer;
                try {
                    const inherited = Object.entries(platform.env).flatMap(([name, value]) => value === undefined || name.startsWith('INPUT_') ? [] : [[name, value]]);
                    const result = await platform.shell.run(options.command, {
                        cwd: options.cwd ?? '.',
                        env: {
                            ...Object.fromEntries(inherited),
                            GRAY_RELEASE_SERVICE: window.release.service,
                            GRAY_RELEASE_COLOUR: window.release.candidate,
                            GRAY_RELEASE_VERSION: window.release.version,
                            GRAY_RELEASE_WEIGHT: String(window.weight),
                        },
                        timeoutMs,
                        signal,
                        onLine: (line) => {
                            platform.say(platform.mask(line));
                        },
                    });
                    const last = platform.mask(result.lastLines.slice(-3).join(' | '));
                    const said = last === '' ? '' : `: ${last}`;
                    const answer = { value: result.code, limit: 0, baseline: null, query: shown };
                    if (result.timedOut) {
                        return { ...answer, verdict: 'fail', reason: `did not end within ${toDuration(timeoutMs)}${said}` };
                    }
                    const verdict = result.code === 0 ? 'pass' : 'fail';
                    const full = { ...answer, verdict, reason: `ended with code ${result.code ?? 'none (killed)'}${said}` };
                    if (verdict === 'pass')
                        passed = { from: window.from, answer: full };
                    return full;
                }
                catch (thrown) {
                    return unanswered(thrown, shown);
                }
            },
        };
    };
}
