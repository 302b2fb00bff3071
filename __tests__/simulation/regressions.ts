import { LAST_S, type AtCall, type Happening, type Scenario } from '../../scripts/simulate/scenario.ts'

const POLICIES = {
  onInconclusive: 'revert',
  onCancel: 'revert',
  onLost: 'revert',
  onDrift: 'stop',
  capacity: 'require',
} as const

const command = (at: number, name: 'release' | 'promote' | 'rollback' | 'abort' | 'pause' | 'sweep'): Happening => ({
  at,
  what: 'command',
  command: name,
  version: '1.1',
  skewMs: 0,
})

interface Told {
  readonly happenings?: readonly Happening[]
  readonly faults?: readonly AtCall[]
  readonly more?: Partial<Omit<Scenario, 'policies'>>
  readonly policies?: Partial<Scenario['policies']>
}

const scenario = (seed: number, { happenings = [], faults = [], more = {}, policies = {} }: Told): Scenario => ({
  seed,
  badFrom: 101,
  course: 'canary',
  calmAt: LAST_S,
  isNeverReady: false,
  helmfile: 'fine',
  gate: 'query',
  approval: -1,
  isCrowded: false,
  ...more,
  policies: { ...POLICIES, ...policies },
  happenings: [command(0, 'release'), ...happenings],
  faults,
})

/** Scenarios that once broke a rule, shrunk, with what was wrong. */
export const REGRESSIONS: Readonly<Record<string, Scenario>> = {
  'a way back went on for hours, and ended stuck, because the candidate could not be taken away': scenario(24, {
    more: { helmfile: 'hangs', course: 'red-black' },
    policies: { onInconclusive: 'continue', onLost: 'hold', onDrift: 'reassert' },
  }),
  'a colour that somebody gave requests in the meantime was taken away': scenario(9003, {
    happenings: [
      { at: 15, what: 'command', command: 'abort', version: '1.2', skewMs: 0 },
      { at: 33, what: 'weights', candidate: 50 },
      { at: 101, what: 'command', command: 'abort', version: '1.1', skewMs: -18_769 },
    ],
    more: { helmfile: 'hangs', course: 'red-black' },
    policies: { onCancel: 'hold', onLost: 'hold', onDrift: 'reassert' },
  }),
  'a rollback went on with the journal of the release that it rolls back': scenario(88, {
    happenings: [command(511, 'rollback')],
  }),
  'the reason of a run that could not write any more had a secret in it': scenario(1380, {
    happenings: [{ at: 94, what: 'api-status', status: 403, forS: 129 }],
    policies: { onDrift: 'reassert' },
  }),
  'weights were put back onto a candidate without a look at its pods': scenario(1887, {
    happenings: [{ at: 59, what: 'recreate', afterS: 7 }],
    more: { gate: 'evidence' },
    policies: { onDrift: 'reassert', capacity: 'warn' },
  }),
  'a first release took all traffic from the colour that ran': scenario(228, {
    happenings: [
      { at: 5, what: 'api-down', forS: 10 },
      { at: 89, what: 'weights', candidate: 90 },
      command(210, 'release'),
    ],
    faults: [{ process: 0, call: 32, fault: 'slow' }],
    policies: { onDrift: 'reassert' },
  }),
  'a resumed release deployed onto a colour that others had given weight': scenario(2434, {
    happenings: [
      { at: 4, what: 'kill', process: 0, hasPost: false },
      { at: 48, what: 'weights', candidate: 10 },
    ],
    policies: { onLost: 'hold' },
  }),
  'a run that lost its lock on the way back ended as reverted with the weights still up': scenario(7776, {
    happenings: [
      { at: 85, what: 'api-status', status: 500, forS: 91 },
      { at: 176, what: 'steal-lease' },
    ],
    more: { gate: 'evidence' },
    policies: { onInconclusive: 'continue', onCancel: 'hold', onLost: 'hold', onDrift: 'reassert' },
  }),
  'the journal lacked what a run had done that died before it wrote it': scenario(9703, {
    faults: [{ process: 0, call: 52, fault: 'kill-after' }],
    more: { approval: 1 },
    policies: { onInconclusive: 'continue', onLost: 'hold', capacity: 'warn' },
  }),
  'a resumed release raised the weight on what an earlier run had seen of the pods': scenario(7179, {
    happenings: [{ at: 3, what: 'fighter', forS: 71 }, command(541, 'release')],
    faults: [{ process: 0, call: 83, fault: 'kill-before' }],
    policies: { onDrift: 'reassert', capacity: 'warn' },
  }),
  'a watch that had gone silent hid what others wrote': scenario(3944, {
    happenings: [
      { at: 10, what: 'watch-dead', forS: 300 },
      { at: 65, what: 'weights', candidate: 10 },
    ],
    policies: { onInconclusive: 'continue' },
  }),
}
