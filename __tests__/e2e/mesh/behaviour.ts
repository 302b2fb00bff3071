/** How the pods of one colour behave; switchable while they run. */
export interface Behaviour {
  /** Share of answers that are 500, 0 to 1. */
  readonly errors?: number
  /** The errors come only above this many requests a second over all pods of the colour, as of an overload. */
  readonly errorsAboveRps?: number
  /** The errors come only for requests with this header, `name: value`. */
  readonly errorsForHeader?: string
  /** Milliseconds added to each answer. */
  readonly delayMs?: number
  /** Milliseconds from the start of the pod until it is ready. */
  readonly startMs?: number
  /** The pod runs and never becomes ready. */
  readonly neverReady?: boolean
  /** The process dies and does not come back: connections are refused, the kubelet says CrashLoopBackOff. */
  readonly crash?: boolean
}

/** Which pods: a namespace and a value of their label for the colour. */
export const behaviourKey = (namespace: string, colour: string): string => `${namespace}/${colour}`

/** The one node that all pods are on. */
export const NODE = 'rig'
