import { toDuration } from '../core/duration.ts'
import type { Connect, Gate, GateWindow } from '../ports.ts'
import type { Measurement } from '../core/verdict.ts'
import { unanswered } from './prometheus-api.ts'

/** A smoke test: a program whose exit code is the verdict. */
export interface CommandOptions {
  /** Program and arguments; never run by a shell. */
  readonly command: readonly string[]
  readonly timeoutMs?: number
  readonly cwd?: string
}

/** Runs a program once per stage; 0 passes. It finds the colour, version and weight in `GRAY_RELEASE_…` variables. */
export function command(options: CommandOptions): Connect<Gate> {
  return (platform) => {
    // A smoke test that passed for this bake is not run again at every look.
    let passed: { readonly from: number; readonly answer: Omit<Measurement, 'gate'> } | null = null
    const shown = options.command.join(' ')
    const timeoutMs = options.timeoutMs ?? 60_000
    return {
      async measure(window: GateWindow, signal: AbortSignal) {
        if (passed?.from === window.from) return passed.answer
        try {
          const inherited = Object.entries(platform.env).flatMap(([name, value]) =>
            value === undefined || name.startsWith('INPUT_') ? [] : [[name, value] as const],
          )
          const result = await platform.shell.run(options.command, {
            cwd: options.cwd ?? '.',
            env: {
              ...Object.fromEntries(inherited),
              GRAY_RELEASE_SERVICE: window.release.service,
              GRAY_RELEASE_COLOUR: window.release.candidate,
              GRAY_RELEASE_VERSION: window.release.version,
              GRAY_RELEASE_WEIGHT: String(window.weight),
            },
            timeoutMs,
            signal,
            onLine: (line) => {
              platform.say(platform.mask(line))
            },
          })
          const last = platform.mask(result.lastLines.slice(-3).join(' | '))
          const said = last === '' ? '' : `: ${last}`
          const answer = { value: result.code, limit: 0, baseline: null, query: shown }
          if (result.timedOut) {
            return { ...answer, verdict: 'fail' as const, reason: `did not end within ${toDuration(timeoutMs)}${said}` }
          }
          const verdict = result.code === 0 ? ('pass' as const) : ('fail' as const)
          const full = { ...answer, verdict, reason: `ended with code ${result.code ?? 'none (killed)'}${said}` }
          if (verdict === 'pass') passed = { from: window.from, answer: full }
          return full
        } catch (thrown) {
          return unanswered(thrown, shown)
        }
      },
    }
  }
}
