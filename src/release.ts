import { checkPlan, type Plan } from './core/plan.ts'
import { UNKNOWN_ORIGIN, type Origin, type Release } from './core/events.ts'
import type { Saved } from './core/saved.ts'
import { describeShares, MOST_LEFTOVER, type Colour } from './core/shares.ts'
import { isFinished, isReplaced, start } from './core/state.ts'
import { firstRelease } from './core/strategies.ts'
import type { Report } from './drive.ts'
import type { Draft } from './ledger.ts'
import { ReleaseError, toReleaseError } from './errors.ts'
import type { Finding, LiveRoute, Permission, WorkloadStatus } from './ports.ts'
import { findingsOf, missingPermissions, skewFinding, tokenFinding } from './preflight.ts'
import { driveLocked, refuseMember, savedOf, wire, type ReleaseOptions, type Wired } from './wire.ts'

/** What a release would do now, and everything in its way. */
export interface Preview {
  readonly stable: Colour | null
  readonly candidate: Colour | null
  readonly live: string
  /** What serves now and where it came from, as far as an earlier release wrote it down. */
  readonly serving: { readonly version: string | null; readonly origin: Origin }
  readonly plan: Plan
  readonly resumes: boolean
  /** What the stages can find at today's traffic, and how long they take; empty when no gate can say. */
  readonly forecast: readonly string[]
  readonly findings: readonly Finding[]
}

/** The colours of a release that starts now, from what is live and never from memory. */
function chooseColours(
  live: LiveRoute,
  colours: readonly [Colour, Colour],
  wanted: string,
): { readonly stable: Colour; readonly candidate: Colour; readonly weight: number } {
  const [first, second] = colours
  const shares = live.shares
  const ways = `set the weights by hand to 100/0, or run rollback/abort if a release left them so`
  if (shares === null) {
    throw new ReleaseError(
      'COMMAND_REFUSED',
      `${live.object} has ${describeShares(shares)}: nobody can tell which colour is stable`,
      {
        hint: ways,
      },
    )
  }
  const stable = (shares[first] ?? 0) >= (shares[second] ?? 0) ? first : second
  const candidate = stable === first ? second : first
  const weight = shares[candidate] ?? 0
  if (weight > MOST_LEFTOVER) {
    throw new ReleaseError(
      'COMMAND_REFUSED',
      `${live.object} has ${describeShares(shares)} and no saved release says which one is stable`,
      {
        hint: ways,
      },
    )
  }
  if (wanted !== 'auto' && !colours.includes(wanted)) {
    throw new ReleaseError('INVALID_CONFIG', `deployment-type "${wanted}" is none of ${colours.join(', ')}, auto`)
  }
  if (wanted === stable) {
    throw new ReleaseError(
      'COMMAND_REFUSED',
      `deployment-type ${wanted} is the live colour (${describeShares(shares)})`,
      {
        hint: `deploy the idle colour ${candidate}, or use deployment-type auto`,
      },
    )
  }
  return { stable, candidate, weight }
}

/** The colour that got the version of a promoted release: the candidate's, or the track that received it in the end. */
const servingOf = ({ release, state }: Saved): Colour => (isReplaced(state) ? release.stable : release.candidate)

/** What a colour runs, as far as an earlier release wrote it down. */
function buildOn(
  colour: Colour,
  saved: Saved | undefined,
): { readonly version: string | null; readonly origin: Origin } {
  const unknown = { version: null, origin: UNKNOWN_ORIGIN }
  if (saved === undefined) return unknown
  const { release, state } = saved
  const { version, origin, previousVersion, previousOrigin } = release
  if (state.phase === 'promoted' && servingOf(saved) === colour) return { version, origin }
  return release.stable === colour ? { version: previousVersion, origin: previousOrigin } : unknown
}

function allNeeds(wired: Wired, { policies }: Plan): readonly Permission[] {
  const { traffic, workloads: pods, lock, journal: log } = wired
  const toScale = policies.keepOldMs === null ? [] : (pods.needsToScale ?? [])
  return [...traffic.needs, ...pods.needs, ...toScale, ...lock.needs, ...log.needs]
}

/** A forecast is a courtesy: metrics that do not answer are found by the checks. */
async function forecastOf(wired: Wired, plan: Plan, stable: Colour): Promise<readonly string[]> {
  const asked = Object.values(wired.gates).map((gate) => gate.forecast?.(plan, stable, wired.cancel) ?? [])
  const found = await Promise.all(asked.map((one) => Promise.resolve(one).catch(() => [])))
  return found.flat()
}

/** Every finding of every part, the plan's own problems included. */
async function preflight(wired: Wired, plan: Plan): Promise<readonly Finding[]> {
  const { cluster, clock } = wired.platform
  const planned = checkPlan(plan, wired.traffic.supports, Object.keys(wired.gates))
  const checks = [
    () => wired.traffic.check(),
    () => missingPermissions(wired.platform.cluster, allNeeds(wired, plan)),
    () => wired.deployer.check?.() ?? Promise.resolve([]),
    ...Object.values(wired.gates).map((gate) => () => gate.check?.() ?? Promise.resolve([])),
  ]
  const found = await Promise.all(checks.map(findingsOf))
  const own = planned.map((message): Finding => ({ level: 'refuse', message, hint: 'correct the stages' }))
  const isBlind = plan.stages.length > 0 && plan.stages.every((stage) => stage.gates.length === 0)
  const blind: Finding = {
    level: 'warn',
    message: 'no gate is asked in any stage: the candidate passes by time alone',
    hint: 'give prometheus-url, or checks of your own',
  }
  const all = [
    ...own,
    ...found.flat(),
    ...(isBlind ? [blind] : []),
    ...skewFinding(cluster),
    ...tokenFinding(cluster, plan, clock.now()),
  ]
  // One missing object is often found by several checks.
  return all.filter((one, index) => all.findIndex((other) => other.message === one.message) === index)
}

function refuse(findings: readonly Finding[], code: 'UNSUPPORTED_PLAN' | 'COMMAND_REFUSED' = 'COMMAND_REFUSED'): void {
  const against = findings.filter((one) => one.level === 'refuse')
  if (against.length === 0) return
  const text = against.map((one) => one.message).join('\n')
  const hints = against.map((one) => one.hint).filter((hint) => hint !== '')
  throw new ReleaseError(code, text, { hint: [...new Set(hints)].join('\n') })
}

function requireVersion(options: ReleaseOptions): string {
  if (options.version !== undefined && options.version !== '') return options.version
  throw new ReleaseError('INVALID_CONFIG', 'version is missing', {
    hint: 'for example version: ${{ github.ref_name }}',
  })
}

/**
 * Releases a version: deploys the idle colour and moves traffic to it through the stages, or goes on with an
 * unfinished release of the same version.
 * @throws ReleaseError when the release could not be driven; a revert is an outcome and is returned
 */
export async function release(options: ReleaseOptions): Promise<Report> {
  const version = requireVersion(options)
  const wired = await wire(options)
  const { colours, platform } = wired
  const early = await wired.traffic.read()
  refuseMember(early)
  const unfinished = savedOf(early)
  if (unfinished !== undefined && !isFinished(unfinished.state)) refuseOther(unfinished, version)
  else {
    chooseColours(early, colours, options.deploymentType ?? 'auto')
    const findings = await preflight(wired, options.plan)
    refuse(findings)
    for (const one of findings) platform.say(`warning: ${one.message} (${one.hint})`)
  }
  return driveLocked(wired, options.listeners ?? [], async (live) => {
    const saved = savedOf(live)
    if (saved !== undefined && !isFinished(saved.state)) {
      refuseOther(saved, version)
      const { state } = saved
      const goOn: readonly Draft[] = [{ type: 'release-resumed', by: wired.by }]
      const report = { outcome: 'paused', reason: '', release: saved.release, state, journal: [] } as const
      return state.phase === 'paused' ? { ...report, reason: state.reason } : { saved, first: goOn }
    }
    const chosen = chooseColours(live, colours, options.deploymentType ?? 'auto')
    if (saved?.state.phase === 'promoted' && saved.release.version === version && servingOf(saved) === chosen.stable) {
      const reason = `${version} already serves on ${chosen.stable}`
      return { outcome: 'promoted', reason, release: saved.release, state: saved.state, journal: [] }
    }
    return begin(wired, options, version, chosen, live)
  })
}

/**
 * Whether nothing serves yet, so that the colour with the weight is the one to deploy.
 * @throws ReleaseError COMMAND_REFUSED when the other colour runs: all traffic would leave it for pods that are not there
 */
async function isFirstRelease(
  wired: Wired,
  chosen: ReturnType<typeof chooseColours>,
  live: LiveRoute,
  serving: WorkloadStatus,
): Promise<boolean> {
  const { stable, candidate } = chosen
  if (serving.exists) return false
  const other = await wired.workloads.inspect(candidate, await wired.traffic.backend(candidate))
  if (other.readyPods === 0) return true
  throw new ReleaseError(
    'COMMAND_REFUSED',
    `${live.object} has ${describeShares(live.shares)}, but ${stable} has no Deployment and ${candidate} runs`,
    { hint: `bring the traffic to ${candidate} by hand, then release again` },
  )
}

function refuseOther(saved: Saved, version: string): void {
  if (saved.release.version === version) return
  throw new ReleaseError(
    'UNFINISHED_RELEASE',
    `${saved.release.service} has an unfinished release of ${saved.release.version} (${saved.state.phase}, candidate ${saved.state.weight} %)`,
    {
      hint: `go on with it (release with version ${saved.release.version}, or promote), or bring traffic back with abort, and then release ${version}`,
    },
  )
}

async function begin(
  wired: Wired,
  options: ReleaseOptions,
  version: string,
  chosen: ReturnType<typeof chooseColours>,
  live: LiveRoute,
): Promise<{ saved: Saved; first: readonly Draft[] }> {
  const serving = await wired.workloads.inspect(chosen.stable, await wired.traffic.backend(chosen.stable))
  const isFirst = await isFirstRelease(wired, chosen, live, serving)
  const plan = isFirst ? firstRelease(options.plan) : options.plan
  const at = wired.platform.clock.now()
  const running = buildOn(chosen.stable, savedOf(live))
  const release: Release = {
    id: `${options.service}-${version}-${at.toString(36)}`,
    service: options.service,
    version,
    previousVersion: running.version ?? serving.version,
    // On the first release of all, the colour with the weight is the one to deploy.
    stable: isFirst ? chosen.candidate : chosen.stable,
    candidate: isFirst ? chosen.stable : chosen.candidate,
    by: wired.by,
    origin: options.origin ?? UNKNOWN_ORIGIN,
    previousOrigin: running.origin,
    members: wired.traffic.members?.() ?? [],
  }
  const started: Draft = {
    type: 'release-started',
    release,
    plan,
    weight: isFirst ? 100 - chosen.weight : chosen.weight,
  }
  const fingerprints = { [chosen.stable]: serving.fingerprint }
  return {
    saved: { schema: 1, release, state: start({ ...started, at }), holder: wired.holder, fingerprints },
    first: [started],
  }
}

/** What a release would do now: colours, stages and every problem found. Reads only. */
export async function plan(options: ReleaseOptions): Promise<Preview> {
  const wired = await wire(options)
  const findings = [...(await preflight(wired, options.plan))]
  const note = (thrown: unknown): void => {
    const { message, hint } = toReleaseError(thrown)
    if (!findings.some((one) => one.message === message)) findings.push({ level: 'refuse', message, hint })
  }
  const nothing = { version: null, origin: UNKNOWN_ORIGIN }
  const unknown = { stable: null, candidate: null, live: '', serving: nothing }
  const empty = { ...unknown, plan: options.plan, resumes: false, forecast: [], findings }
  try {
    const live = await wired.traffic.read()
    const saved = savedOf(live)
    const lock = await wired.lock.status()
    if (lock !== null && lock.holder !== '' && !lock.expired && lock.holder !== wired.holder) {
      findings.push({ level: 'refuse', message: `${lock.holder} drives a release now`, hint: 'wait for it' })
    }
    const shown = { ...empty, live: describeShares(live.shares) }
    if (saved !== undefined && !isFinished(saved.state)) {
      if (options.version !== undefined) refuseOther(saved, options.version)
      return {
        ...shown,
        stable: saved.release.stable,
        candidate: saved.release.candidate,
        serving: buildOn(saved.release.stable, saved),
        plan: saved.state.plan,
        resumes: true,
      }
    }
    const chosen = chooseColours(live, wired.colours, options.deploymentType ?? 'auto')
    const serving = await wired.workloads.inspect(chosen.stable, await wired.traffic.backend(chosen.stable))
    if (await isFirstRelease(wired, chosen, live, serving)) {
      return { ...shown, stable: null, candidate: chosen.stable, plan: firstRelease(options.plan) }
    }
    const forecast = await forecastOf(wired, options.plan, chosen.stable)
    const known = buildOn(chosen.stable, saved)
    const running = { ...known, version: known.version ?? serving.version }
    return { ...shown, stable: chosen.stable, candidate: chosen.candidate, serving: running, forecast }
  } catch (thrown) {
    note(thrown)
    return empty
  }
}
