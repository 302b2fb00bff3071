import type { Colour } from '../core/shares.ts';
import type { Connect, TrafficProvider } from '../ports.ts';
/** How the service is routed with ingress-nginx: a main Ingress, and a second one for the canary. */
export interface IngressNginxOptions {
    readonly service: string;
    readonly namespace: string;
    /** The Service of each track; the first one is the main track, the second one the canary. */
    readonly backends: Readonly<Record<Colour, string>>;
    /** Name of the main Ingress; found by its backend when not given. */
    readonly ingress?: string;
    /** Name of the canary Ingress; default `<main>-canary`. It is made when it is not there. */
    readonly canary?: string;
    /** The controller's prefix of annotations; default `nginx.ingress.kubernetes.io`. */
    readonly prefix?: string;
}
/**
 * ingress-nginx: the weight of a canary Ingress beside the main one. The canary Ingress is made when it is missing and
 * stays at weight 0 afterwards: it carries the notes of the last release.
 */
export declare function ingressNginx(options: IngressNginxOptions): Connect<TrafficProvider>;
