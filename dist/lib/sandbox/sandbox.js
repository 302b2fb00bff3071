import { SandboxApiServer } from "./api-server.js";
import { SandboxMesh } from "./mesh.js";
import { SandboxMetrics } from "./metrics.js";
/** Starts the sandbox. Every server listens on a free port of the loopback address. */
export async function openSandbox(options) {
    const api = new SandboxApiServer(options.now);
    const metrics = new SandboxMetrics(options.now);
    const mesh = new SandboxMesh(api, metrics, options);
    const [server, prometheus] = await Promise.all([api.listen(), metrics.listen(), mesh.listen()]);
    return {
        api,
        mesh,
        metrics,
        server,
        prometheus,
        apply(manifests) {
            for (const manifest of manifests) {
                const metadata = { ...manifest.metadata, namespace: manifest.metadata.namespace ?? options.namespace };
                api.put(manifest.kind, { ...manifest, metadata });
            }
        },
        close() {
            mesh.close();
            api.close();
            metrics.close();
        },
    };
}
/** The objects of a service in two colours, in the shapes of the articles, for who brings none. */
export function exampleManifests(service, namespace, router = 'istio') {
    const of = (apiVersion, kind, name, spec) => ({
        ...{ apiVersion, kind, metadata: { name, namespace }, spec },
    });
    const serviceOf = (name, selector) => of('v1', 'Service', name, { selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] });
    const host = `${service}.${namespace}.svc.cluster.local`;
    switch (router) {
        case 'istio': {
            const destination = (subset, weight) => ({ destination: { host, subset }, weight });
            const route = [destination('blue', 100), destination('green', 0)];
            const subsets = ['blue', 'green'].map((name) => ({ name, labels: { colour: name } }));
            return [
                serviceOf(service, { app: service }),
                of('networking.istio.io/v1', 'DestinationRule', service, { host, subsets }),
                of('networking.istio.io/v1', 'VirtualService', service, { hosts: [host], http: [{ name: 'default', route }] }),
            ];
        }
        case 'gateway-api': {
            const backendRefs = ['blue', 'green'].map((colour) => ({
                ...{ name: `${service}-${colour}`, port: 80, weight: colour === 'blue' ? 100 : 0 },
            }));
            const parentRefs = [{ name: 'edge' }];
            return [
                ...['blue', 'green'].map((colour) => serviceOf(`${service}-${colour}`, { app: service, colour })),
                of('gateway.networking.k8s.io/v1', 'HTTPRoute', service, { parentRefs, rules: [{ backendRefs }] }),
            ];
        }
        case 'ingress-nginx': {
            const backend = { service: { name: service, port: { number: 80 } } };
            const rules = [{ host: `${service}.example`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
            return [
                serviceOf(service, { app: service, colour: 'stable' }),
                serviceOf(`${service}-canary`, { app: service, colour: 'canary' }),
                of('networking.k8s.io/v1', 'Ingress', service, { ingressClassName: 'nginx', rules }),
            ];
        }
        case 'replicas':
            return [serviceOf(service, { app: service })];
        default:
            return router;
    }
}
/** One colour's Deployment, as the charts of `exampleManifests` would render it. */
export function exampleDeployment(service, namespace, colour, version, { name = `${service}-${colour}`, replicas = 2 } = {}) {
    const labels = { app: service, colour };
    return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace, labels },
        spec: {
            replicas,
            selector: { matchLabels: labels },
            template: {
                metadata: { labels },
                spec: {
                    containers: [{ name: 'app', image: `example/${service}:${version}`, ports: [{ containerPort: 8080 }] }],
                },
            },
        },
    };
}
