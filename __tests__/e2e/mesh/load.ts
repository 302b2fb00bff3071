import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** One answer, or the lack of one. */
export interface Answered {
  /** When it was sent and when it was answered, ms since 1970. */
  readonly sentAt: number
  readonly at: number
  /** Colour of the pod that answered; empty when none did. */
  readonly colour: string
  readonly version: string
  /** HTTP status; 0 for a connection that broke. */
  readonly status: number
  readonly error: string
}

export interface LoadOptions {
  readonly hostname: string
  readonly port: number
  /** The host that routes match. */
  readonly host: string
  /** Requests a second. */
  readonly rate: number
  readonly headers?: Readonly<Record<string, string>>
  /** The load stops by itself after so many requests. */
  readonly atMost?: number
}

/** How many answers a span of time held, by colour. */
export interface Tally {
  readonly total: number
  readonly byColour: Readonly<Record<string, number>>
  /** Answers with 5xx, and requests without any. */
  readonly failed: readonly Answered[]
}

const TICK_MS = 5

/**
 * Open-loop load: requests leave at a fixed rate whether or not earlier ones were answered, as those of real users do.
 * Each answer is kept.
 */
export class Load {
  readonly answers: Answered[] = []
  private readonly options: LoadOptions
  private readonly agent = new Agent({ keepAlive: true })
  private sent = 0
  private open = 0
  private timer: NodeJS.Timeout | null = null

  constructor(options: LoadOptions) {
    this.options = options
  }

  start(): this {
    const begun = Date.now()
    const { rate, atMost = 60_000 } = this.options
    this.timer = setInterval(() => {
      const due = Math.min(atMost, Math.floor(((Date.now() - begun) / 1000) * rate))
      while (this.sent < due) this.send()
      if (this.sent >= atMost) this.halt()
    }, TICK_MS)
    return this
  }

  private halt(): void {
    if (this.timer !== null) clearInterval(this.timer)
    this.timer = null
  }

  private send(): void {
    this.sent += 1
    this.open += 1
    const sentAt = Date.now()
    const { hostname, port, host, headers = {} } = this.options
    const end = (colour: string, version: string, status: number, error: string): void => {
      this.open -= 1
      this.answers.push({ sentAt, at: Date.now(), colour, version, status, error })
    }
    const sent = request({ hostname, port, agent: this.agent, headers: { ...headers, host } }, (answer) => {
      answer.resume()
      const of = (name: string): string => String(answer.headers[name] ?? '')
      answer.on('end', () => end(of('x-colour'), of('x-version'), answer.statusCode ?? 0, ''))
      answer.on('error', (error) => end('', '', 0, error.message))
    })
    sent.on('error', (error) => end('', '', 0, error.message))
    sent.end()
  }

  /** One request and its answer. */
  async once(): Promise<Answered> {
    this.send()
    await this.stop()
    const [answer] = this.answers
    if (answer === undefined) throw new Error(`${this.options.host} did not answer`)
    return answer
  }

  /** Sends no more and waits for the answers that are still out. */
  async stop(): Promise<void> {
    this.halt()
    const patience = Date.now() + 15_000
    while (this.open > 0 && Date.now() < patience) await sleep(10)
    this.agent.destroy()
  }

  /** What was sent in a span of time. */
  between(from: number, to: number): Tally {
    const inside = this.answers.filter(({ sentAt }) => sentAt >= from && sentAt < to)
    const byColour: Record<string, number> = {}
    for (const { colour } of inside) byColour[colour] = (byColour[colour] ?? 0) + 1
    return { total: inside.length, byColour, failed: inside.filter(({ status }) => status === 0 || status >= 500) }
  }

  all(): Tally {
    return this.between(0, Number.POSITIVE_INFINITY)
  }

  /** When the colour answered last; 0 for never. */
  lastOf(colour: string): number {
    return this.answers.reduce((last, answer) => (answer.colour === colour ? Math.max(last, answer.at) : last), 0)
  }
}
