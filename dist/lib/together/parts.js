/** The workloads of all services as one. */
export function togetherWorkloads(traffic) {
    const { parts } = traffic;
    const each = (ask) => Promise.all(parts.map(ask));
    return {
        needs: parts.flatMap(({ workloads: one }) => one.needs),
        needsToScale: parts.flatMap(({ workloads: one }) => one.needsToScale ?? []),
        async inspect(colour) {
            const all = await each(async ({ workloads: one }, place) => one.inspect(traffic.own(place, colour), await traffic.ownBackend(place, colour)));
            const sum = (of) => all.reduce((total, one) => total + of(one), 0);
            const versions = all.map(({ version }, place) => `${parts[place]?.service ?? ''} ${version ?? 'unknown'}`);
            return {
                exists: all.some(({ exists }) => exists),
                ready: all.every(({ ready }) => ready),
                readyPods: sum((one) => one.readyPods),
                wantedPods: sum((one) => one.wantedPods),
                problem: all
                    .map(({ problem }) => problem)
                    .filter((one) => one !== '')
                    .join('; '),
                fingerprint: all.some(({ exists }) => exists) ? all.map(({ fingerprint }) => fingerprint).join(' ') : '',
                version: versions.join(', '),
            };
        },
        /** The weakest service counts: its candidate's pods in percent of its stable's. */
        async readyPods(backends) {
            const [stable = '', candidate = ''] = Object.keys(backends);
            const counted = await each(async ({ workloads: one }, place) => {
                const own = { [traffic.own(place, stable)]: await traffic.ownBackend(place, stable) };
                const twin = { [traffic.own(place, candidate)]: await traffic.ownBackend(place, candidate) };
                const pods = await one.readyPods({ ...own, ...twin });
                const [have, base] = [pods[traffic.own(place, candidate)] ?? 0, pods[traffic.own(place, stable)] ?? 0];
                return base === 0 ? (have > 0 ? 100 : 0) : Math.floor((have * 100) / base);
            });
            return { [stable]: 100, [candidate]: Math.min(...counted) };
        },
        async scaleDown(colour) {
            const did = await each(({ workloads: one }, place) => one.scaleDown(traffic.own(place, colour)));
            return did.some((one) => one);
        },
    };
}
/** Deploys the services in order, and takes them away in the other. */
export function togetherDeployer(traffic) {
    const { parts } = traffic;
    const ofPart = (deployment, place) => ({
        ...deployment,
        colour: traffic.own(place, deployment.colour),
        version: parts[place]?.version ?? deployment.version,
    });
    return {
        async deploy(deployment, signal) {
            for (const [place, { deployer }] of parts.entries()) {
                if (!signal.aborted)
                    await deployer.deploy(ofPart(deployment, place), signal);
            }
        },
        async retire(deployment, signal) {
            for (const [place, { deployer }] of [...parts.entries()].reverse()) {
                await deployer.retire(ofPart(deployment, place), signal);
            }
        },
        async check() {
            return (await Promise.all(parts.map(({ deployer }) => deployer.check?.() ?? Promise.resolve([])))).flat();
        },
    };
}
/** A gate of one service, asked about its own colours and its own version. */
export function memberGate(gate, service) {
    const ofMember = (release) => {
        const member = release.members.find((one) => one.service === service);
        if (member === undefined)
            return release;
        const own = (colour) => member.colours[colour] ?? colour;
        return {
            ...release,
            service,
            version: member.version,
            stable: own(release.stable),
            candidate: own(release.candidate),
        };
    };
    return {
        measure: (window, signal) => gate.measure({ ...window, release: ofMember(window.release) }, signal),
        ...(gate.check !== undefined && { check: () => gate.check?.() ?? Promise.resolve([]) }),
    };
}
