import { gatewayApi } from "../traffic/gateway-api.js";
import { ingressNginx } from "../traffic/ingress-nginx.js";
import { istio } from "../traffic/istio.js";
import { replicaRatio } from "../traffic/replica-ratio.js";
export const ROUTERS = ['istio', 'gateway-api', 'ingress-nginx', 'replicas'];
/** What can be told before a cluster is asked: the steps of replicas follow from how many there are. */
const SUPPORTS = {
    istio: { precision: 1, match: ['header', 'cookie', 'custom'], mirror: true },
    'gateway-api': { precision: 1, match: ['header'], mirror: true },
    'ingress-nginx': { precision: 1, match: ['header', 'cookie'], mirror: false },
    replicas: { precision: 0.001, match: [], mirror: false },
};
/** @param wrong is told what does not fit together */
export function routingOf(config, wrong) {
    const { service = '', namespace = '', traffic = {} } = config;
    const given = ROUTERS.filter((one) => traffic[one] !== undefined);
    if (given.length > 1)
        wrong('traffic', `one router is wanted, ${given.length} are given: ${given.join(', ')}`);
    const router = given[0] ?? 'istio';
    const hasTracks = router === 'ingress-nginx' || router === 'replicas';
    const written = config.colours ?? (hasTracks ? { stable: {}, canary: {} } : { blue: {}, green: {} });
    const [first, second, ...more] = Object.keys(written);
    if (first === undefined || second === undefined || more.length > 0) {
        wrong('colours', `${Object.keys(written).length} colours are given, 2 are wanted`);
    }
    const colours = [first ?? 'blue', second ?? 'green'];
    const named = (key, fallback) => Object.fromEntries(colours.map((colour) => [colour, written[colour]?.[key] ?? fallback(colour)]));
    const ofTrack = (colour) => (hasTracks && colour === first ? service : `${service}-${colour}`);
    const hasServices = router === 'gateway-api' || (router === 'istio' && colours.every((one) => written[one]?.service !== undefined));
    const workloads = named('workload', ofTrack);
    const services = named('service', ofTrack);
    const common = { router, colours, workloads, services, supports: SUPPORTS[router], hasTracks, hasServices };
    switch (router) {
        case 'istio': {
            const route = traffic.istio ?? {};
            return {
                ...common,
                traffic: istio({
                    service,
                    namespace,
                    subsets: named('subset', (colour) => colour),
                    ...(hasServices && { hosts: services }),
                    ...(route.host !== undefined && { host: route.host }),
                    ...(route['virtual-service'] !== undefined && { virtualService: route['virtual-service'] }),
                    ...(route.routes !== undefined && { routes: route.routes }),
                    ...(route['cluster-domain'] !== undefined && { clusterDomain: route['cluster-domain'] }),
                }),
            };
        }
        case 'gateway-api': {
            const { kind, route, rules } = traffic['gateway-api'] ?? {};
            const backends = { backends: services };
            const options = {
                ...(kind !== undefined && { kind }),
                ...(route !== undefined && { route }),
                ...(rules !== undefined && { rules }),
            };
            return { ...common, traffic: gatewayApi({ service, namespace, ...backends, ...options }) };
        }
        case 'ingress-nginx': {
            const { ingress, canary, 'annotations-prefix': prefix } = traffic['ingress-nginx'] ?? {};
            const options = {
                ...(ingress !== undefined && { ingress }),
                ...(canary !== undefined && { canary }),
                ...(prefix !== undefined && { prefix }),
            };
            return { ...common, traffic: ingressNginx({ service, namespace, backends: services, ...options }) };
        }
        case 'replicas': {
            const { service: kubeService } = traffic.replicas ?? {};
            const options = kubeService === undefined ? {} : { kubeService };
            return { ...common, traffic: replicaRatio({ service, namespace, deployments: workloads, ...options }) };
        }
        default:
            return router;
    }
}
