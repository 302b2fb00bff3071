import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const reports = mkdtempSync(join(tmpdir(), 'demo-report-'))
const report = join(reports, 'report.html')
afterAll(() => {
  rmSync(reports, { recursive: true })
})

function demo(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['dist/lib/cli/main.js', 'demo', '--report', report, ...args])
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('close', (code) => {
      done({ code, output })
    })
  })
}

it('ends promoted without a fault', async () => {
  const { code, output } = await demo('--speed', '20', '--rps', '30')
  expect(output).toContain('promoted: every stage passed')
  expect(output).toContain('byte-identical to before')
  expect(code).toBe(0)
}, 60_000)

it.each(['errors', 'latency', 'crash'])(
  'ends reverted in the second stage when the fault is %s',
  async (fault) => {
    const { code, output } = await demo('--fault', fault, '--speed', '20', '--rps', '30')
    expect(output).toMatch(/reverted: stage 25%/)
    expect(output).toContain('blue 100 / green 0; the rest of the VirtualService is byte-identical to before')
    expect(code).toBe(1)
    expect(readFileSync(report, 'utf8')).toContain('<span class="outcome reverted">reverted</span>')
  },
  60_000,
)

it('runs the example of the header routing with its own files', async () => {
  const { code, output } = await demo(
    '--config',
    'examples/address-service/header-routing/gray-release.yaml',
    '--fault',
    'errors',
  )
  expect(output).toContain('weights now: latest: green all; current: blue 100 / green 0')
  expect(code).toBe(1)
}, 60_000)

it('refuses a fault it does not know', async () => {
  const { code, output } = await demo('--fault', 'fire')
  expect(output).toContain('--fault fire is none of none, errors')
  expect(code).toBe(3)
})

it('says which checks of a configuration it leaves out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-'))
  const config = join(folder, 'gray-release.yaml')
  const stages = '[{ weight: 50, min: 10s, checks: smoke }, { weight: 100, min: 10s }]'
  writeFileSync(
    config,
    `service: shop\nnamespace: demo\nstages: ${stages}\ngates: { checks: { smoke: { command: [ls] } } }\n`,
  )
  const { code, output } = await demo('--config', config, '--speed', '20', '--rps', '30')
  rmSync(folder, { recursive: true })
  expect(output).toContain('left out, because commands cannot reach the sandbox: smoke')
  expect(code).toBe(0)
}, 60_000)
