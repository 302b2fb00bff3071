const escaped = (key) => key.replaceAll('~', '~0').replaceAll('/', '~1');
export const rulesOf = (ingress) => Array.isArray(ingress.spec?.rules) ? ingress.spec.rules : [];
export const pathsOf = (rule) => Array.isArray(rule.http?.paths) ? rule.http.paths : [];
export const serviceOf = (path) => path.backend?.service?.name ?? '';
/** Host, path and type: the controller joins two Ingresses where all three are the same. */
export const keysOf = (ingress, service) => rulesOf(ingress).flatMap((rule) => pathsOf(rule)
    .filter((path) => serviceOf(path) === service)
    .map(({ path = '/', pathType = '' }) => `${rule.host ?? '*'}${path} (${pathType})`));
/** The weight as the controller reads it: what makes no sense counts as nothing, and nobody is told. */
function weightOf(ingress, prefix) {
    const of = (name) => ingress.metadata.annotations?.[`${prefix}/${name}`] ?? '';
    if (of('canary') !== 'true')
        return 0;
    const written = /^\d+$/.test(of('canary-weight')) ? Number(of('canary-weight')) : 0;
    const asked = /^\d+$/.test(of('canary-weight-total')) ? Number(of('canary-weight-total')) : 100;
    const total = Math.max(100, asked);
    return (Math.min(written, total) * 100) / total;
}
/** The canary Ingress: its annotations are the route. */
export class CanaryView {
    isRouted = true;
    ingress;
    prefix;
    colours;
    constructor(ingress, prefix, colours) {
        this.ingress = ingress;
        this.prefix = prefix;
        this.colours = colours;
    }
    shares() {
        const weight = Math.round(weightOf(this.ingress, this.prefix));
        const [main, canary] = this.colours;
        return { [main]: 100 - weight, [canary]: weight };
    }
    has(shares) {
        return weightOf(this.ingress, this.prefix) === (shares[this.colours[1]] ?? 0);
    }
    /** What the annotations must say so that this audience, and nobody else, reaches the canary. */
    audienceOf({ match }) {
        const header = match.find(({ by }) => by === 'header');
        const cookie = match.find(({ by }) => by === 'cookie');
        return {
            'canary-by-header': header?.name ?? null,
            'canary-by-header-value': header?.value ?? null,
            'canary-by-cookie': cookie?.name ?? null,
        };
    }
    isSaid(wanted) {
        const { annotations = {} } = this.ingress.metadata;
        return Object.entries(wanted).every(([name, value]) => (annotations[`${this.prefix}/${name}`] ?? null) === value);
    }
    serves(audience) {
        return this.isSaid(this.audienceOf(audience));
    }
    patch(shares, audience) {
        const { annotations = {} } = this.ingress.metadata;
        const wanted = {
            canary: 'true',
            'canary-weight': String(shares[this.colours[1]] ?? 0),
            ...(annotations[`${this.prefix}/canary-weight-total`] !== undefined && { 'canary-weight-total': '100' }),
            ...(audience !== null && this.audienceOf(audience)),
        };
        return Object.entries(wanted).flatMap(([name, value]) => {
            const key = `${this.prefix}/${name}`;
            if ((annotations[key] ?? null) === value)
                return [];
            const path = `/metadata/annotations/${escaped(key)}`;
            return [value === null ? { op: 'remove', path } : { op: 'add', path, value }];
        });
    }
}
