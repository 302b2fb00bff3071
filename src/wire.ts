import { beginsAnew, type Origin } from './core/events.ts'
import type { Plan } from './core/plan.ts'
import { decodeFence, decodePart, decodeSaved, type Saved } from './core/saved.ts'
import { describeShares, type Colour } from './core/shares.ts'
import { none } from './deployers/none.ts'
import { workloads } from './deployers/workloads.ts'
import { drive, type Report } from './drive.ts'
import type { Draft } from './ledger.ts'
import { ReleaseError, takingPart, toReleaseError } from './errors.ts'
import { chance } from './platform/chance.ts'
import { systemPlatform } from './platform/platform.ts'
import type {
  Connect,
  Deployer,
  Gate,
  HeldLock,
  Journal,
  Listener,
  LiveRoute,
  Lock,
  Platform,
  TrafficProvider,
  Workloads,
} from './ports.ts'
import { journal } from './state/journal.ts'
import { lease } from './state/lease.ts'

/** Everything a release needs to know. Only the first group has no default. */
export interface ReleaseOptions {
  /** The service, which is also the name of the release. */
  readonly service: string
  readonly namespace: string
  readonly plan: Plan
  readonly traffic: Connect<TrafficProvider>

  /** What to release; only `release` and `plan` need it. */
  readonly version?: string
  /** Where the version came from: commit, ref, who, which run. */
  readonly origin?: Origin
  /** The two colours; default blue and green. */
  readonly colours?: readonly [Colour, Colour]
  /** The colour to deploy; `auto` (default) is the idle one. */
  readonly deploymentType?: string
  readonly gates?: Readonly<Record<string, Connect<Gate>>>
  readonly deployer?: Connect<Deployer>
  /** Default: Deployments named `<service>-<colour>`. */
  readonly workloads?: Connect<Workloads>
  readonly journal?: Connect<Journal>
  readonly lock?: Connect<Lock>
  readonly listeners?: readonly Listener[]
  /** The outside; a test passes its own. */
  readonly platform?: Partial<Platform>
  /** Aborting it is what SIGINT does: traffic goes back (or stays, by `onCancel`), and the promise resolves. */
  readonly signal?: AbortSignal
  /** This run, unique: who holds the lock. */
  readonly holder?: string
  /** Who asked, for people. */
  readonly by?: string
}

/** The parts of a release, connected to the outside. */
export interface Wired {
  readonly platform: Platform
  readonly traffic: TrafficProvider
  readonly gates: Readonly<Record<string, Gate>>
  readonly deployer: Deployer
  readonly workloads: Workloads
  readonly journal: Journal
  readonly lock: Lock
  readonly colours: readonly [Colour, Colour]
  readonly holder: string
  readonly by: string
  readonly cancel: AbortSignal
}

export async function wire(options: ReleaseOptions): Promise<Wired> {
  const given = options.platform
  const platform: Platform = given?.cluster === undefined ? { ...(await systemPlatform()), ...given } : complete(given)
  const { service, namespace } = options
  const colours = options.colours ?? (['blue', 'green'] as const)
  const deployments = Object.fromEntries(colours.map((colour) => [colour, `${service}-${colour}`]))
  const gates = Object.entries(options.gates ?? {}).map(([name, connect]) => [name, connect(platform)] as const)
  const holder = options.holder ?? `${platform.env['HOSTNAME'] ?? 'local'}/${process.pid}/${Date.now().toString(36)}`
  return {
    platform,
    traffic: options.traffic(platform),
    gates: Object.fromEntries(gates),
    deployer: (options.deployer ?? none())(platform),
    workloads: (options.workloads ?? workloads({ namespace, deployments }))(platform),
    journal: (options.journal ?? journal({ service, namespace }))(platform),
    lock: (options.lock ?? lease({ service, namespace }))(platform),
    colours,
    holder,
    by: options.by ?? holder,
    cancel: options.signal ?? new AbortController().signal,
  }
}

/** A platform of the caller's own: what it does not give must not be needed. */
function complete(given: Partial<Platform>): Platform {
  const missing = (name: string) => (): never => {
    throw new ReleaseError('INTERNAL', `the platform has no ${name}`)
  }
  const { cluster } = given
  if (cluster === undefined) return missing('cluster')()
  return {
    cluster,
    fetch: given.fetch ?? globalThis.fetch,
    shell: given.shell ?? { run: missing('shell') },
    clock: given.clock ?? { now: () => Date.now(), sleepUntil: missing('clock') },
    random: given.random ?? chance.random,
    timeout: given.timeout ?? chance.timeout,
    say: given.say ?? (() => undefined),
    mask: given.mask ?? ((text) => text),
    env: given.env ?? {},
  }
}

/** The saved release; a note of a newer program is refused rather than overwritten. */
export function savedOf(live: LiveRoute): Saved | undefined {
  const saved = decodeSaved(live.notes.state)
  if (saved === undefined && live.notes.state !== null) {
    throw new ReleaseError('STATE_CONFLICT', `${live.object} carries a release state this version cannot read`, {
      hint: 'it was written by a newer gray-release (use that one) or by hand (remove the annotation)',
    })
  }
  return saved
}

export function requireSaved(live: LiveRoute, service: string): Saved {
  const saved = savedOf(live)
  if (saved !== undefined) return saved
  throw new ReleaseError('NO_RELEASE', `there is no release of ${service} on ${live.object}`, {
    hint: `live now: ${describeShares(live.shares)}; start one with the command release`,
  })
}

/** A service that is being released with others is not released alone. @throws ReleaseError UNFINISHED_RELEASE */
export function refuseMember({ object, notes }: LiveRoute): void {
  const part = decodePart(notes.part)
  if (part !== undefined) throw takingPart(object, part.of)
}

export const nextFence = (live: LiveRoute): number => (decodeFence(live.notes.fence)?.number ?? 0) + 1

/** Takes the lock, looks again at what is saved (it may have changed while waiting), and drives. */
export async function driveLocked(
  wired: Wired,
  listeners: readonly Listener[],
  prepare: (live: LiveRoute) => Promise<{ saved: Saved; first: readonly Draft[] } | Report>,
  seize = false,
): Promise<Report> {
  const before = await wired.traffic.read()
  refuseMember(before)
  const lock = await acquire(wired, nextFence(before), seize)
  const stop = new AbortController()
  wired.traffic.watch(stop.signal)
  try {
    const live = await wired.traffic.read()
    const prepared = await prepare(live)
    if ('outcome' in prepared) return prepared
    const fence = { number: Math.max(lock.fence, nextFence(live)), holder: wired.holder }
    const earlier = beginsAnew(prepared.first[0]) ? [] : await wired.journal.load().catch(() => [])
    return await drive(prepared.saved, prepared.first, earlier, {
      traffic: wired.traffic,
      gates: wired.gates,
      deployer: wired.deployer,
      workloads: wired.workloads,
      journal: wired.journal,
      listeners,
      clock: wired.platform.clock,
      say: wired.platform.say,
      mask: wired.platform.mask,
      lock,
      fence,
      cancel: wired.cancel,
    })
  } finally {
    stop.abort()
    await lock.release()
  }
}

async function acquire(wired: Wired, atLeast: number, seize: boolean): Promise<HeldLock> {
  try {
    return await wired.lock.acquire(wired.holder, atLeast, { seize, signal: wired.cancel })
  } catch (thrown) {
    const error = toReleaseError(thrown)
    if (!seize || error.code === 'LOCK_HELD') throw error
    // The way back must not hang on the lock: the fence on the route alone keeps the other driver out.
    wired.platform.say(`going back without the lock: ${error.message}`)
    return { fence: atLeast, lost: new AbortController().signal, release: () => Promise.resolve() }
  }
}
