import { ReleaseError, type Problem } from '../errors.ts';
import type { Moment } from '../notifications/webhook.ts';
/** The text of a file with settings. */
export interface ConfigFile {
    readonly name: string;
    readonly text: string;
}
/** What was written, checked and converted, before defaults: see `SETTINGS` for the meaning of each key. */
export interface WrittenConfig {
    readonly service?: string;
    readonly namespace?: string;
    readonly version?: string;
    readonly 'deployment-type'?: string;
    readonly colours?: Readonly<Record<string, {
        readonly subset?: string;
        readonly workload?: string;
        readonly service?: string;
    }>>;
    readonly deploy?: {
        readonly helmfile?: {
            readonly file?: string;
            readonly selector?: string;
            readonly environment?: string;
            readonly env?: Readonly<Record<string, string>>;
            readonly timeout?: number;
            readonly 'skip-deps'?: boolean;
            readonly args?: readonly string[];
        };
        readonly helm?: {
            readonly chart?: string;
            readonly release?: string;
            readonly values?: readonly string[];
            readonly set?: Readonly<Record<string, string>>;
            readonly timeout?: number;
            readonly args?: readonly string[];
        };
        readonly manifests?: {
            readonly paths?: readonly string[];
            readonly kustomize?: readonly string[];
        };
        readonly command?: {
            readonly deploy?: readonly string[];
            readonly retire?: readonly string[];
            readonly env?: Readonly<Record<string, string>>;
            readonly timeout?: number;
        };
    };
    readonly traffic?: {
        readonly 'gateway-api'?: {
            readonly kind?: 'HTTPRoute' | 'GRPCRoute';
            readonly route?: string;
            readonly rules?: readonly string[];
        };
        readonly 'ingress-nginx'?: {
            readonly ingress?: string;
            readonly canary?: string;
            readonly port?: number;
            readonly 'annotations-prefix'?: string;
        };
        readonly replicas?: {
            readonly service?: string;
        };
        readonly istio?: {
            readonly 'virtual-service'?: string;
            readonly routes?: readonly string[];
            readonly host?: string;
            readonly 'cluster-domain'?: string;
        };
        readonly settle?: number;
    };
    readonly services?: readonly WrittenService[];
    readonly waves?: {
        readonly list?: readonly {
            readonly groups?: readonly WrittenGroup[];
            readonly pause?: number;
        }[];
        readonly 'side-by-side'?: number;
        readonly 'on-failure'?: 'revert-all' | 'keep-before';
    };
    readonly notifications?: readonly {
        readonly 'url-env'?: string;
        readonly format?: 'json' | 'slack';
        readonly on?: readonly Moment[];
    }[];
    readonly environment?: string;
    readonly 'check-run'?: boolean;
    readonly 'secret-env'?: readonly string[];
    readonly strategy?: 'canary' | 'blue-green' | 'red-black' | 'ab-test';
    readonly ending?: 'swap' | 'replace';
    readonly test?: WrittenTest;
    readonly stages?: readonly WrittenStage[];
    readonly interval?: number;
    readonly 'ready-timeout'?: number;
    readonly gates?: {
        readonly prometheus?: {
            readonly url?: string;
            readonly service?: string;
            readonly 'bearer-token-env'?: string;
            readonly headers?: Readonly<Record<string, string>>;
            readonly 'ca-file'?: string;
            readonly timeout?: number;
        };
        readonly reporter?: 'source' | 'destination';
        readonly source?: 'istio' | 'ingress-nginx' | 'custom';
        readonly custom?: WrittenSource;
        readonly errors?: WrittenTolerance & {
            readonly max?: number;
        };
        readonly saturation?: WrittenTolerance & {
            readonly query?: string;
            readonly max?: number;
        };
        readonly latency?: WrittenTolerance & {
            readonly quantile?: number;
        };
        readonly 'false-revert'?: number;
        readonly harm?: number;
        readonly 'warm-up'?: number;
        readonly checks?: Readonly<Record<string, WrittenCheck>>;
    };
    readonly policies?: {
        readonly 'on-inconclusive'?: 'revert' | 'pause' | 'continue';
        readonly 'on-cancel'?: 'revert' | 'hold';
        readonly 'on-lost'?: 'revert' | 'hold';
        readonly 'on-drift'?: 'stop' | 'reassert';
        readonly 'max-pause'?: number;
        readonly 'keep-old'?: string;
        readonly capacity?: 'require' | 'warn';
    };
}
/** One group of a wave. */
export interface WrittenGroup extends Omit<WrittenService, 'after' | 'version'> {
    readonly name?: string;
    readonly namespace?: string;
}
/** One of several services that are released as one. */
export interface WrittenService extends Pick<WrittenConfig, 'service' | 'version' | 'colours' | 'deploy' | 'traffic' | 'gates'> {
    readonly after?: readonly string[];
}
export interface WrittenMatch {
    readonly header?: string;
    readonly cookie?: string;
    readonly value?: string;
    readonly custom?: string;
}
export interface WrittenTest {
    readonly match?: readonly WrittenMatch[];
    readonly weight?: number;
    readonly min?: number;
    readonly max?: number;
    readonly approval?: boolean;
    readonly samples?: number;
    readonly goal?: {
        readonly successes?: string;
        readonly trials?: string;
        readonly better?: 'more' | 'fewer';
        readonly 'false-choice'?: number;
    };
}
export interface WrittenStage {
    readonly weight?: number;
    readonly match?: readonly WrittenMatch[];
    readonly mirror?: number;
    readonly name?: string;
    readonly min?: number;
    readonly max?: number;
    readonly approval?: boolean;
    readonly checks?: readonly string[];
}
export interface WrittenTolerance {
    readonly tolerance?: number;
    readonly allowance?: number;
}
export interface WrittenSource {
    readonly requests?: string;
    readonly durations?: string;
    readonly unit?: 'ms' | 's';
    readonly 'status-label'?: string;
    readonly 'colour-label'?: string;
}
export interface WrittenCheck extends WrittenTolerance {
    readonly 'min-requests'?: number;
    readonly query?: string;
    readonly min?: number;
    readonly max?: number;
    readonly requests?: string;
    readonly command?: readonly string[];
    readonly timeout?: number;
}
/**
 * Reads the file and lays the inputs over it. Every problem of both is reported at once.
 * @param inputs by their names; empty ones count as not given
 * @throws ReleaseError INVALID_CONFIG with all problems
 */
export declare function readConfig(file: ConfigFile | null, inputs: Readonly<Record<string, string>>): WrittenConfig;
/** All problems as one error. */
export declare function invalidConfig(problems: readonly Problem[]): ReleaseError;
