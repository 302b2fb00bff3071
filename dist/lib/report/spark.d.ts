/** Odds as a line of blocks on a logarithmic scale from one tenth to what decides: `[0.5, 1, 7, 20] of 20 → ▂▄▇█`. */
export declare function sparkline(odds: readonly number[], decidesAt: number): string;
