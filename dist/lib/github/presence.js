import { UNKNOWN_ORIGIN } from "../core/events.js";
import { GitHub } from "./api.js";
import { changesBetween } from "./changes.js";
import { recordCheck } from "./check-run.js";
import { Deployments } from "./deployment.js";
import { CommitStatuses, statusOfPlan } from "./status.js";
/** Where both versions of a command come from; the same twice when there is nothing to compare. */
function bothOf(result, run) {
    const { report, preview } = result;
    if (report !== null)
        return [report.release.previousOrigin, report.release.origin];
    return preview === null ? [UNKNOWN_ORIGIN, UNKNOWN_ORIGIN] : [preview.serving.origin, run.origin];
}
/** Everything of a release that is to be seen on GitHub. It warns, and never fails a release. */
export class Presence {
    listeners;
    run;
    github;
    statuses;
    options;
    constructor(run, options) {
        const { token, service, environment, isPlan, warn } = options;
        this.run = run;
        this.options = options;
        this.github = new GitHub(run, token, warn);
        this.statuses = new CommitStatuses(this.github, `gray-release/${service}${isPlan ? ' plan' : ''}`);
        const deployments = environment === '' ? [] : [new Deployments(this.github, environment).listener];
        this.listeners = [this.statuses.listener, ...deployments];
    }
    /** The commits that go out, or would; `isHurried` leaves it at the link, for a run that is about to be killed. */
    changes(result, isHurried) {
        const [from, to] = bothOf(result, this.run);
        return changesBetween(isHurried ? null : this.github, from, to);
    }
    /** After the command: what is known only now. */
    async end(result, summary) {
        const { isPlan, hasCheckRun, service } = this.options;
        if (isPlan)
            await this.statuses.set(statusOfPlan(result));
        if (hasCheckRun)
            await recordCheck(this.github, `gray-release/${service}`, result, summary);
    }
}
