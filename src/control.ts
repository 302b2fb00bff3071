import { refusal } from './core/decide.ts'
import type { Beginning, Release } from './core/events.ts'
import { decodeSaved, encodeRequest, type Saved } from './core/saved.ts'
import type { Colour } from './core/shares.ts'
import { isFinished, start, type ReleaseState } from './core/state.ts'
import { toDuration } from './core/duration.ts'
import type { Report } from './drive.ts'
import type { Draft } from './ledger.ts'
import { ReleaseError } from './errors.ts'
import type { LockStatus } from './ports.ts'
import { driveLocked, requireSaved, savedOf, wire, type ReleaseOptions, type Wired } from './wire.ts'

/** What is live, which release, and who drives it. */
export interface Status {
  readonly object: string
  readonly shares: Readonly<Record<Colour, number>> | null
  readonly release: Release | null
  readonly state: ReleaseState | null
  readonly driver: LockStatus | null
}

function refuseCommand(command: 'promote' | 'pause' | 'abort', saved: Saved, to: number | null = null): void {
  const reason = refusal(command, saved.state, to)
  if (reason === undefined) return
  throw new ReleaseError(
    'COMMAND_REFUSED',
    `${command} of ${saved.release.service} ${saved.release.version}: ${reason}`,
  )
}

/** Whether somebody drives the release right now. */
async function isDriven(wired: Wired): Promise<boolean> {
  const status = await wired.lock.status()
  return status !== null && status.holder !== '' && !status.expired
}

function reportOf(saved: Saved, outcome: Report['outcome'], reason: string): Report {
  return { outcome, reason, release: saved.release, state: saved.state, journal: [] }
}

/**
 * Goes on from a pause, or jumps to the stage of weight `to`. While another run drives, that run is asked and this
 * one returns at once.
 */
export async function promote(options: ReleaseOptions, to: number | null = null): Promise<Report> {
  const wired = await wire(options)
  const saved = requireSaved(await wired.traffic.read(), options.service)
  if (saved.state.phase === 'promoted') return reportOf(saved, 'promoted', saved.state.reason)
  refuseCommand('promote', saved, to)
  if (saved.state.phase !== 'paused' && (await isDriven(wired))) {
    await wired.traffic.ask(encodeRequest({ release: saved.release.id, command: 'promote', by: wired.by, to }))
    return reportOf(saved, 'paused', `the driving run was asked to promote${to === null ? '' : ` to ${to} %`}`)
  }
  return driveLocked(wired, options.listeners ?? [], (live) => {
    const now = requireSaved(live, options.service)
    refuseCommand('promote', now, to)
    return Promise.resolve({ saved: now, first: [{ type: 'promotion-requested', by: wired.by, to }] })
  })
}

/** Asks the driving run to stop at the end of its stage. */
export async function pause(options: ReleaseOptions): Promise<Report> {
  const wired = await wire(options)
  const saved = requireSaved(await wired.traffic.read(), options.service)
  if (saved.state.phase === 'paused') return reportOf(saved, 'paused', saved.state.reason)
  refuseCommand('pause', saved)
  if (!(await isDriven(wired))) {
    throw new ReleaseError(
      'COMMAND_REFUSED',
      `nobody drives the release of ${options.service} (${saved.state.phase})`,
      {
        hint: 'go on with release, or bring traffic back with abort',
      },
    )
  }
  await wired.traffic.ask(encodeRequest({ release: saved.release.id, command: 'pause', by: wired.by, to: null }))
  return reportOf(saved, 'paused', 'the driving run was asked to pause at the end of its stage')
}

async function turnBack(options: ReleaseOptions, wired: Wired, reason: string, seize: boolean): Promise<Report> {
  return driveLocked(
    wired,
    options.listeners ?? [],
    (live) => {
      const now = requireSaved(live, options.service)
      if (now.state.phase === 'reverted') return Promise.resolve(reportOf(now, 'reverted', now.state.reason))
      refuseCommand('abort', now)
      return Promise.resolve({ saved: now, first: [{ type: 'abort-requested', by: wired.by, reason }] })
    },
    seize,
  )
}

/**
 * Brings traffic back to stable now, whoever drives: the first write carries the weights, the higher fence and the
 * state. The run that was driving ends `reverted` at its next sample.
 */
export async function abort(options: ReleaseOptions): Promise<Report> {
  const wired = await wire(options)
  const saved = requireSaved(await wired.traffic.read(), options.service)
  if (saved.state.phase === 'reverted') return reportOf(saved, 'reverted', saved.state.reason)
  refuseCommand('abort', saved)
  return turnBack(options, wired, `aborted by ${wired.by}`, true)
}

/** After a promotion: all traffic back to the previous colour in one write, if it still runs what it ran. */
export async function rollback(options: ReleaseOptions): Promise<Report> {
  const wired = await wire(options)
  return driveLocked(wired, options.listeners ?? [], async (live) => {
    const saved = requireSaved(live, options.service)
    const { release: old, state } = saved
    if (state.phase !== 'promoted' || state.plan.ending !== 'swap' || state.plan.strategy === 'first-release') {
      throw new ReleaseError('COMMAND_REFUSED', `there is no promotion to roll back (the release is ${state.phase})`, {
        hint: isFinished(state) ? '' : 'an unfinished release is brought back with abort',
      })
    }
    const backend = await wired.traffic.backend(old.stable)
    const previous = await wired.workloads.inspect(old.stable, backend)
    if (!previous.ready) {
      throw new ReleaseError('COMMAND_REFUSED', `${old.stable} cannot take the traffic: ${previous.problem}`)
    }
    const known = saved.fingerprints[old.stable] ?? ''
    if (known !== '' && known !== previous.fingerprint) {
      throw new ReleaseError('COMMAND_REFUSED', `${old.stable} no longer runs the version that was replaced`, {
        hint: 'release the wanted version again',
      })
    }
    const current = await wired.workloads.inspect(old.candidate, await wired.traffic.backend(old.candidate))
    const at = wired.platform.clock.now()
    const version = old.previousVersion ?? `before ${old.version}`
    const back: Release = {
      ...old,
      id: `${old.service}-rollback-${at.toString(36)}`,
      version,
      previousVersion: old.version,
      origin: old.previousOrigin,
      previousOrigin: old.origin,
      stable: old.candidate,
      candidate: old.stable,
      by: wired.by,
    }
    const started: Draft<Beginning> = {
      type: 'rollback-started',
      release: back,
      plan: { ...state.plan, strategy: 'rollback', stages: [], retire: 'keep' },
      weight: live.shares?.[old.stable] ?? 0,
      reason: `rolled back to ${version} by ${wired.by}`,
    }
    const fingerprints = { [old.candidate]: current.fingerprint }
    return {
      saved: { schema: 1, release: back, state: start({ ...started, at }), holder: wired.holder, fingerprints },
      first: [started],
    }
  })
}

/** What is live, which release, which stage, who drives and since when. Reads only. */
export async function status(options: ReleaseOptions): Promise<Status> {
  const wired = await wire(options)
  const live = await wired.traffic.read()
  const saved = decodeSaved(live.notes.state)
  return {
    object: live.object,
    shares: live.shares,
    release: saved?.release ?? null,
    state: saved?.state ?? null,
    driver: await wired.lock.status(),
  }
}

/** What a sweep did, as a sentence; the report when it brought traffic back. */
export interface Sweep {
  readonly did: string
  readonly report: Report | null
}

/** Ends what nobody ends: releases whose driver is gone, pauses past `max-pause`, old colours past `keep-old`. */
export async function sweep(options: ReleaseOptions): Promise<Sweep> {
  const wired = await wire(options)
  const live = await wired.traffic.read()
  const saved = savedOf(live)
  const now = wired.platform.clock.now()
  if (saved === undefined) return { did: 'no release is saved', report: null }
  const { release: one, state } = saved
  const { policies } = state.plan
  const label = `${one.service} ${one.version}`
  if (state.phase === 'promoted') {
    const isDue = policies.keepOldMs !== null && now - state.at >= policies.keepOldMs
    if (!isDue || state.plan.ending !== 'swap' || (live.shares?.[one.stable] ?? 100) > 0) {
      return { did: `${label} is promoted; nothing to do`, report: null }
    }
    const old = await wired.workloads.inspect(one.stable, await wired.traffic.backend(one.stable))
    if (old.fingerprint !== (saved.fingerprints[one.stable] ?? old.fingerprint)) {
      return { did: `${one.stable} runs something newer than ${label} replaced; left alone`, report: null }
    }
    if (state.plan.retire === 'remove') {
      if (!old.exists) return { did: `${one.stable} is removed already`, report: null }
      const version = one.previousVersion ?? ''
      await wired.deployer.retire({ track: 'stable', colour: one.stable, version }, wired.cancel)
      return { did: `removed ${one.stable}`, report: null }
    }
    const did = await wired.workloads.scaleDown(one.stable)
    return { did: did ? `scaled ${one.stable} to zero` : `${one.stable} is scaled to zero already`, report: null }
  }
  if (isFinished(state)) return { did: `${label} is ${state.phase}; nothing to do`, report: null }
  const lock = await wired.lock.status()
  if (lock !== null && lock.holder !== '' && !lock.expired) {
    return { did: `${lock.holder} drives ${label}; nothing to do`, report: null }
  }
  const isOrderly = lock?.holder === ''
  if (state.phase === 'paused' || isOrderly) {
    const since = state.phase === 'paused' ? state.at : (lock?.renewedAt ?? 0)
    if (now - since < policies.maxPauseMs) {
      const left = toDuration(policies.maxPauseMs - (now - since))
      return { did: `${label} waits for a person, ${left} left`, report: null }
    }
    const reason = `nobody went on within ${toDuration(policies.maxPauseMs)}`
    return { did: `${label}: ${reason}`, report: await turnBack(options, wired, reason, false) }
  }
  if (policies.onLost === 'hold' && state.phase !== 'reverting') {
    return { did: `${label} lost its driver; held by policy`, report: null }
  }
  const reason = `its driver ${saved.holder} is gone`
  return { did: `${label}: ${reason}`, report: await turnBack(options, wired, reason, false) }
}

/** What `post` does: brings back what this very run left unsettled. Does nothing when all is settled or not ours. */
export async function settle(options: ReleaseOptions & { readonly holder: string }): Promise<Sweep> {
  const wired = await wire(options)
  const saved = savedOf(await wired.traffic.read())
  if (saved?.holder !== options.holder || isFinished(saved.state) || saved.state.phase === 'paused') {
    return { did: 'settled', report: null }
  }
  if (saved.state.plan.policies.onCancel === 'hold' && saved.state.phase !== 'reverting') {
    return { did: 'held by policy', report: null }
  }
  const reason = 'the run ended before the release did'
  return { did: reason, report: await turnBack(options, wired, reason, true) }
}
