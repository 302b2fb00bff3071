import { toDuration } from "./core/duration.js";
import { toReleaseError } from "./errors.js";
const MOST_SKEW_MS = 5_000;
/** Asks the API server, with a SelfSubjectAccessReview each, which of the rights are missing. */
export async function missingPermissions(cluster, needs) {
    const asked = await Promise.all(needs.map(async (need) => {
        const { group, resource, verb, namespace } = need;
        const [name, subresource] = resource.split('/');
        const resourceAttributes = { group, resource: name, verb, namespace, ...(subresource && { subresource }) };
        const review = await cluster.request({
            method: 'POST',
            path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
            body: {
                apiVersion: 'authorization.k8s.io/v1',
                kind: 'SelfSubjectAccessReview',
                spec: { resourceAttributes },
            },
        });
        if (review.status?.allowed === true)
            return null;
        return {
            level: 'refuse',
            message: `no permission to ${verb} ${resource}${group === '' ? '' : `.${group}`} in namespace ${namespace} (${need.for})`,
            hint: `add to the Role: {apiGroups: ["${group}"], resources: [${resource}], verbs: [${verb}]}`,
        };
    }));
    return asked.filter((finding) => finding !== null);
}
/** Runs a check; one that cannot even ask is a finding too. */
export async function findingsOf(check) {
    try {
        return await check();
    }
    catch (thrown) {
        const error = toReleaseError(thrown);
        return [{ level: 'refuse', message: error.message, hint: error.hint }];
    }
}
/** A clock that differs from the API server's makes leases of other machines look older or younger than they are. */
export function skewFinding(cluster) {
    const skew = cluster.skewMs();
    if (skew === null || Math.abs(skew) < MOST_SKEW_MS)
        return [];
    const hint = 'set this machine’s clock by NTP';
    return [
        {
            level: 'warn',
            message: `the clocks of this machine and the API server differ by ${Math.round(skew / 1000)} s`,
            hint,
        },
    ];
}
/** A short-lived token that runs out before the release can end leaves its weights where they are. */
export function tokenFinding(cluster, plan, now) {
    const endsAt = cluster.tokenEndsAt?.() ?? null;
    const leastMs = plan.stages.reduce((sum, stage) => sum + stage.minMs, 0);
    if (endsAt === null || endsAt - now >= leastMs)
        return [];
    return [
        {
            level: 'warn',
            message: `the token of the kubeconfig runs out in ${toDuration(Math.max(0, endsAt - now))}, the stages need at least ${toDuration(leastMs)}`,
            hint: 'renew it in the kubeconfig while the release runs (the file is read again), or use one that lives longer',
        },
    ];
}
