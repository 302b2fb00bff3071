type Labels = Readonly<Record<string, string>>;
/** Counters of what really flowed, scraped on an interval, asked through the Prometheus HTTP API. */
export declare class SandboxMetrics {
    /** What a test or demo can do to the server: `answer` replaces every answer. */
    readonly faults: {
        answer: ((query: string) => {
            status: number;
            body: string;
        }) | null;
    };
    queries: number;
    private readonly counters;
    private readonly history;
    private readonly now;
    private readonly server;
    constructor(now: () => number);
    listen(): Promise<string>;
    close(): void;
    add(name: string, labels: Labels, amount: number): void;
    /** Writes down every counter as it is now. */
    scrape(): void;
    private answer;
}
export {};
