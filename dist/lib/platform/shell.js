import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
const KEPT_LINES = 30;
/** Helm needs a moment to mark its release as failed instead of leaving it pending. */
const ORDERLY_MS = 5_000;
/** Runs programs as their own process group, so that an end reaches their children too (helmfile's helm). */
export const systemShell = {
    run(command, options) {
        return new Promise((resolve, reject) => {
            const [program = '', ...args] = command;
            const child = spawn(program, args, {
                cwd: options.cwd,
                env: options.env,
                detached: true,
                stdio: ['ignore', 'pipe', 'pipe'],
            });
            const lastLines = [];
            let timedOut = false;
            let killer;
            const keep = (line) => {
                lastLines.push(line);
                if (lastLines.length > KEPT_LINES)
                    lastLines.shift();
                options.onLine(line);
            };
            for (const stream of [child.stdout, child.stderr])
                createInterface({ input: stream }).on('line', keep);
            const signalGroup = (signal) => {
                if (child.pid === undefined)
                    return;
                try {
                    process.kill(-child.pid, signal);
                }
                catch {
                    // The group is gone already.
                }
            };
            const end = () => {
                signalGroup('SIGTERM');
                killer ??= setTimeout(() => {
                    signalGroup('SIGKILL');
                }, ORDERLY_MS);
            };
            const deadline = setTimeout(() => {
                timedOut = true;
                end();
            }, options.timeoutMs);
            const settle = () => {
                clearTimeout(deadline);
                clearTimeout(killer);
                options.signal.removeEventListener('abort', end);
            };
            options.signal.addEventListener('abort', end, { once: true });
            if (options.signal.aborted)
                end();
            child.on('error', (error) => {
                settle();
                reject(error);
            });
            child.on('close', (code) => {
                settle();
                // Grandchildren that outlived their parent must not go on changing the cluster.
                signalGroup('SIGKILL');
                resolve({ code, timedOut, aborted: options.signal.aborted, lastLines });
            });
        });
    },
};
