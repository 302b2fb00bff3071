import { none } from "../deployers/none.js";
import { workloads } from "../deployers/workloads.js";
import { ReleaseError } from "../errors.js";
import { lease } from "../state/lease.js";
import { togetherLock } from "./lock.js";
import { memberGate, togetherDeployer, togetherWorkloads } from "./parts.js";
import { TogetherTraffic } from "./traffic.js";
const BOTH = ['blue', 'green'];
/** Each service after those it needs. @throws ReleaseError INVALID_CONFIG for a circle, or a name that is none */
export function inOrder(services) {
    const ordered = [];
    const nameOf = ({ options }) => options.service;
    const visit = (one, path) => {
        const name = nameOf(one);
        if (path.includes(name)) {
            throw new ReleaseError('INVALID_CONFIG', `services wait for each other: ${[...path, name].join(' → ')}`);
        }
        for (const wanted of one.after ?? []) {
            const found = services.find((each) => nameOf(each) === wanted);
            if (found === undefined)
                throw new ReleaseError('INVALID_CONFIG', `${name}: after names ${wanted}, which is none of the services`);
            visit(found, [...path, name]);
        }
        if (!ordered.includes(one))
            ordered.push(one);
    };
    for (const one of services)
        visit(one, []);
    return ordered;
}
const gateName = (service, gate) => `${service}/${gate}`;
/** The stages of the first service, each asking the gates of all. */
function sharedPlan(services) {
    const [first] = services;
    if (first === undefined)
        throw new ReleaseError('INVALID_CONFIG', 'there are no services');
    const { plan } = first.options;
    const courseOf = (one) => JSON.stringify(one.stages.map(({ route }) => route));
    const odd = services.find(({ options }) => courseOf(options.plan) !== courseOf(plan));
    if (odd !== undefined) {
        const names = `${first.options.service} and ${odd.options.service}`;
        throw new ReleaseError('INVALID_CONFIG', `${names} have different stages: their weights are raised together`);
    }
    const stages = plan.stages.map((stage, index) => ({
        ...stage,
        gates: services.flatMap(({ options }) => (options.plan.stages[index]?.gates ?? []).map((gate) => gateName(options.service, gate))),
    }));
    return { ...plan, stages };
}
/**
 * Several services as one release: deployed in order, raised together, taken back together when a gate of any of them
 * fails. The answer goes wherever the options of one service do.
 * @throws ReleaseError INVALID_CONFIG for services that wait for each other, or have different stages
 */
export function together({ service, namespace, services }) {
    const ordered = inOrder(services);
    const all = ordered.map(({ options }) => options);
    const connected = new WeakMap();
    const connect = (platform) => {
        const known = connected.get(platform);
        if (known !== undefined)
            return known;
        const parts = all.map((options) => {
            const colours = options.colours ?? BOTH;
            const deployments = Object.fromEntries(colours.map((colour) => [colour, `${options.service}-${colour}`]));
            const fallback = workloads({ namespace: options.namespace, deployments });
            return {
                service: options.service,
                version: options.version ?? '',
                colours,
                traffic: options.traffic(platform),
                workloads: (options.workloads ?? fallback)(platform),
                deployer: (options.deployer ?? none())(platform),
            };
        });
        const made = new TogetherTraffic(service, parts);
        connected.set(platform, made);
        return made;
    };
    const gates = all.flatMap((options) => Object.entries(options.gates ?? {}).map(([name, gate]) => [
        gateName(options.service, name),
        (platform) => memberGate(gate(platform), options.service),
    ]));
    const versions = all.map((options) => options.version ?? '');
    const isSame = versions.every((one) => one === versions[0]);
    const named = all.map((options) => `${options.service} ${options.version ?? ''}`).join(', ');
    const version = isSame ? (versions[0] ?? '') : named;
    const [first] = all;
    return {
        service,
        namespace,
        plan: sharedPlan(ordered),
        ...(version !== '' && { version }),
        ...(first?.colours !== undefined && { colours: first.colours }),
        traffic: connect,
        gates: Object.fromEntries(gates),
        workloads: (platform) => togetherWorkloads(connect(platform)),
        deployer: (platform) => togetherDeployer(connect(platform)),
        lock: (platform) => togetherLock(all.map((options) => ({
            key: `${options.namespace}/${options.service}`,
            lock: (options.lock ?? lease({ service: options.service, namespace: options.namespace }))(platform),
        }))),
    };
}
