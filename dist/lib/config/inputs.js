export const COMMANDS = ['release', 'plan', 'promote', 'pause', 'abort', 'rollback', 'status', 'sweep'];
/** Inputs of the Action in the order of the documentation. */
export const INPUTS = {
    command: { path: null, default: 'release', doc: `What to do: ${COMMANDS.join(', ')}.` },
    service: { path: 'service', doc: 'Name of the service, and of the release.' },
    namespace: { path: 'namespace', doc: 'Namespace of the service.' },
    version: { path: 'version', doc: 'Version to release, for example the tag, `github.ref_name`.' },
    'deployment-type': { path: 'deployment-type', doc: 'Colour to deploy: `blue`, `green`, or `auto` for the idle one.' },
    helmfile: {
        path: 'deploy.helmfile.file',
        doc: 'Path of the helmfile that deploys a colour by `DEPLOYMENT_TYPE`. Without it somebody else deploys.',
    },
    strategy: {
        path: 'strategy',
        doc: '`canary` goes through stages; `blue-green` checks at weight 0 and switches once; `red-black` also removes what no longer serves; `ab-test` serves an audience.',
    },
    stages: {
        path: 'stages',
        doc: 'Weights of the candidate in percent, rising to 100, for example `1, 5, 25, 50, 100`.',
    },
    'prometheus-url': {
        path: 'gates.prometheus.url',
        doc: 'Base address of Prometheus. With it, errors, latency and served share of both colours are compared.',
    },
    'prometheus-token': { path: null, isSecret: true, doc: 'Bearer token for Prometheus.' },
    'github-token': {
        path: null,
        isSecret: true,
        default: '${{ github.token }}',
        doc: 'Token for commit status (`statuses: write`), deployment record (`deployments: write`) and the list of commits. The CLI uses none.',
    },
    environment: {
        path: 'environment',
        doc: 'Environment of the deployment record; default the namespace, `none` for no record. A job with `environment:` of its own gets no second one.',
    },
    report: {
        path: null,
        doc: 'Where the HTML report goes; the Action’s default is in the runner’s temporary folder, the CLI writes none by default.',
    },
    'virtual-service': {
        path: 'traffic.istio.virtual-service',
        doc: 'Name of the VirtualService; found by host when not given.',
    },
    routes: {
        path: 'traffic.istio.routes',
        doc: 'Names of the http routes to move; default those that name both subsets.',
    },
    'on-inconclusive': {
        path: 'policies.on-inconclusive',
        doc: 'A stage without a decision at its max: `revert`, `pause` or `continue`.',
    },
    'on-cancel': { path: 'policies.on-cancel', doc: 'The run is cancelled: `revert` or `hold`.' },
    to: { path: null, doc: 'For `promote`: weight of the stage to jump to; 100 is the last one.' },
    config: { path: null, doc: 'File with more settings; default `.github/gray-release.yaml` if it exists.' },
    kubeconfig: { path: null, doc: 'Path of the kubeconfig; default `KUBECONFIG` and the usual places.' },
    'kube-context': { path: null, doc: 'Context of the kubeconfig; default its current one.' },
};
/** Outputs of the Action. */
export const OUTPUTS = {
    outcome: 'promoted, reverted, stuck, paused or interrupted; for plan and status what they found',
    reason: 'why, in one sentence',
    'stable-colour': 'the colour that serves now',
    'candidate-colour': 'the other one',
    weight: 'the candidate’s percent as last written',
    stage: 'the stage the release is in or ended in',
    'previous-version': 'the version that stable ran before',
    'release-id': 'identity of the release',
    'report-path': 'the report, one HTML file; empty for plan and status',
    'journal-path': 'the journal as JSON, in the form of journal.schema.json',
    'duration-seconds': 'how long the run took',
    json: 'everything above and the state, as JSON',
};
