import { MOMENTS } from "../notifications/webhook.js";
const NAME = /^[a-z0-9]([-a-z0-9]{0,54}[a-z0-9])?$/;
const NAME_WANTED = 'a name of lower case letters, digits and dashes, at most 56 long';
const text = (doc, example) => ({
    kind: 'text',
    doc,
    ...(example !== undefined && { example }),
});
const name = (doc) => ({ kind: 'text', doc, pattern: NAME, wanted: NAME_WANTED });
const duration = (doc) => ({ kind: 'duration', doc });
const choice = (doc, ...of) => ({ kind: 'choice', doc, of });
const object = (doc, keys) => ({ kind: 'object', doc, keys });
const tolerance = {
    kind: 'number',
    min: 1,
    max: 100,
    doc: 'the candidate may have this many times stable’s value',
};
const allowance = { kind: 'share', doc: 'and this much on top, as a share of requests such as 0.1%' };
const minRequests = {
    kind: 'number',
    min: 1,
    max: 1e9,
    whole: true,
    doc: 'fewer requests of the candidate are no data',
};
const noSecret = (envKey) => ({
    kind: 'never',
    doc: 'never in the file',
    wanted: `a secret does not belong into the file: name the environment variable that has it with ${envKey}`,
});
const matches = {
    kind: 'list',
    doc: 'requests that are the candidate’s whatever the weight; any of these',
    of: object('one condition', {
        header: text('a header', 'x-beta'),
        cookie: text('a cookie', 'beta'),
        value: text('its value; of a cookie default always'),
        custom: text('a match of the router’s own, as JSON', '{"uri": {"prefix": "/beta"}}'),
    }),
};
/** What one service says; a file of one service says nothing else. */
const KEYS = {
    service: name('name of the service, and of the release'),
    namespace: name('namespace of the service'),
    version: text('the version to release', 'v1.2.3'),
    'deployment-type': text('colour to deploy, or auto for the idle one', 'auto'),
    colours: {
        kind: 'map',
        doc: 'the two colours, where names differ from blue and green',
        of: object('one colour', {
            subset: text('subset of the DestinationRule; default the colour'),
            workload: text('name of the Deployment; default <service>-<colour>'),
            service: text('name of the Service, where each colour has one; default <service>-<colour>'),
        }),
    },
    deploy: object('who deploys the idle colour; without it somebody else does', {
        helmfile: object('deploys with helmfile and DEPLOYMENT_TYPE', {
            file: text('path of the helmfile', 'apps/address-service/helmfile.yaml'),
            selector: text('releases of the file that are the colour; default name={service}-{colour}'),
            environment: text('helmfile’s own environment (-e)'),
            env: { kind: 'map', doc: 'variables for the file; {version} and {colour} are filled in', of: text('a value') },
            timeout: duration('helmfile must end within this time; default 10m'),
            'skip-deps': { kind: 'boolean', doc: 'do not update repositories and dependencies; default true' },
            args: { kind: 'list', doc: 'more arguments for helmfile sync', of: text('an argument') },
        }),
        helm: object('deploys a chart, each colour as a release of its own', {
            chart: text('folder, archive or chart of a repository', 'charts/shop'),
            release: text('name of the release; default {service}-{colour}'),
            values: { kind: 'list', short: true, doc: 'files with values; {colour} is filled in', of: text('a file') },
            set: { kind: 'map', doc: 'values; {version} and {colour} are filled in', of: text('a value') },
            timeout: duration('helm must end within this time; default 10m'),
            args: { kind: 'list', doc: 'more arguments for helm upgrade', of: text('an argument') },
        }),
        manifests: object('applies YAML of the colour through the API server; {colour} and {version} are filled in', {
            paths: {
                kind: 'list',
                short: true,
                doc: 'files and folders, {colour} is filled in; one with a kustomization.yaml is built by kustomize first',
                of: text('a path'),
            },
            kustomize: { kind: 'list', doc: 'program that builds it; default kubectl kustomize', of: text('a word') },
        }),
        command: object('runs a program of yours', {
            deploy: { kind: 'list', doc: 'program and arguments; {colour} and {version} are filled in', of: text('a word') },
            retire: { kind: 'list', doc: 'program and arguments that take a colour away', of: text('a word') },
            env: { kind: 'map', doc: 'variables for it; {version} and {colour} are filled in', of: text('a value') },
            timeout: duration('it must end within this time; default 10m'),
        }),
    }),
    traffic: object('how requests are shared', {
        istio: object('weights in a VirtualService', {
            'virtual-service': text('name of the VirtualService; found by host when not given'),
            routes: {
                kind: 'list',
                short: true,
                doc: 'names of the http routes to move; default those that name both subsets',
                of: text('a route'),
            },
            host: text('host the routes send to; default the service'),
            'cluster-domain': text('domain of the cluster; default cluster.local'),
        }),
        'gateway-api': object('weights of two backends in a route of the Gateway API', {
            kind: choice('default HTTPRoute', 'HTTPRoute', 'GRPCRoute'),
            route: text('name of the route object; found by its backends when not given'),
            rules: { kind: 'list', short: true, doc: 'names of the rules to move; default all', of: text('a rule') },
        }),
        'ingress-nginx': object('weight of a canary Ingress', {
            ingress: text('name of the main Ingress; found by its backend when not given; its metrics are looked for under this name, default the service'),
            canary: text('name of the canary Ingress; default <main>-canary; made when it is not there'),
            port: { kind: 'number', min: 1, max: 65535, whole: true, doc: 'port of the Service in the Ingress; default 80' },
            'annotations-prefix': text('prefix of the controller’s annotations; default nginx.ingress.kubernetes.io'),
        }),
        replicas: object('no router: the pods of two Deployments behind one Service', {
            service: text('name of that Service; default the service'),
        }),
        settle: duration('the mesh needs this long to obey a weight; default 10s'),
    }),
    strategy: choice('canary (default) goes through stages; blue-green checks at weight 0 and switches once; red-black is the same and removes what no longer serves; ab-test serves an audience until one version is better', 'canary', 'blue-green', 'red-black', 'ab-test'),
    ending: choice('swap (default with colours): the candidate becomes stable; replace (with tracks): stable gets its version, and the candidate goes', 'swap', 'replace'),
    test: object('for strategy ab-test', {
        match: matches,
        weight: { kind: 'number', min: 0, max: 99, whole: true, doc: 'percent of all other requests; default 0' },
        min: duration('the test runs at least this long; default 1m'),
        max: duration('without a decision after this long stable is kept; default 30m'),
        samples: { kind: 'number', min: 100, max: 1e12, whole: true, doc: 'trials of the candidate after which it ends' },
        approval: { kind: 'boolean', doc: 'a person chooses; default true without a goal' },
        goal: object('the metric that chooses', {
            successes: text('PromQL that counts them; {workload}, {version} and {window} are filled in'),
            trials: text('PromQL that counts all of them'),
            better: choice('default more', 'more', 'fewer'),
            'false-choice': { kind: 'share', doc: 'chance to prefer one of two equal versions; default 5%' },
        }),
    }),
    stages: {
        kind: 'list',
        short: true,
        doc: 'weights of the candidate in percent, rising to 100; each with times and checks of its own if wanted',
        of: {
            kind: 'object',
            from: 'weight',
            doc: 'one stage',
            keys: {
                weight: { kind: 'number', min: 0, max: 100, whole: true, doc: 'percent of the requests' },
                match: matches,
                mirror: { kind: 'share', doc: 'share of stable’s requests that the candidate gets a copy of' },
                name: text('a name for people; default the weight'),
                min: duration('held at least this long; default 1m'),
                max: duration('without a decision after this long the stage is inconclusive; default 30m'),
                approval: { kind: 'boolean', doc: 'after the stage has passed, wait for promote' },
                checks: { kind: 'list', short: true, doc: 'checks of this stage', of: text('a name under gates.checks') },
            },
        },
    },
    interval: duration('time between looks at the gates; default 15s'),
    'ready-timeout': duration('the candidate’s pods must be ready within this time; default 10m'),
    gates: object('questions about the candidate', {
        prometheus: object('where the metrics are', {
            url: {
                kind: 'text',
                doc: 'base address',
                pattern: /^https?:\/\/\S+$/,
                wanted: 'an address that begins with http:// or https://',
            },
            service: {
                kind: 'text',
                doc: 'namespace/name:port, asked through the API server',
                pattern: /^[^/\s]+\/[^/\s]+$/,
                wanted: 'namespace/name:port',
            },
            'bearer-token-env': text('environment variable that has the token', 'PROM_TOKEN'),
            'bearer-token': noSecret('bearer-token-env'),
            headers: { kind: 'map', doc: 'more headers, for example X-Scope-OrgID', of: text('a value') },
            'ca-file': text('certificate authority to trust, a PEM file'),
            timeout: duration('one question may take this long; default 10s'),
        }),
        source: choice('which counters: Istio’s (default), the ingress-nginx controller’s, or those described under custom', 'istio', 'ingress-nginx', 'custom'),
        custom: object('counters of your own, for source: custom', {
            requests: text('selector of the counters of requests, without a range', 'http_requests_total{app="shop"}'),
            durations: text('selector of the buckets of durations; without it latency is not judged'),
            unit: choice('unit of the buckets; default s', 's', 'ms'),
            'status-label': text('label with the status; default status'),
            'colour-label': text('label whose value is the workload of the colour; default deployment'),
        }),
        reporter: choice('whose proxies count: the callers’ (source, default) or the pods’ own (destination)', 'source', 'destination'),
        errors: object('server errors against stable', {
            tolerance,
            allowance,
            max: { kind: 'share', doc: 'an objective: at most this share of errors, whatever stable does' },
        }),
        saturation: object('how full the candidate is, beside errors and latency', {
            query: text('PromQL with one value; {workload} and {window} are filled in'),
            max: { kind: 'number', min: -1e15, max: 1e15, doc: 'at most' },
            tolerance,
            allowance: { kind: 'number', min: 0, max: 1e15, doc: 'and this much on top, in the query’s own unit' },
        }),
        latency: object('slow requests against stable', {
            tolerance,
            allowance,
            quantile: {
                kind: 'number',
                min: 0.5,
                max: 0.9999,
                doc: 'slow is slower than this quantile of stable; default 0.96, and 0.999 beside it',
            },
        }),
        'false-revert': { kind: 'share', doc: 'chance of a false revert at the limit, in the whole release; default 2%' },
        harm: { kind: 'share', doc: 'what the next weight may cost in errors, as a share of all requests; default 0.1%' },
        'warm-up': duration('after each change of the weight; judged against a loose limit; default 20s'),
        checks: {
            kind: 'map',
            doc: 'questions of your own; one that no stage names is asked in every stage',
            of: object('a query with a bound, or a command', {
                query: text('PromQL with one value; {colour} {workload} {version} {namespace} {service} {window} are filled in'),
                min: { kind: 'number', min: -1e15, max: 1e15, doc: 'at least' },
                max: { kind: 'number', min: -1e15, max: 1e15, doc: 'at most' },
                tolerance,
                allowance: { kind: 'number', min: 0, max: 1e15, doc: 'and this much on top, in the query’s own unit' },
                requests: text('PromQL that counts the requests behind the value'),
                'min-requests': minRequests,
                command: { kind: 'list', doc: 'program and arguments; exit code 0 passes', of: text('a word') },
                timeout: duration('the command must end within this time; default 1m'),
            }),
        },
    }),
    policies: object('what to do where there is a choice', {
        'on-inconclusive': choice('a stage without a decision; default revert', 'revert', 'pause', 'continue'),
        'on-cancel': choice('the run is cancelled; default revert', 'revert', 'hold'),
        'on-lost': choice('the run is gone; sweep then does this; default revert', 'revert', 'hold'),
        'on-drift': choice('somebody else moved the weights; default stop', 'stop', 'reassert'),
        'max-pause': duration('sweep reverts a pause that nobody ended within this time; default 24h'),
        'keep-old': text('forever (default), or a time after which sweep scales the old colour to zero'),
        capacity: choice('ready pods for the weight; default require', 'require', 'warn'),
    }),
    notifications: {
        kind: 'list',
        doc: 'who is told, beside GitHub; a delivery delays nothing, and its failure is a warning',
        of: object('one address', {
            'url-env': text('environment variable with the address, which is a secret', 'SLACK_WEBHOOK_URL'),
            url: noSecret('url-env'),
            format: choice('json (default), or slack for Slack and what takes the same', 'json', 'slack'),
            on: {
                kind: 'list',
                short: true,
                doc: `moments; default all but stage: ${MOMENTS.join(', ')}`,
                of: choice('a moment', ...MOMENTS),
            },
        }),
    },
    environment: text('environment of GitHub’s deployment record; default the namespace; none for no record'),
    'check-run': { kind: 'boolean', doc: 'also a check run with the summary; needs checks: write; default false' },
    'secret-env': {
        kind: 'list',
        short: true,
        doc: 'environment variables whose values are never shown, beside those named …TOKEN, …SECRET, …PASSWORD and the like',
        of: text('a name'),
    },
};
/** What each of several services, or groups, may say for itself; the rest it has from the file. */
const OWN = ['service', 'version', 'colours', 'deploy', 'traffic', 'gates'];
const ownKeys = (names) => Object.fromEntries(Object.entries(KEYS).filter(([key]) => names.includes(key)));
/** The whole file `gray-release.yaml`. */
export const SETTINGS = object('settings of gray-release', {
    ...KEYS,
    services: {
        kind: 'list',
        doc: 'several services as one release: deployed in order, raised together, taken back together; service above is then the name of the release',
        of: object('one of them; what it does not say it has from above', {
            ...ownKeys(OWN),
            after: { kind: 'list', short: true, doc: 'services that are deployed before it', of: text('a service') },
        }),
    },
    waves: object('one group after the other, each with a release of its own', {
        list: {
            kind: 'list',
            doc: 'the waves, first to last',
            of: object('one wave', {
                groups: {
                    kind: 'list',
                    doc: 'namespaces, or partitions with Deployments and routes of their own',
                    of: object('one group; what it does not say it has from above', {
                        name: name('for people; default the namespace and the service'),
                        namespace: name('namespace of the group'),
                        ...ownKeys(OWN.filter((key) => key !== 'version')),
                    }),
                },
                pause: duration('nothing begins for so long after it; default 0s'),
            }),
        },
        'side-by-side': {
            kind: 'number',
            min: 1,
            max: 100,
            whole: true,
            doc: 'groups of a wave that are released at the same time; default 1',
        },
        'on-failure': choice('what becomes of the waves before one that fails; default revert-all', 'revert-all', 'keep-before'),
    }),
});
