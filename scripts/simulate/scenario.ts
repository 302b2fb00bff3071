import { Random } from '../gate-bench/random.ts'

/** What goes wrong with one call of one process. */
export const CALL_FAULTS = [
  'kill-before',
  'kill-after',
  'lost-request',
  'lost-answer',
  'slow',
  'stale',
  '409',
  '422',
  '429',
  '500',
  '503',
] as const
export type CallFault = (typeof CALL_FAULTS)[number]

/** What Prometheus answers in place of the truth. */
export const METRIC_FAULTS = ['down', 'nan', 'empty', 'duplicate', 'html', '500', 'hang', 'stale'] as const
export type MetricFault = (typeof METRIC_FAULTS)[number]

export type Command = 'release' | 'promote' | 'finish' | 'pause' | 'abort' | 'rollback' | 'sweep' | 'status' | 'plan'

/** One thing that happens from outside at a time, in seconds from the beginning. */
export type Happening = { readonly at: number } & (
  | { readonly what: 'command'; readonly command: Command; readonly version: string; readonly skewMs: number }
  | { readonly what: 'signal'; readonly process: number; readonly isRunnerLost: boolean }
  | { readonly what: 'kill'; readonly process: number; readonly hasPost: boolean }
  | { readonly what: 'weights'; readonly candidate: number }
  | { readonly what: 'foreign-field' }
  /** Another controller puts its weights back as soon as anybody else writes. */
  | { readonly what: 'fighter'; readonly forS: number }
  | { readonly what: 'drop-notes' }
  | { readonly what: 'recreate'; readonly afterS: number }
  | { readonly what: 'drop-journal' }
  | { readonly what: 'drop-lease' }
  | { readonly what: 'steal-lease' }
  | { readonly what: 'api-down'; readonly forS: number }
  | { readonly what: 'api-status'; readonly status: 401 | 403 | 429 | 500 | 503; readonly forS: number }
  | { readonly what: 'watch-dead'; readonly forS: number }
  | { readonly what: 'metrics'; readonly fault: MetricFault; readonly forS: number }
  | { readonly what: 'pods-down'; readonly colour: 'blue' | 'green'; readonly forS: number }
)

/** A fault at the n-th call of the n-th process to the API server. */
export interface AtCall {
  readonly process: number
  readonly call: number
  readonly fault: CallFault
}

/** Strategies, as far as they differ in what is written and what is taken away. */
export const COURSES = ['canary', 'audience', 'mirror', 'blue-green', 'red-black'] as const
export type Course = (typeof COURSES)[number]

/** Everything that a run is made of: the same scenario gives the same run. */
export interface Scenario {
  readonly seed: number
  /** From this weight on the candidate fails one request in five; 101 for never. */
  readonly badFrom: number
  readonly isNeverReady: boolean
  /** How traffic gets to the candidate. */
  readonly course: Course
  readonly helmfile: 'fine' | 'fails' | 'hangs' | 'fails-once'
  readonly gate: 'query' | 'evidence'
  readonly policies: {
    readonly onInconclusive: 'revert' | 'pause' | 'continue'
    readonly onCancel: 'revert' | 'hold'
    readonly onLost: 'revert' | 'hold'
    readonly onDrift: 'stop' | 'reassert'
    readonly capacity: 'require' | 'warn'
  }
  /** Index of the stage that waits for a person; -1 for none. */
  readonly approval: number
  /** The VirtualService has routes and destinations of others. */
  readonly isCrowded: boolean
  readonly happenings: readonly Happening[]
  readonly faults: readonly AtCall[]
  /** Seconds after which nothing goes wrong any more, and everything must come to an end. */
  readonly calmAt: number
}

const COMMANDS: readonly Command[] = [
  'promote',
  'finish',
  'pause',
  'abort',
  'rollback',
  'sweep',
  'status',
  'plan',
  'release',
]
/** The last outside happening; faults stop here too. */
export const LAST_S = 900

function happening(random: Random, at: number): Happening {
  const pick = <Kind>(of: readonly Kind[]): Kind => of[Math.floor(random.next() * of.length)] as Kind
  const forS = 1 + Math.floor(random.next() ** 2 * 200)
  const process = Math.floor(random.next() * 3)
  const kinds: readonly (() => Happening)[] = [
    () => ({
      at,
      what: 'command',
      command: pick(COMMANDS),
      version: random.next() < 0.8 ? '1.1' : '1.2',
      skewMs: random.next() < 0.4 ? Math.round((random.next() - 0.5) * 120_000) : 0,
    }),
    () => ({ at, what: 'signal', process, isRunnerLost: random.next() < 0.3 }),
    () => ({ at, what: 'kill', process, hasPost: random.next() < 0.5 }),
    () => ({ at, what: 'weights', candidate: pick([0, 10, 50, 90, 100]) }),
    () => ({ at, what: 'foreign-field' }),
    () => ({ at, what: 'fighter', forS }),
    () => ({ at, what: 'drop-notes' }),
    () => ({ at, what: 'recreate', afterS: Math.floor(random.next() * 20) }),
    () => ({ at, what: 'drop-journal' }),
    () => ({ at, what: 'drop-lease' }),
    () => ({ at, what: 'steal-lease' }),
    () => ({ at, what: 'api-down', forS }),
    () => ({ at, what: 'api-status', status: pick([401, 403, 429, 500, 503] as const), forS }),
    () => ({ at, what: 'api-status', status: 500, forS: 60 + Math.floor(forS / 2) }),
    () => ({ at, what: 'watch-dead', forS }),
    () => ({ at, what: 'metrics', fault: pick(METRIC_FAULTS), forS }),
    () => ({ at, what: 'metrics', fault: pick(['nan', 'empty'] as const), forS: 60 + forS }),
    () => ({ at, what: 'pods-down', colour: pick(['blue', 'green'] as const), forS }),
  ]
  // Commands, signals and kills are what happens most.
  const index = random.next() < 0.45 ? Math.floor(random.next() * 3) : Math.floor(random.next() * kinds.length)
  return (kinds[index] ?? kinds[0])?.() ?? { at, what: 'foreign-field' }
}

/** What people and others do next: trouble seldom comes alone. */
function consequences(random: Random, one: Happening): readonly Happening[] {
  const is = (chance: number): boolean => random.next() < chance
  const after = (leastS: number, mostS: number): number =>
    one.at + leastS + Math.floor(random.next() * (mostS - leastS))
  const again = (): Happening => {
    const command = is(0.6) ? 'release' : is(0.5) ? 'abort' : 'sweep'
    return { at: after(40, 200), what: 'command', command, version: '1.1', skewMs: 0 }
  }
  const weights = (mostS: number): Happening => ({ at: after(1, mostS), what: 'weights', candidate: is(0.5) ? 10 : 50 })
  switch (one.what) {
    case 'kill':
    case 'signal':
      return [...(is(0.6) ? [again()] : []), ...(is(0.25) ? [weights(40)] : [])]
    case 'api-down':
    case 'api-status':
      return is(0.7) ? [{ at: after(Math.min(40, one.forS), one.forS + 5), what: 'steal-lease' }] : []
    case 'pods-down':
      return is(0.3) ? [weights(Math.max(2, one.forS))] : []
    default:
      return []
  }
}

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed)
  const is = (chance: number): boolean => random.next() < chance
  const pick = <Kind>(of: readonly Kind[]): Kind => of[Math.floor(random.next() * of.length)] as Kind
  const start: Happening = { at: 0, what: 'command', command: 'release', version: '1.1', skewMs: 0 }
  const others = Array.from({ length: Math.floor(random.next() ** 2 * 7) }, () =>
    happening(random, Math.floor(random.next() ** 2.5 * LAST_S)),
  ).flatMap((one) => [one, ...consequences(random, one)])
  const faults = Array.from({ length: Math.floor(random.next() ** 2 * 5) }, (): AtCall => {
    const process = is(0.8) ? 0 : 1 + Math.floor(random.next() * 2)
    return { process, call: 1 + Math.floor(random.next() ** 1.3 * 120), fault: pick(CALL_FAULTS) }
  })
  return {
    seed,
    badFrom: is(0.5) ? 101 : pick([1, 25, 50, 100]),
    isNeverReady: is(0.04),
    helmfile: is(0.88) ? 'fine' : pick(['fails', 'hangs', 'fails-once'] as const),
    gate: is(0.15) ? 'evidence' : 'query',
    policies: {
      onInconclusive: pick(['revert', 'revert', 'pause', 'continue'] as const),
      onCancel: is(0.75) ? 'revert' : 'hold',
      onLost: is(0.75) ? 'revert' : 'hold',
      onDrift: is(0.6) ? 'stop' : 'reassert',
      capacity: is(0.7) ? 'require' : 'warn',
    },
    approval: is(0.2) ? Math.floor(random.next() * 3) : -1,
    isCrowded: is(0.4),
    happenings: [start, ...others.sort((one, other) => one.at - other.at)],
    faults,
    // Drawn last, so that everything else of a seed stays what it was.
    course: is(0.55) ? 'canary' : pick(COURSES),
    calmAt: LAST_S,
  }
}
