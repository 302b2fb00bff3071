/** Somebody else deploys; the release only routes. The candidate must be ready when the release starts. */
export function none() {
    return () => ({
        deploy: () => Promise.resolve(),
        retire: () => Promise.resolve(),
    });
}
