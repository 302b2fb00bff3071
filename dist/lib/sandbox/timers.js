/** Things that happen later in the sandbox's own time, and not at all once it is closed. */
export class SandboxTimers {
    pending = new Set();
    speed;
    closed = false;
    /** @param speed how much faster than the wall clock the sandbox's time runs */
    constructor(speed) {
        this.speed = speed;
    }
    later(lengthMs, action) {
        if (this.closed)
            return;
        const timer = setTimeout(() => {
            this.pending.delete(timer);
            action();
        }, lengthMs / this.speed);
        this.pending.add(timer);
    }
    /** Again and again, this many milliseconds of wall time apart. */
    every(wallMs, action) {
        this.pending.add(setInterval(action, wallMs));
    }
    close() {
        this.closed = true;
        for (const timer of this.pending)
            clearTimeout(timer);
        this.pending.clear();
    }
}
