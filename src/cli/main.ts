#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { hostname, userInfo } from 'node:os'
import { describeError, EXIT_REFUSED, runCommand } from '../command.ts'
import { loadSettings } from '../config/load.ts'
import { COMMANDS, INPUTS } from '../config/inputs.ts'
import { masked, toReleaseError } from '../errors.ts'
import { encodeRecord, toRecord, type ReleaseRecord } from '../report/record.ts'
import { usage } from './usage.ts'
import { openView } from './live.ts'

const FLAGS = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What a signal starts, by the policy `on-cancel`. */
const ORDERLY_END = {
  revert: 'traffic goes back to stable, then the run ends',
  hold: 'the weights stay as they are, the run ends, and another one may go on',
} as const

async function drive(inputs: Readonly<Record<string, string>>, asJson: boolean): Promise<number> {
  const settings = loadSettings(inputs, process.env)
  const { systemPlatform } = await import('../platform/platform.ts')
  const view = openView(asJson ? process.stderr : process.stdout, () => Date.now())
  const stop = new AbortController()
  const { built, kubeconfig, context } = settings
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      view.say(`${signal}: ${ORDERLY_END[built.options.plan.policies.onCancel]}${stop.signal.aborted ? ', still' : ''}`)
      stop.abort()
    })
  }
  const { secrets, caFile, notifications } = built
  const platform = await systemPlatform({ secrets, caFile, kubeconfig, context, say: view.say })
  try {
    const person = `${userInfo().username}@${hostname()}`
    const holder = `${person}/${process.pid}-${Date.now().toString(36)}`
    const listeners = [view.listener, ...notifications.map((connect) => connect(platform))]
    const result = await runCommand(
      settings.command,
      { ...built.options, platform, holder, by: person, listeners, signal: stop.signal },
      settings.to,
      settings.built.waves,
    )
    view.close()
    const record: ReleaseRecord | null = result.report === null ? null : toRecord(result.report, null)
    if (record !== null && settings.report !== '')
      await (await import('./report.ts')).writeReport(record, settings.report)
    const json = (): string => (record === null ? JSON.stringify(result.details, null, 2) : encodeRecord(record))
    if (asJson) process.stdout.write(`${json()}\n`)
    else if (result.text !== '') process.stdout.write(`${platform.mask(result.text)}\n`)
    else process.stdout.write(`${result.outcome}: ${result.reason}\n`)
    return result.exitCode
  } catch (thrown) {
    throw masked(thrown, platform.mask)
  } finally {
    view.close()
    platform.cluster.close()
  }
}

async function cli(args: readonly string[]): Promise<number> {
  const [first = 'help', ...rest] = args
  if (first === 'demo') {
    const { demo } = await import('./demo.ts')
    return demo(rest)
  }
  if (first === 'report') {
    const { report } = await import('./report.ts')
    return report(rest)
  }
  if (first === 'backtest') {
    const { backtest } = await import('./backtest.ts')
    return backtest(rest)
  }
  if (first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(usage())
    return 0
  }
  const names = Object.keys(INPUTS).filter((name) => name !== 'command')
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ args: [...rest], options: { ...options, ...FLAGS } })
  const texts = Object.entries(values).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  const { json = false, help = false } = values
  if (help) {
    process.stdout.write(usage())
    return 0
  }
  return drive({ ...(Object.fromEntries(texts) as Record<string, string>), command: first }, json)
}

try {
  process.exitCode = await cli(process.argv.slice(2))
} catch (thrown) {
  const isUsage = thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS')
  const text = isUsage
    ? `${thrown.message}\n  commands: ${COMMANDS.join(', ')}, report, backtest, demo; see gray-release help`
    : describeError(toReleaseError(thrown))
  process.stderr.write(`gray-release: ${text}\n`)
  process.exitCode = EXIT_REFUSED
}
