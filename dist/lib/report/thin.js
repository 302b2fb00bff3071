/**
 * At most about `most` points of a line that look the same: of each slice of time the lowest and the highest, so that
 * no extreme is lost, and the first and the last of all.
 *
 * @param points in order of time
 */
export function thin(points, most) {
    const [first] = points;
    const last = points.at(-1);
    if (points.length <= most || first === undefined || last === undefined)
        return points;
    const slices = Math.max(1, Math.floor((most - 2) / 2));
    const width = (last[0] - first[0]) / slices || 1;
    const kept = new Set([first, last]);
    let slice = -1;
    let low = null;
    let high = null;
    const close = () => {
        if (low !== null)
            kept.add(low);
        if (high !== null)
            kept.add(high);
        low = null;
        high = null;
    };
    for (const point of points) {
        const [at, value] = point;
        const now = Math.floor((at - first[0]) / width);
        if (now !== slice)
            close();
        slice = now;
        if (value === null)
            continue;
        if (low === null || value < (low[1] ?? Infinity))
            low = point;
        if (high === null || value > (high[1] ?? -Infinity))
            high = point;
    }
    close();
    return points.filter((point) => kept.has(point));
}
