/** Counters that Istio's proxies keep. */
export function istioCounters(options) {
    const { service, namespace, workloads, reporter, services = [service] } = options;
    // A waypoint is the caller's side in ambient mode; never sum it with the pods' own counts.
    const who = reporter === 'destination' ? 'destination' : 'source|waypoint';
    const labels = `{reporter=~"${who}",destination_service_name=~"${services.join('|')}",destination_service_namespace="${namespace}"`;
    return {
        requests: `istio_requests_total${labels}}`,
        durations: `istio_request_duration_milliseconds_bucket${labels}}`,
        unit: 'ms',
        statusLabel: 'response_code',
        colourLabel: 'destination_workload',
        values: workloads,
        lostValue: 'unknown',
    };
}
/** Counters of the ingress-nginx controller, also where Prometheus renames their `namespace` to `exported_namespace`. */
export function nginxCounters({ namespace, ingress, services, port = 80 }) {
    const [main = '', canary = ''] = Object.keys(services);
    const alternative = `${namespace}-${services[canary] ?? ''}-${port}`;
    const labels = `{ingress="${ingress}",exported_namespace=~"${namespace}|",canary=~"|${alternative}"}`;
    return {
        requests: `nginx_ingress_controller_requests${labels}`,
        durations: `nginx_ingress_controller_request_duration_seconds_bucket${labels}`,
        unit: 's',
        statusLabel: 'status',
        colourLabel: 'canary',
        values: { [main]: '', [canary]: alternative },
        lostValue: null,
    };
}
/** Which side a series belongs to; null for neither. */
function sideOf(labels, source, release) {
    const value = labels[source.colourLabel] ?? '';
    if (value === source.values[release.candidate] || value === source.lostValue)
        return 'candidate';
    return value === source.values[release.stable] ? 'stable' : null;
}
/** The process that counts: its counters begin at zero together, and are scraped together. */
const ownerOf = (labels, colour) => [labels['job'], labels['namespace'], labels['pod'], labels['instance'], colour].map((one) => one ?? '').join(' ');
/** Sums the series of one owner at each time: a status that is seen for the first time then begins at zero. */
function toScrapes(series, source, release, placesOf, size) {
    const found = new Map();
    for (const { labels, points } of series) {
        const side = sideOf(labels, source, release);
        const places = placesOf(labels);
        if (side === null || places.length === 0)
            continue;
        const pod = ownerOf(labels, labels[source.colourLabel] ?? '');
        const owner = found.get(pod) ?? { side, at: new Map() };
        found.set(pod, owner);
        for (const [at, value] of points) {
            if (!Number.isFinite(value))
                continue;
            const counts = owner.at.get(at) ?? new Array(size).fill(0);
            for (const place of places)
                counts[place] = (counts[place] ?? 0) + value;
            owner.at.set(at, counts);
        }
    }
    return [...found].flatMap(([pod, { side, at }]) => [...at].sort(([one], [other]) => one - other).map(([time, counts]) => ({ side, pod, at: time, counts })));
}
/** Requests and errors of each process that counts. */
export function requestScrapes(series, source, release) {
    const isLost = (labels) => labels[source.colourLabel] === source.lostValue;
    const places = (labels) => {
        if ((labels[source.statusLabel] ?? '').startsWith('5'))
            return [0, 1];
        return isLost(labels) ? [] : [0];
    };
    return toScrapes(series, source, release, places, 2);
}
/** The bound of a bucket as Prometheus writes it: `250`, `0.25`, `250.0`. */
export const boundOf = (labels) => labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
/** Requests, and those above each of the bounds, of each process that counts. */
export function durationScrapes(series, source, release, bounds) {
    const places = (labels) => {
        const bound = boundOf(labels);
        if (labels[source.colourLabel] === source.lostValue)
            return [];
        return bound === Number.POSITIVE_INFINITY ? [0] : bounds.flatMap((one, index) => (one === bound ? [index + 1] : []));
    };
    return toScrapes(series, source, release, places, 1 + bounds.length).map((scrape) => {
        const [total = 0, ...below] = scrape.counts;
        return { ...scrape, counts: [total, ...below.map((count) => Math.max(0, total - count))] };
    });
}
