/** The closed list of reasons why a release could not be driven. A failed gate or a revert is an outcome, not an error. */
export type ErrorCode =
  | 'INVALID_CONFIG'
  | 'UNSUPPORTED_PLAN'
  | 'LOCK_HELD'
  | 'UNFINISHED_RELEASE'
  | 'NO_RELEASE'
  | 'COMMAND_REFUSED'
  | 'STATE_CONFLICT'
  | 'CLUSTER_UNREACHABLE'
  | 'CLUSTER_FORBIDDEN'
  | 'CLUSTER_UNAUTHORIZED'
  | 'CLUSTER_NOT_FOUND'
  | 'CLUSTER_CONFLICT'
  | 'CLUSTER_REJECTED'
  | 'ROUTE_NOT_FOUND'
  | 'ROUTE_NOT_APPLIED'
  | 'ROUTE_DRIFTED'
  | 'DEPLOY_FAILED'
  | 'METRICS_UNAVAILABLE'
  | 'METRICS_REJECTED'
  | 'INTERNAL'

/** One thing wrong with what a person wrote; `line` and `column` count from 1 and are 0 when there is no file. */
export interface Problem {
  readonly path: string
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Why a release could not be driven: a code for programs, a message naming the object, a hint for the person. */
export class ReleaseError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly problems: readonly Problem[]

  constructor(
    code: ErrorCode,
    message: string,
    more: { readonly hint?: string; readonly cause?: unknown; readonly problems?: readonly Problem[] } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ReleaseError'
    this.code = code
    this.hint = more.hint ?? ''
    this.problems = more.problems ?? []
  }
}

/** The refusal of a driver that has been replaced: `by` holds the newer fence on the object. */
export function overtaken(object: string, by: string): ReleaseError {
  return new ReleaseError('STATE_CONFLICT', `${object} is driven by ${by} now`, {
    hint: 'this run no longer drives; look at that one',
  })
}

/** The refusal of a service that is being released with others. */
export function takingPart(object: string, release: string): ReleaseError {
  return new ReleaseError(
    'UNFINISHED_RELEASE',
    `${object} takes part in the release of ${release}, which has not ended`,
    {
      hint: `go on with ${release}, or bring its traffic back with abort, and then release this service alone`,
    },
  )
}

/** Any thrown value as a `ReleaseError`; what nobody foresaw becomes `INTERNAL` and says how to report it. */
export function toReleaseError(thrown: unknown): ReleaseError {
  if (thrown instanceof ReleaseError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ReleaseError('INTERNAL', `unexpected failure: ${message}`, {
    hint: 'this is a defect of gray-release: please report it with the debug log',
    cause: thrown,
  })
}

/** The same error with every secret replaced, for people. */
export function masked(thrown: unknown, mask: (text: string) => string): ReleaseError {
  const { code, message, hint, problems } = toReleaseError(thrown)
  return new ReleaseError(code, mask(message), { hint: mask(hint), problems, cause: thrown })
}
