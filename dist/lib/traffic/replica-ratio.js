import { hasAudience } from "../core/plan.js";
import { splitWeights } from "../core/shares.js";
import { toReleaseError } from "../errors.js";
import { describeObject, drifted, fighters, gather, notFound, RoutedObject, listObjects, } from "./routed-object.js";
const replicasOf = (deployment) => deployment === null ? 0 : (deployment.spec?.replicas ?? 1);
const readyOf = (deployment) => Math.min(replicasOf(deployment), deployment?.status?.readyReplicas ?? 0);
/** One Deployment as half of the split: the number it is to have is worked out by the provider for both together. */
class Half {
    isRouted = true;
    deployment;
    provider;
    part;
    constructor(deployment, provider, part) {
        this.deployment = deployment;
        this.provider = provider;
        this.part = part;
    }
    shares() {
        return this.provider.shares();
    }
    has() {
        return replicasOf(this.deployment) === this.provider.now[this.part];
    }
    serves(audience) {
        return !hasAudience(audience);
    }
    patch() {
        const wanted = this.provider.now[this.part];
        const key = this.provider.noteKey;
        const note = JSON.stringify({ wrote: wanted, ...this.provider.wanted });
        const path = `/metadata/annotations/${key.replace('/', '~1')}`;
        const isNoted = this.deployment.metadata.annotations?.[key] === note;
        return [
            ...(this.has() ? [] : [{ op: 'add', path: '/spec/replicas', value: wanted }]),
            ...(isNoted ? [] : [{ op: 'add', path, value: note }]),
        ];
    }
}
/** What the note on a Deployment says; null for none that we can read. */
function noteOf(deployment, key) {
    try {
        const found = JSON.parse(deployment?.metadata.annotations?.[key] ?? '');
        const { main, canary, wrote } = found;
        const isWhole = [main, canary, wrote].every((one) => Number.isInteger(one) && Number(one) >= 0);
        return isWhole ? { main: Number(main), canary: Number(canary), wrote: Number(wrote) } : null;
    }
    catch {
        return null;
    }
}
class RatioTraffic {
    needs;
    /** What both Deployments are to have in the end, and what the next write gives them. */
    wanted = { main: 0, canary: 0 };
    now = { main: 0, canary: 0 };
    noteKey;
    options;
    platform;
    colours;
    mainRoute;
    canaryRoute;
    main = null;
    canary = null;
    constructor(options, platform) {
        this.options = options;
        this.platform = platform;
        this.noteKey = `replicas.gray-release/${options.service}`;
        const [main = '', canary = ''] = Object.keys(options.deployments);
        this.colours = [main, canary];
        this.mainRoute = new RoutedObject(this.half('main'), platform);
        this.canaryRoute = new RoutedObject(this.half('canary'), platform);
        const right = (group, resource, verb, reason) => ({
            group,
            resource,
            verb,
            namespace: options.namespace,
            for: reason,
        });
        this.needs = [
            right('apps', 'deployments', 'get', 'read how many pods each track has'),
            right('apps', 'deployments', 'watch', 'notice foreign changes at once'),
            right('apps', 'deployments', 'patch', 'scale the tracks'),
            right('autoscaling', 'horizontalpodautoscalers', 'list', 'find what would scale them too'),
            right('policy', 'poddisruptionbudgets', 'list', 'keep the pods that are promised'),
        ];
    }
    /** Whole pods are all there is: with 10 pods a share can only be a multiple of 10 %. */
    get supports() {
        const total = this.total;
        return { precision: total > 0 ? 100 / total : 1, match: [], mirror: false };
    }
    deploymentName(part) {
        const colour = part === 'main' ? this.colours[0] : this.colours[1];
        return this.options.deployments[colour] ?? colour;
    }
    half(part) {
        const { namespace, service } = this.options;
        const collection = `/apis/apps/v1/namespaces/${namespace}/deployments`;
        return {
            service,
            path: (name) => Promise.resolve(name === '' ? collection : `${collection}/${name}`),
            find: () => Promise.resolve(this.deploymentName(part)),
            view: (object) => new Half(object, this, part),
            noRoutes: (object) => notFound(`${describeObject(object, 'Deployment')} shares no requests`, ''),
            missing: (name) => Promise.resolve(notFound(`there is no Deployment ${namespace}/${name}`, 'the main track must run, and the canary be deployed, before requests can be shared by their pods')),
        };
    }
    /** Both Deployments as they are; a canary that nobody deployed yet has no pods. */
    async look(isFresh) {
        const of = (route) => (isFresh ? route.get() : route.current());
        const canary = of(this.canaryRoute).catch((thrown) => {
            if (toReleaseError(thrown).code !== 'ROUTE_NOT_FOUND')
                throw thrown;
            return null;
        });
        [this.main, this.canary] = await Promise.all([of(this.mainRoute), canary]);
    }
    /** Pods of both together. At rest it is what the main track has: a chart may give its canary one that does not count. */
    get total() {
        const { intended } = this;
        if (intended !== null && intended.canary > 0)
            return intended.main + intended.canary;
        return replicasOf(this.main) + (intended === null ? replicasOf(this.canary) : 0);
    }
    /** What was last wanted. A run that died in a rise may have told the canary and not the main track. */
    get intended() {
        const [main, canary] = [noteOf(this.main, this.noteKey), noteOf(this.canary, this.noteKey)];
        const isAhead = (main?.canary ?? 0) === 0 && canary !== null && canary.canary > 0 && this.isWritten('canary');
        return isAhead ? canary : main;
    }
    shares() {
        const [main, canary] = this.colours;
        const pods = { main: replicasOf(this.main), canary: replicasOf(this.canary) };
        // On the way from one split to another their sum is not what the share is of.
        const all = this.unfinished === '' ? pods.main + pods.canary : this.total;
        if (all === 0)
            return null;
        const share = Math.round((pods.canary * 100) / all);
        return { [main]: 100 - share, [canary]: share };
    }
    podsFor(shares) {
        const [main, canary] = splitWeights(this.total, shares[this.colours[1]] ?? 0);
        return { main, canary };
    }
    has(shares) {
        const wanted = this.podsFor(shares);
        const isRest = wanted.canary === 0 && (this.intended?.canary ?? 0) === 0;
        // What a chart gives its canary is not a share that anybody asked for.
        const isCanaryRight = replicasOf(this.canary) === wanted.canary || (isRest && !this.isWritten('canary'));
        return replicasOf(this.main) === wanted.main && isCanaryRight;
    }
    /** Like `has`, but more pods of the main track are no harm: a chart that deploys it may set its number. */
    isAtMost(shares) {
        return this.has(shares) || (this.isWritten('canary') && this.hasEnough(this.podsFor(shares)));
    }
    hasEnough(wanted) {
        return replicasOf(this.canary) === wanted.canary && replicasOf(this.main) >= wanted.main;
    }
    /** Whether a Deployment has what we wrote there last. */
    isWritten(part) {
        const deployment = part === 'main' ? this.main : this.canary;
        const note = noteOf(deployment, this.noteKey);
        return note !== null && note.wrote === replicasOf(deployment);
    }
    /** What a write of ours has not reached yet. */
    get unfinished() {
        const note = this.intended;
        const isMainOurs = noteOf(this.main, this.noteKey) === null || this.isWritten('main');
        if (note === null || !isMainOurs)
            return '';
        const isThere = replicasOf(this.main) === note.main && replicasOf(this.canary) === note.canary;
        // Numbers that are not ours are somebody else's doing, and no write of ours.
        if (isThere || !this.isWritten('canary'))
            return '';
        const ready = `${readyOf(this.main)} + ${readyOf(this.canary)} pods ready`;
        return `${note.main} + ${note.canary} pods are wanted, ${replicasOf(this.main)} + ${replicasOf(this.canary)} are asked for, ${ready}`;
    }
    async toLive(route) {
        const { object, notes } = await route;
        const { unfinished } = this;
        const serves = (audience) => !hasAudience(audience);
        return { object, notes, shares: this.shares(), unfinished, has: (shares) => this.has(shares), serves };
    }
    async read() {
        await this.look(false);
        return this.toLive(this.mainRoute.read());
    }
    /**
     * More pods first; as many of the others go as the new ones are ready. A way back (`expected` is null) waits for
     * nothing: the canary is what hurts.
     */
    async write(change) {
        await this.look(change.shares !== null);
        if (change.shares === null)
            return this.toLive(this.mainRoute.write({ ...change, shares: null }));
        const { expected, shares } = change;
        if (expected !== null && this.unfinished === '' && !expected.some((one) => this.isAtMost(one))) {
            throw drifted(`Deployments ${this.deploymentName('main')} and ${this.deploymentName('canary')}`, this.shares(), expected);
        }
        this.wanted = this.podsFor(shares);
        const { wanted, total } = this;
        // What is saved must never be ahead of the pods: a run may die between any two writes, so notes come last.
        const silent = { ...change, expected: null, notes: {} };
        const last = { ...change, expected: null };
        if (this.canary === null) {
            if (wanted.canary > 0)
                await this.canaryRoute.get();
            this.now = wanted;
            await this.mainRoute.write(last);
        }
        else if (expected === null || wanted.canary >= replicasOf(this.canary)) {
            const main = expected === null ? wanted.main : Math.max(wanted.main, total - readyOf(this.canary));
            this.now = { main, canary: wanted.canary };
            await this.canaryRoute.write(silent);
            await this.mainRoute.write(last);
        }
        else {
            const most = Math.max(wanted.canary, total - readyOf(this.main));
            this.now = { main: wanted.main, canary: Math.min(replicasOf(this.canary), most) };
            await this.mainRoute.write(silent);
            await this.canaryRoute.write(silent);
            await this.mainRoute.write({ ...last, shares: null });
        }
        return this.read();
    }
    ask(request) {
        return this.mainRoute.leave(request);
    }
    watch(signal) {
        this.mainRoute.watch(signal);
        this.canaryRoute.watch(signal);
    }
    async backend(colour) {
        const { kubeService, namespace, service } = this.options;
        const part = colour === this.colours[0] ? 'main' : 'canary';
        await this.look(false);
        const deployment = part === 'main' ? this.main : this.canary;
        const labels = deployment?.spec?.template?.metadata?.labels ?? {};
        const problem = deployment === null ? `there is no Deployment ${this.deploymentName(part)}` : '';
        return { service: kubeService ?? service, namespace, port: null, labels, problem, isScaledByRoute: true };
    }
    list(group, resource) {
        return listObjects(this.platform.cluster, `/apis/${group}/namespaces/${this.options.namespace}/${resource}`);
    }
    check() {
        const names = [this.deploymentName('main'), this.deploymentName('canary')];
        return gather([
            async () => {
                const live = await this.read();
                const own = this.main === null ? [] : fighters(this.main, '.spec.replicas');
                if (this.total > 0)
                    return own;
                return [{ level: 'refuse', message: `${live.object} is scaled to 0`, hint: 'scale the main track up first' }];
            },
            async () => {
                const found = await this.list('autoscaling/v2', 'horizontalpodautoscalers');
                return found.flatMap((one) => {
                    const { scaleTargetRef: target } = one['spec'];
                    if (!names.includes(target?.name ?? ''))
                        return [];
                    const message = `${describeObject(one, 'HorizontalPodAutoscaler')} scales ${target?.name ?? ''}: it would change the shares`;
                    return [{ level: 'refuse', message, hint: 'take it away for the release, or share requests with a router' }];
                });
            },
            async () => {
                const found = await this.list('policy/v1', 'poddisruptionbudgets');
                const selects = (one, deployment) => {
                    const { selector } = one['spec'];
                    const labels = deployment?.spec?.template?.metadata?.labels ?? {};
                    return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
                };
                return found.flatMap((one) => {
                    if (!selects(one, this.main) || selects(one, this.canary))
                        return [];
                    const message = `${describeObject(one, 'PodDisruptionBudget')} counts the pods of the main track alone, which become fewer`;
                    return [{ level: 'warn', message, hint: 'select the pods of both tracks: together they are never fewer' }];
                });
            },
        ]);
    }
}
/** No router: the pods of two Deployments behind one Service. The share is what whole pods allow. */
export function replicaRatio(options) {
    return (platform) => new RatioTraffic(options, platform);
}
