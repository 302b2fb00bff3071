/** The wall clock; `speed` makes it run faster, for the sandbox. */
export function systemClock(speed = 1) {
    const begun = Date.now();
    const now = () => begun + (Date.now() - begun) * speed;
    return {
        now,
        async sleepUntil(at, signal) {
            const lengthMs = Math.min((at - now()) / speed, 2_147_483_647);
            if (lengthMs <= 0 || signal.aborted)
                return;
            await new Promise((resolve) => {
                const done = () => {
                    clearTimeout(timer);
                    signal.removeEventListener('abort', done);
                    resolve();
                };
                const timer = setTimeout(done, Math.ceil(lengthMs));
                signal.addEventListener('abort', done, { once: true });
            });
        },
    };
}
