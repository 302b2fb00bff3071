import type { WrittenConfig } from '../config/read.ts';
import type { Router } from '../config/routing.ts';
import type { Shell } from '../ports.ts';
import { type Manifest, type Sandbox } from '../sandbox/sandbox.ts';
export declare const OLD_VERSION = "1.0.0";
export declare const NEW_VERSION = "1.1.0";
/** What the demo can show. */
export declare const DEMO_STRATEGIES: readonly ["canary", "blue-green", "red-black", "ab-test", "mirror"];
export type DemoStrategy = (typeof DEMO_STRATEGIES)[number];
/** Requests of the audience carry this header. */
export declare const AUDIENCE: {
    name: string;
    value: string;
};
/** Share of the calls that are the audience's. */
export declare const AUDIENCE_SHARE = 0.3;
/** The settings of a demo that brings none. */
export declare function demoConfig(router: Router, strategy: DemoStrategy): WrittenConfig;
/** YAML of a folder; none when there is no such folder. */
export declare function readManifests(folder: string): readonly Manifest[];
/** What the stand-in for helmfile deploys. */
export interface DemoCharts {
    readonly service: string;
    readonly namespace: string;
    readonly router: Router;
    /** Name of the Deployment of each colour. */
    readonly deployments: Readonly<Record<string, string>>;
    /** What real charts render to; where there are none, the sandbox's example is deployed. */
    readonly rendered: readonly Manifest[];
}
/** Stands in for the helmfile program: applies what the charts render to for the colour it is asked for. */
export declare function sandboxHelmfile(sandbox: Sandbox, charts: DemoCharts): Shell;
