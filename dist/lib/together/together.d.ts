import type { ReleaseOptions } from '../wire.ts';
/** One service of a release in lock step: its options, and the services that must be deployed before it. */
export interface TogetherService {
    readonly options: ReleaseOptions;
    readonly after?: readonly string[];
}
/** Several services that are released as one. */
export interface TogetherOptions {
    /** Name of the release, for people and for its journal. */
    readonly service: string;
    readonly namespace: string;
    /** At least one; all of them have the same stages. The first one carries the state of the release. */
    readonly services: readonly TogetherService[];
}
/** Each service after those it needs. @throws ReleaseError INVALID_CONFIG for a circle, or a name that is none */
export declare function inOrder(services: readonly TogetherService[]): readonly TogetherService[];
/**
 * Several services as one release: deployed in order, raised together, taken back together when a gate of any of them
 * fails. The answer goes wherever the options of one service do.
 * @throws ReleaseError INVALID_CONFIG for services that wait for each other, or have different stages
 */
export declare function together({ service, namespace, services }: TogetherOptions): ReleaseOptions;
