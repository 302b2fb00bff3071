/** The versioned report other programs read. */
export function toJson(report) {
    const { outcome, reason, release, state, journal } = report;
    return JSON.stringify({ schema: 1, outcome, reason, release, state, journal }, null, 2);
}
