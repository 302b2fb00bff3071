import type { Result } from '../command.ts'
import { UNKNOWN_ORIGIN, type Origin } from '../core/events.ts'
import type { Listener } from '../ports.ts'
import type { Changes } from '../report/changes.ts'
import { GitHub } from './api.ts'
import { changesBetween } from './changes.ts'
import { recordCheck } from './check-run.ts'
import { Deployments } from './deployment.ts'
import type { Run } from './run.ts'
import { CommitStatuses, statusOfPlan } from './status.ts'

/** What is shown on GitHub. */
export interface PresenceOptions {
  readonly service: string
  readonly isPlan: boolean
  readonly token: string
  /** Environment of the deployment record; empty for none. */
  readonly environment: string
  readonly hasCheckRun: boolean
  readonly warn: (message: string) => void
}

/** Where both versions of a command come from; the same twice when there is nothing to compare. */
function bothOf(result: Result, run: Run): readonly [Origin, Origin] {
  const { report, preview } = result
  if (report !== null) return [report.release.previousOrigin, report.release.origin]
  return preview === null ? [UNKNOWN_ORIGIN, UNKNOWN_ORIGIN] : [preview.serving.origin, run.origin]
}

/** Everything of a release that is to be seen on GitHub. It warns, and never fails a release. */
export class Presence {
  readonly listeners: readonly Listener[]
  private readonly run: Run
  private readonly github: GitHub
  private readonly statuses: CommitStatuses
  private readonly options: PresenceOptions

  constructor(run: Run, options: PresenceOptions) {
    const { token, service, environment, isPlan, warn } = options
    this.run = run
    this.options = options
    this.github = new GitHub(run, token, warn)
    this.statuses = new CommitStatuses(this.github, `gray-release/${service}${isPlan ? ' plan' : ''}`)
    const deployments = environment === '' ? [] : [new Deployments(this.github, environment).listener]
    this.listeners = [this.statuses.listener, ...deployments]
  }

  /** The commits that go out, or would; `isHurried` leaves it at the link, for a run that is about to be killed. */
  changes(result: Result, isHurried: boolean): Promise<Changes | null> {
    const [from, to] = bothOf(result, this.run)
    return changesBetween(isHurried ? null : this.github, from, to)
  }

  /** After the command: what is known only now. */
  async end(result: Result, summary: string): Promise<void> {
    const { isPlan, hasCheckRun, service } = this.options
    if (isPlan) await this.statuses.set(statusOfPlan(result))
    if (hasCheckRun) await recordCheck(this.github, `gray-release/${service}`, result, summary)
  }
}
