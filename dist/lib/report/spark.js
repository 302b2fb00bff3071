const LEVELS = '▁▂▃▄▅▆▇█';
/** Odds as a line of blocks on a logarithmic scale from one tenth to what decides: `[0.5, 1, 7, 20] of 20 → ▂▄▇█`. */
export function sparkline(odds, decidesAt) {
    const least = 0.1;
    const height = Math.log(decidesAt / least);
    return odds
        .map((value) => {
        const share = Math.log(Math.max(least, value) / least) / height;
        return LEVELS[Math.min(LEVELS.length - 1, Math.floor(share * (LEVELS.length - 1)))] ?? '';
    })
        .join('');
}
