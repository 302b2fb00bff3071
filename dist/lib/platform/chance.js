/** Randomness and time-outs of the real world. */
export const chance = {
    random: Math.random,
    timeout: (lengthMs) => AbortSignal.timeout(lengthMs),
};
