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
/** The objects of a service in two colours, in the shapes of the blue/green article, for who brings none. */
export function exampleManifests(service, namespace) {
    const host = `${service}.${namespace}.svc.cluster.local`;
    const destination = (subset, weight) => ({ destination: { host, subset }, weight });
    return [
        {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: service, namespace },
            spec: { selector: { app: service }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
        },
        {
            apiVersion: 'networking.istio.io/v1',
            kind: 'DestinationRule',
            metadata: { name: service, namespace },
            spec: { host, subsets: ['blue', 'green'].map((name) => ({ name, labels: { colour: name } })) },
        },
        {
            apiVersion: 'networking.istio.io/v1',
            kind: 'VirtualService',
            metadata: { name: service, namespace },
            spec: { hosts: [host], http: [{ name: 'default', route: [destination('blue', 100), destination('green', 0)] }] },
        },
    ];
}
/** One colour's Deployment, as the charts of `exampleManifests` would render it. */
export function exampleDeployment(service, namespace, colour, version) {
    const labels = { app: service, colour };
    return {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: `${service}-${colour}`, namespace, labels },
        spec: {
            replicas: 2,
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
