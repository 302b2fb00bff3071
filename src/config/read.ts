import { load, parseEvents, getScalarValue, CORE_SCHEMA, YAMLException, EVENT_ID, type Event } from 'js-yaml'
import { ReleaseError, type Problem } from '../errors.ts'
import type { Moment } from '../notifications/webhook.ts'
import { convert, type Locate } from './shape.ts'
import { INPUTS } from './inputs.ts'
import { SETTINGS } from './settings.ts'

/** The text of a file with settings. */
export interface ConfigFile {
  readonly name: string
  readonly text: string
}

/** What was written, checked and converted, before defaults: see `SETTINGS` for the meaning of each key. */
export interface WrittenConfig {
  readonly service?: string
  readonly namespace?: string
  readonly version?: string
  readonly 'deployment-type'?: string
  readonly colours?: Readonly<
    Record<string, { readonly subset?: string; readonly workload?: string; readonly service?: string }>
  >
  readonly deploy?: {
    readonly helmfile?: {
      readonly file?: string
      readonly selector?: string
      readonly environment?: string
      readonly env?: Readonly<Record<string, string>>
      readonly timeout?: number
      readonly 'skip-deps'?: boolean
      readonly args?: readonly string[]
    }
    readonly helm?: {
      readonly chart?: string
      readonly release?: string
      readonly values?: readonly string[]
      readonly set?: Readonly<Record<string, string>>
      readonly timeout?: number
      readonly args?: readonly string[]
    }
    readonly manifests?: { readonly paths?: readonly string[]; readonly kustomize?: readonly string[] }
    readonly command?: {
      readonly deploy?: readonly string[]
      readonly retire?: readonly string[]
      readonly env?: Readonly<Record<string, string>>
      readonly timeout?: number
    }
  }
  readonly traffic?: {
    readonly 'gateway-api'?: {
      readonly kind?: 'HTTPRoute' | 'GRPCRoute'
      readonly route?: string
      readonly rules?: readonly string[]
    }
    readonly 'ingress-nginx'?: {
      readonly ingress?: string
      readonly canary?: string
      readonly port?: number
      readonly 'annotations-prefix'?: string
    }
    readonly replicas?: { readonly service?: string }
    readonly istio?: {
      readonly 'virtual-service'?: string
      readonly routes?: readonly string[]
      readonly host?: string
      readonly 'cluster-domain'?: string
    }
    readonly settle?: number
  }
  readonly services?: readonly WrittenService[]
  readonly waves?: {
    readonly list?: readonly { readonly groups?: readonly WrittenGroup[]; readonly pause?: number }[]
    readonly 'side-by-side'?: number
    readonly 'on-failure'?: 'revert-all' | 'keep-before'
  }
  readonly notifications?: readonly {
    readonly 'url-env'?: string
    readonly format?: 'json' | 'slack'
    readonly on?: readonly Moment[]
  }[]
  readonly environment?: string
  readonly 'check-run'?: boolean
  readonly 'secret-env'?: readonly string[]
  readonly strategy?: 'canary' | 'blue-green' | 'red-black' | 'ab-test'
  readonly ending?: 'swap' | 'replace'
  readonly test?: WrittenTest
  readonly stages?: readonly WrittenStage[]
  readonly interval?: number
  readonly 'ready-timeout'?: number
  readonly gates?: {
    readonly prometheus?: {
      readonly url?: string
      readonly service?: string
      readonly 'bearer-token-env'?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly 'ca-file'?: string
      readonly timeout?: number
    }
    readonly reporter?: 'source' | 'destination'
    readonly source?: 'istio' | 'ingress-nginx' | 'custom'
    readonly custom?: WrittenSource
    readonly errors?: WrittenTolerance & { readonly max?: number }
    readonly saturation?: WrittenTolerance & { readonly query?: string; readonly max?: number }
    readonly latency?: WrittenTolerance & { readonly quantile?: number }
    readonly 'false-revert'?: number
    readonly harm?: number
    readonly 'warm-up'?: number
    readonly checks?: Readonly<Record<string, WrittenCheck>>
  }
  readonly policies?: {
    readonly 'on-inconclusive'?: 'revert' | 'pause' | 'continue'
    readonly 'on-cancel'?: 'revert' | 'hold'
    readonly 'on-lost'?: 'revert' | 'hold'
    readonly 'on-drift'?: 'stop' | 'reassert'
    readonly 'max-pause'?: number
    readonly 'keep-old'?: string
    readonly capacity?: 'require' | 'warn'
  }
}

/** One group of a wave. */
export interface WrittenGroup extends Omit<WrittenService, 'after' | 'version'> {
  readonly name?: string
  readonly namespace?: string
}

/** One of several services that are released as one. */
export interface WrittenService extends Pick<
  WrittenConfig,
  'service' | 'version' | 'colours' | 'deploy' | 'traffic' | 'gates'
> {
  readonly after?: readonly string[]
}

export interface WrittenMatch {
  readonly header?: string
  readonly cookie?: string
  readonly value?: string
  readonly custom?: string
}

export interface WrittenTest {
  readonly match?: readonly WrittenMatch[]
  readonly weight?: number
  readonly min?: number
  readonly max?: number
  readonly approval?: boolean
  readonly samples?: number
  readonly goal?: {
    readonly successes?: string
    readonly trials?: string
    readonly better?: 'more' | 'fewer'
    readonly 'false-choice'?: number
  }
}

export interface WrittenStage {
  readonly weight?: number
  readonly match?: readonly WrittenMatch[]
  readonly mirror?: number
  readonly name?: string
  readonly min?: number
  readonly max?: number
  readonly approval?: boolean
  readonly checks?: readonly string[]
}

export interface WrittenTolerance {
  readonly tolerance?: number
  readonly allowance?: number
}

export interface WrittenSource {
  readonly requests?: string
  readonly durations?: string
  readonly unit?: 'ms' | 's'
  readonly 'status-label'?: string
  readonly 'colour-label'?: string
}

export interface WrittenCheck extends WrittenTolerance {
  readonly 'min-requests'?: number
  readonly query?: string
  readonly min?: number
  readonly max?: number
  readonly requests?: string
  readonly command?: readonly string[]
  readonly timeout?: number
}

/** Line and column, from 1, of an offset. */
function lineOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - start + 1 }
}

/** The place of every key and item, by the path that problems use. */
function placesOf(text: string): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  const events: readonly Event[] = parseEvents(text, {})
  let index = 0
  const walk = (path: string): void => {
    const event = events[index]
    index += 1
    if (event === undefined) return
    if (event.type === EVENT_ID.MAPPING) {
      while (events[index] !== undefined && events[index]?.type !== EVENT_ID.POP) {
        const key = events[index]
        let name = '?'
        if (key?.type === EVENT_ID.SCALAR) {
          name = getScalarValue(text, key)
          places.set(path === '' ? name : `${path}.${name}`, key.valueStart)
          index += 1
        } else walk(`${path}.?`)
        walk(path === '' ? name : `${path}.${name}`)
      }
      index += 1
    } else if (event.type === EVENT_ID.SEQUENCE) {
      for (let item = 0; events[index] !== undefined && events[index]?.type !== EVENT_ID.POP; item += 1) {
        const next = events[index]
        if (next !== undefined) places.set(`${path}[${item}]`, startOf(next))
        walk(`${path}[${item}]`)
      }
      index += 1
    }
  }
  if (events[0]?.type === EVENT_ID.DOCUMENT) index = 1
  walk('')
  return places
}

function startOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart
  return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : 0
}

function setIn(tree: Record<string, unknown>, path: string, value: string): void {
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  let at = tree
  for (const step of steps) {
    const inner = at[step]
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) at[step] = {}
    at = at[step] as Record<string, unknown>
  }
  at[last] = value
}

/**
 * Reads the file and lays the inputs over it. Every problem of both is reported at once.
 * @param inputs by their names; empty ones count as not given
 * @throws ReleaseError INVALID_CONFIG with all problems
 */
export function readConfig(file: ConfigFile | null, inputs: Readonly<Record<string, string>>): WrittenConfig {
  const problems: Problem[] = []
  let tree: Record<string, unknown> = {}
  let places: ReadonlyMap<string, number> = new Map()
  if (file !== null) {
    try {
      const value: unknown = load(file.text, { schema: CORE_SCHEMA, filename: file.name })
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) tree = value as Record<string, unknown>
      else problems.push({ path: '', message: 'the file holds no settings', file: file.name, line: 1, column: 1 })
      places = placesOf(file.text)
    } catch (thrown) {
      if (!(thrown instanceof YAMLException)) throw thrown
      const at = { file: file.name, line: (thrown.mark?.line ?? 0) + 1, column: (thrown.mark?.column ?? 0) + 1 }
      problems.push({ path: '', message: `not valid YAML: ${thrown.reason}`, ...at })
    }
  }
  const fromInput = new Map<string, string>()
  for (const [name, value] of Object.entries(inputs)) {
    const path = INPUTS[name]?.path
    if (path === null || path === undefined || value === '') continue
    fromInput.set(path, name)
    setIn(tree, path, value)
  }
  const locate: Locate = (path) => {
    const isInput = [...fromInput.keys()].some((one) => path === one || path.startsWith(`${one}[`))
    const offset = isInput ? undefined : places.get(path)
    if (file === null || offset === undefined) return { file: '', line: 0, column: 0 }
    return { file: file.name, ...lineOf(file.text, offset) }
  }
  const written = convert(SETTINGS, tree, '', locate, problems)
  if (problems.length > 0) throw invalidConfig(problems.map((problem) => asInput(problem, fromInput)))
  // Checked key by key against SETTINGS, which WrittenConfig describes.
  return written as WrittenConfig
}

/** A problem of a value that came by an input is named as the person wrote it. */
function asInput(problem: Problem, fromInput: ReadonlyMap<string, string>): Problem {
  for (const [path, name] of fromInput) {
    if (problem.path !== path && !problem.path.startsWith(`${path}[`) && !problem.path.startsWith(`${path}.`)) continue
    return { ...problem, message: problem.message.replace(path, `input ${name}`) }
  }
  return problem
}

/** All problems as one error. */
export function invalidConfig(problems: readonly Problem[]): ReleaseError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  const lines = problems.map(({ message, file, line, column }) =>
    line > 0 ? `  ${file}:${line}:${column}: ${message}` : `  ${message}`,
  )
  return new ReleaseError('INVALID_CONFIG', `${count} in the settings:\n${lines.join('\n')}`, { problems })
}
