/** Things that happen later in the sandbox's own time, and not at all once it is closed. */
export declare class SandboxTimers {
    private readonly pending;
    private readonly speed;
    private closed;
    /** @param speed how much faster than the wall clock the sandbox's time runs */
    constructor(speed: number);
    later(lengthMs: number, action: () => void): void;
    /** Again and again, this many milliseconds of wall time apart. */
    every(wallMs: number, action: () => void): void;
    close(): void;
}
