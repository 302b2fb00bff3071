import type { Plan } from './core/plan.ts';
import type { Cluster, Finding, Permission } from './ports.ts';
/** Asks the API server, with a SelfSubjectAccessReview each, which of the rights are missing. */
export declare function missingPermissions(cluster: Cluster, needs: readonly Permission[]): Promise<readonly Finding[]>;
/** Runs a check; one that cannot even ask is a finding too. */
export declare function findingsOf(check: () => Promise<readonly Finding[]>): Promise<readonly Finding[]>;
/** A clock that differs from the API server's makes leases of other machines look older or younger than they are. */
export declare function skewFinding(cluster: Cluster): readonly Finding[];
/** A short-lived token that runs out before the release can end leaves its weights where they are. */
export declare function tokenFinding(cluster: Cluster, plan: Plan, now: number): readonly Finding[];
