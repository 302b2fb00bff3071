import { status, sweep } from "../control.js";
import { describeShares } from "../core/shares.js";
import { ReleaseError } from "../errors.js";
import { plan } from "../release.js";
import { lease } from "../state/lease.js";
import { wire } from "../wire.js";
import { abortWaves, releaseWaves } from "./waves.js";
function describeReport({ groups, outcome, reason }) {
    const lines = groups.map(({ name, wave, outcome: one, reason: why }) => `  wave ${wave + 1}, ${name}: ${one}${why === '' ? '' : `; ${why}`}`);
    return [`${outcome}: ${reason}`, ...lines].join('\n');
}
const ofReport = (report) => ({
    outcome: report.outcome,
    reason: report.reason,
    text: describeReport(report),
    details: report,
});
/**
 * Runs a command for all groups.
 *
 * @param run what belongs to the run: platform, holder, listeners, signal
 * @throws ReleaseError COMMAND_REFUSED for a command that is about one group
 */
export async function runWaves(command, waves, run) {
    const { platform: outside, holder: who, by, listeners, signal, origin, version } = run;
    const ofRun = {
        ...(outside !== undefined && { platform: outside }),
        ...(who !== undefined && { holder: who }),
        ...(by !== undefined && { by }),
        ...(listeners !== undefined && { listeners }),
        ...(signal !== undefined && { signal }),
        ...(origin !== undefined && { origin }),
        ...(version !== undefined && { version }),
    };
    const grouped = waves.waves.map((wave) => ({
        ...wave,
        groups: wave.groups.map(({ name, options }) => ({ name, options: { ...options, ...ofRun } })),
    }));
    const all = grouped.flatMap(({ groups }) => groups);
    const [first] = all;
    if (first === undefined)
        throw new ReleaseError('INVALID_CONFIG', 'waves: there are no groups');
    const { platform, holder } = await wire(first.options);
    const common = {
        ...waves,
        waves: grouped,
        version: version ?? '',
        platform,
        holder,
        lock: lease({ service: `waves-${waves.service}`, namespace: waves.namespace })(platform),
        ...(signal !== undefined && { signal }),
    };
    switch (command) {
        case 'release':
            return ofReport(await releaseWaves(common));
        case 'abort':
            return ofReport(await abortWaves(common));
        case 'plan': {
            const previews = await Promise.all(all.map(async ({ name, options }) => ({ name, preview: await plan(options) })));
            const refused = previews.flatMap(({ name, preview }) => preview.findings.filter(({ level }) => level === 'refuse').map(({ message }) => `${name}: ${message}`));
            const lines = previews.map(({ name, preview: { live, stable, candidate } }) => `${name}: ${live}; deploys ${candidate ?? '?'}, ${stable ?? 'nothing'} is stable`);
            return {
                outcome: refused.length === 0 ? 'ready' : 'refused',
                reason: refused.length === 0 ? 'a release would start' : refused.join('; '),
                text: [...lines, ...refused.map((one) => `refused: ${one}`)].join('\n'),
                details: previews,
            };
        }
        case 'status': {
            const found = await Promise.all(all.map(async ({ name, options }) => ({ name, status: await status(options) })));
            const lines = found.map(({ name, status: one }) => {
                const version = one.release === null ? 'no release is saved' : `${one.release.version} ${one.state?.phase ?? ''}`;
                return `${name}: ${describeShares(one.shares)}; ${version}`;
            });
            return { outcome: 'waves', reason: '', text: lines.join('\n'), details: found };
        }
        case 'sweep': {
            const lines = [];
            for (const { name, options } of all)
                lines.push(`${name}: ${(await sweep(options)).did}`);
            return { outcome: 'swept', reason: lines.join('; '), text: lines.join('\n'), details: lines };
        }
        default:
            throw new ReleaseError('COMMAND_REFUSED', `${command} is about one group, and this is a release in waves`, {
                hint: 'use a file with the settings of that group alone; release goes on with the waves afterwards',
            });
    }
}
