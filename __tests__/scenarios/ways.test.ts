import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder = ''
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ways-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The demo as a process of its own: the product's settings, gates and routers on the sandbox's real HTTP traffic. */
function demo(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  count += 1
  const report = join(folder, `${count}.html`)
  const words = ['src/cli/main.ts', 'demo', '--report', report, ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, words, { timeout: 110_000 }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout })
    })
  })
}

const HEALTHY = [
  ['gateway-api', 'canary', /weights now: blue 0 \/ green 100; the rest of the HTTPRoute is byte-identical to before/],
  ['ingress-nginx', 'canary', /canary: retired[^]*weights now: stable 100 \/ canary 0; .* byte-identical to before/],
  ['replicas', 'canary', /canary 50 [^]*canary: retired[^]*weights now: stable 100 \/ canary 0/],
  ['istio', 'blue-green', /weights now: default: blue 0 \/ green 100/],
  ['istio', 'red-black', /removes shop-blue[^]*weights now: default: blue 0 \/ green 100/],
  [
    'istio',
    'ab-test',
    /green for header x-beta=yes[^]*goal pass: better[^]*weights now: default: blue 0 \/ green 100; .* byte-ident/,
  ],
  ['gateway-api', 'mirror', /copies of 100 % to green[^]*green for header x-beta=yes[^]*byte-identical to before/],
] as const

describe('a healthy release', () => {
  it.concurrent.each(HEALTHY)(
    'with %s and %s goes through, and no request is lost',
    { timeout: 120_000 },
    async (...way) => {
      const [router, strategy, wanted] = way
      const { code, text } = await demo('--router', router, '--strategy', strategy, '--speed', '40')
      expect(code, text.slice(-2000)).toBe(0)
      expect(text).toMatch(wanted)
      expect(text).not.toMatch(/unknown 503|50[234]: \d/)
    },
  )
})

describe('a worse candidate', () => {
  it.concurrent.each(['gateway-api', 'ingress-nginx', 'replicas'])(
    'with %s is taken back',
    { timeout: 120_000 },
    async (router) => {
      const { code, text } = await demo('--router', router, '--fault', 'errors', '--at', '10', '--speed', '40')
      expect([code, text.slice(-1500)]).toEqual([
        1,
        expect.stringMatching(/reverted: stage .*: evidence: errors/) as string,
      ])
      expect(text).toMatch(/weights now: \w+ 100 \/ \w+ 0; the rest of the \w+ is byte-identical to before/)
    },
  )

  it.concurrent('is found by mirrored requests before any user sees it', { timeout: 120_000 }, async () => {
    const { code, text } = await demo('--strategy', 'mirror', '--fault', 'errors', '--at', '0', '--speed', '40')
    expect(code, text.slice(-2000)).toBe(1)
    expect(text).toMatch(/reverted: stage mirror 100%/)
    expect(text).not.toMatch(/shop-green 500/)
  })
})
