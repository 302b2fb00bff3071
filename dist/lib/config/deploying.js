import { commandDeployer } from "../deployers/command.js";
import { helm } from "../deployers/helm.js";
import { helmfile } from "../deployers/helmfile.js";
import { manifests } from "../deployers/manifests.js";
import { none } from "../deployers/none.js";
const DEPLOYERS = ['helmfile', 'helm', 'manifests', 'command'];
/** @param wrong is told what is missing */
export function deployerOf({ service = '', namespace = '', deploy = {} }, colours, wrong) {
    const given = DEPLOYERS.filter((one) => deploy[one] !== undefined);
    if (given.length > 1)
        wrong('deploy', `one way is wanted, ${given.length} are given: ${given.join(', ')}`);
    const common = { service, namespace };
    if (deploy.helmfile !== undefined) {
        const { timeout, 'skip-deps': skipDeps, file, ...rest } = deploy.helmfile;
        if (file === undefined)
            wrong('deploy.helmfile.file', 'is missing');
        return helmfile({
            ...{ ...common, ...rest, file: file ?? '' },
            ...(timeout !== undefined && { timeoutMs: timeout }),
            ...(skipDeps !== undefined && { skipDeps }),
        });
    }
    if (deploy.helm !== undefined) {
        const { timeout, chart, ...rest } = deploy.helm;
        if (chart === undefined)
            wrong('deploy.helm.chart', 'is missing');
        return helm({ ...common, ...rest, chart: chart ?? '', ...(timeout !== undefined && { timeoutMs: timeout }) });
    }
    if (deploy.manifests !== undefined) {
        const { paths = [], kustomize } = deploy.manifests;
        if (paths.length === 0)
            wrong('deploy.manifests.paths', 'is missing; files or folders with YAML');
        return manifests({ ...common, colours, paths, ...(kustomize !== undefined && { kustomize }) });
    }
    if (deploy.command !== undefined) {
        const { timeout, deploy: words = [], ...rest } = deploy.command;
        if (words.length === 0)
            wrong('deploy.command.deploy', 'is missing; program and arguments, with {colour} and {version}');
        return commandDeployer({ ...common, ...rest, deploy: words, ...(timeout !== undefined && { timeoutMs: timeout }) });
    }
    return none();
}
