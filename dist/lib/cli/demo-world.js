import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { exampleDeployment } from "../sandbox/sandbox.js";
export const OLD_VERSION = '1.0.0';
export const NEW_VERSION = '1.1.0';
/** What the demo can show. */
export const DEMO_STRATEGIES = ['canary', 'blue-green', 'red-black', 'ab-test', 'mirror'];
// At the few requests a second that are real here, evidence may take a while.
const STAGE = { min: 30_000, max: 1_200_000 };
/** Requests of the audience carry this header. */
export const AUDIENCE = { name: 'x-beta', value: 'yes' };
/** Share of the calls that are the audience's. */
export const AUDIENCE_SHARE = 0.3;
/** Pods of the main track when pods alone share the requests. */
const MAIN_REPLICAS = 10;
const BASE = {
    service: 'shop',
    namespace: 'demo',
    version: NEW_VERSION,
    deploy: { helmfile: { file: 'helmfile.yaml' } },
    interval: 5_000,
    'ready-timeout': 120_000,
};
const rising = (weights) => weights.map((weight) => ({ weight, ...STAGE }));
function strategyOf(strategy, weights) {
    const match = [{ header: AUDIENCE.name, value: AUDIENCE.value }];
    switch (strategy) {
        case 'canary':
            return { stages: rising(weights) };
        case 'blue-green':
        case 'red-black':
            return { strategy };
        case 'ab-test': {
            const count = (name) => `sum(increase(${name}{workload="{workload}"}[{window}]))`;
            const goal = { successes: count('shop_orders_total'), trials: count('shop_visits_total') };
            return { strategy, test: { match, goal, min: 60_000, max: 1_200_000 } };
        }
        case 'mirror':
            return {
                stages: [{ mirror: 1, ...STAGE }, { match, ...STAGE }, ...rising(weights.filter((weight) => weight > 5))],
                gates: { reporter: 'destination' },
            };
        default:
            return strategy;
    }
}
/** The settings of a demo that brings none. */
export function demoConfig(router, strategy) {
    const settle = 3_000;
    const weights = router === 'replicas' ? [10, 50] : [5, 25, 50, 100];
    return { ...BASE, ...strategyOf(strategy, weights), traffic: { settle, [router]: {} } };
}
/** YAML of a folder; none when there is no such folder. */
export function readManifests(folder) {
    if (!existsSync(folder))
        return [];
    return readdirSync(folder)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .flatMap((name) => loadAll(readFileSync(join(folder, name), 'utf8')))
        .filter((one) => one !== null);
}
/** Stands in for the helmfile program: applies what the charts render to for the colour it is asked for. */
export function sandboxHelmfile(sandbox, charts) {
    const { service, namespace, router, deployments, rendered } = charts;
    return {
        run: (command, options) => {
            const colour = options.env['DEPLOYMENT_TYPE'] ?? '';
            const name = deployments[colour] ?? `${service}-${colour}`;
            const done = { code: 0, timedOut: false, aborted: false, lastLines: [] };
            if (command.includes('destroy')) {
                options.onLine(`the sandbox removes ${name}`);
                sandbox.api.remove('Deployment', namespace, name);
                return Promise.resolve(done);
            }
            options.onLine(`the sandbox applies what the charts render to for ${name}`);
            const version = Object.entries(options.env).find(([key]) => key.endsWith('_VERSION') && key !== 'npm_config_node_version')?.[1] ?? NEW_VERSION;
            const ours = rendered.filter((one) => one.kind === 'Deployment' && one.metadata.name === name);
            const text = JSON.stringify(ours).replaceAll(/(:|"app\.kubernetes\.io\/version":")\d+\.\d+\.\d+(?=")/g, `$1${version}`);
            const isMain = name === service;
            const replicas = router === 'replicas' ? (isMain ? MAIN_REPLICAS : 0) : 2;
            const manifests = ours.length > 0
                ? JSON.parse(text)
                : [exampleDeployment(service, namespace, colour, version, { name, replicas })];
            sandbox.apply(manifests);
            return Promise.resolve(done);
        },
    };
}
