import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describeError, EXIT_REFUSED, runCommand, type Result } from '../command.ts'
import { loadSettings, type Settings } from '../config/load.ts'
import { masked, toReleaseError, type ReleaseError } from '../errors.ts'
import type { Presence } from '../github/presence.ts'
import { readRun, type Run } from '../github/run.ts'
import { toRecord } from '../report/record.ts'
import { readInputs } from './inputs.ts'
import { errorCommand } from './workflow-commands.ts'

/** Said once, at the place of the first problem; the text names the others with theirs. */
function fail(error: ReleaseError): void {
  const place = error.problems.find((problem) => problem.line > 0) ?? { file: '', line: 0, column: 0 }
  process.stdout.write(`${errorCommand(describeError(error), place)}\n`)
  process.exitCode = EXIT_REFUSED
}

/** What started the run; null when there is no such file, as outside a runner. */
function readEvent(path: string | undefined): unknown {
  try {
    return JSON.parse(readFileSync(path ?? '', 'utf8'))
  } catch {
    return null
  }
}

/** Who runs: unique for each job of each attempt, so that a lock is never mistaken for one's own. */
function newHolder(env: NodeJS.ProcessEnv): string {
  const run = `${env['GITHUB_REPOSITORY'] ?? 'local'}#${env['GITHUB_RUN_ID'] ?? '0'}/${env['GITHUB_RUN_ATTEMPT'] ?? '1'}`
  return `${run}/${env['GITHUB_JOB'] ?? 'job'}-${randomBytes(2).toString('hex')}`
}

/** Everything that is left behind for people and for later steps. */
async function deliver(
  { built, report: wanted }: Settings,
  result: Result,
  presence: Presence | null,
  run: Run | null,
  { tookMs, isHurried }: { readonly tookMs: number; readonly isHurried: boolean },
): Promise<void> {
  const core = await import('@actions/core')
  const { toOutputs, toText } = await import('../github/outputs.ts')
  const { writeSummary } = await import('../github/listener.ts')
  const { toSummary, toTextSummary } = await import('../report/summary.ts')
  const { service } = built.options
  const changes = (await presence?.changes(result, isHurried)) ?? null
  const record = result.report === null ? null : toRecord(result.report, changes)
  const base = join(process.env['RUNNER_TEMP'] ?? tmpdir(), `gray-release-${service}`)
  const files = { journal: `${base}.json`, report: record === null ? '' : wanted || `${base}.html` }
  const text = toText(result, record)
  await writeFile(files.journal, text)
  if (record !== null) {
    const { toHtml } = await import('../report/html.ts')
    await mkdir(dirname(files.report), { recursive: true })
    await writeFile(files.report, await toHtml(record))
  }
  const title = `${service}: ${result.outcome}`
  const summary =
    record === null ? toTextSummary(title, result.text, changes) : toSummary(record, run?.dispatchUrl ?? '')
  await writeSummary(summary)
  for (const [name, value] of Object.entries(toOutputs(result, text, files, tookMs))) core.setOutput(name, value)
  await presence?.end(result, summary)
}

/** The Action's main step. */
export async function main(): Promise<void> {
  const inputs = readInputs(process.env)
  let settings: Settings
  try {
    settings = loadSettings(inputs, process.env)
  } catch (thrown) {
    fail(toReleaseError(thrown))
    return
  }
  const core = await import('@actions/core')
  const { actionLog } = await import('../github/listener.ts')
  const { Presence } = await import('../github/presence.ts')
  const { systemPlatform } = await import('../platform/platform.ts')
  const { options, caFile, notifications, environment, hasCheckRun } = settings.built
  const token = inputs['github-token'] ?? ''
  const secrets = new Set([...settings.built.secrets, ...(token === '' ? [] : [token])])
  for (const secret of secrets) core.setSecret(secret)
  const holder = newHolder(process.env)
  // Before anything is changed, so that `post` knows what to look for even when this process is killed.
  core.saveState('holder', holder)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      core.info(`${signal}: bringing the release to an orderly end`)
      stop.abort()
    })
  }
  const log = actionLog()
  const warn = (message: string): void => {
    core.warning(message)
  }
  const isPlan = settings.command === 'plan'
  const run = readRun(process.env, readEvent(process.env['GITHUB_EVENT_PATH']))
  const shown = { service: options.service, isPlan, token, environment, hasCheckRun, warn }
  const presence = run === null ? null : new Presence(run, shown)
  const begun = Date.now()
  try {
    const { kubeconfig, context } = settings
    const platform = await systemPlatform({ secrets: [...secrets], caFile, kubeconfig, context, say: log.say })
    try {
      const result = await runCommand(
        settings.command,
        {
          ...options,
          platform,
          holder,
          by: `${holder} (${process.env['GITHUB_ACTOR'] ?? 'unknown'})`,
          ...(run !== null && { origin: run.origin }),
          listeners: [
            log.listener,
            ...(presence?.listeners ?? []),
            ...notifications.map((connect) => connect(platform)),
          ],
          signal: stop.signal,
        },
        settings.to,
        settings.built.waves,
      )
      log.end()
      if (result.text !== '') core.info(platform.mask(result.text))
      await deliver(settings, result, presence, run, {
        tookMs: Date.now() - begun,
        isHurried: stop.signal.aborted,
      })
      process.exitCode = result.exitCode
      const text = `${options.service}: ${result.outcome}; ${result.reason}`
      if (result.exitCode === 0) core.info(text)
      else core.error(text)
    } catch (thrown) {
      throw masked(thrown, platform.mask)
    } finally {
      platform.cluster.close()
    }
  } catch (thrown) {
    log.end()
    fail(toReleaseError(thrown))
  }
}
