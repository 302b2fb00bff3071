import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { chance } from '../../src/platform/chance.ts'
import { helmfile, type HelmfileOptions } from '../../src/deployers/helmfile.ts'
import { masker } from '../../src/platform/platform.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { systemShell } from '../../src/platform/shell.ts'
import type { Platform } from '../../src/ports.ts'

let folder = ''
const said: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'helmfile-'))
  writeFileSync(join(folder, 'helmfile.yaml'), 'releases: []\n')
  said.length = 0
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A program in helmfile's place that does what the script says. */
function binary(script: string): string {
  const path = join(folder, 'helmfile')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const platform = (): Platform => ({
  cluster: undefined as never,
  ...chance,
  fetch: globalThis.fetch,
  shell: systemShell,
  clock: systemClock(),
  say: (line) => void said.push(line),
  mask: masker(['hunter2hunter2']),
  env: {
    PATH: process.env['PATH'],
    KUBECONFIG: 'relative/config',
    'INPUT_PROMETHEUS-TOKEN': 'x',
    DB_PASSWORD: 'hunter2hunter2',
  },
})

const deploy = (script: string, more: Partial<HelmfileOptions> = {}, signal = new AbortController().signal) =>
  helmfile({
    service: 'address-service',
    namespace: 'happyride',
    file: join(folder, 'helmfile.yaml'),
    env: { ADDRESS_SERVICE_VERSION: '{version}' },
    binary: binary(script),
    ...more,
  })(platform()).deploy({ track: 'candidate', colour: 'green', version: '1.1.0' }, signal)

it('is called for the colour, with its variables, in its folder', async () => {
  await deploy(`env > env.txt; echo "$@" > args.txt`, { environment: 'production' })
  const env = readFileSync(join(folder, 'env.txt'), 'utf8').split('\n')
  expect(env).toContain('DEPLOYMENT_TYPE=green')
  expect(env).toContain('ADDRESS_SERVICE_VERSION=1.1.0')
  expect(env).toContain('NAMESPACE=happyride')
  expect(env).toContain('HELMFILE_RENDER_YAML=true')
  expect(env).toContain(`KUBECONFIG=${process.cwd()}/relative/config`)
  expect(env.join()).not.toContain('INPUT_')
  const args = readFileSync(join(folder, 'args.txt'), 'utf8').trim()
  expect(args).toBe(
    `-f ${folder}/helmfile.yaml -e production -l name=address-service-green sync --skip-deps --sync-args=--create-namespace=false`,
  )
})

it('says what helm said, not what helmfile makes of it', async () => {
  const failing = deploy(
    `printf '\\033[1m= Failed Releases =\\033[0m\\nARGS:\\n  0: helm\\nSTDERR:\\n  Error: chart has no name\\nCOMBINED OUTPUT:\\n  Upgrading\\n'; exit 1`,
  )
  await expect(failing).rejects.toMatchObject({
    message: 'helmfile ended with code 1\n  Error: chart has no name',
  })
  expect(said).toContain('= Failed Releases =')
})

it('leaves the namespace to arguments of one’s own', async () => {
  await deploy('echo "$@" > args.txt', { args: ['--sync-args=--atomic'] })
  expect(readFileSync(join(folder, 'args.txt'), 'utf8')).not.toContain('create-namespace')
})

it('updates dependencies when it is told to', async () => {
  await deploy('echo "$@" > args.txt', { skipDeps: false })
  expect(readFileSync(join(folder, 'args.txt'), 'utf8')).not.toContain('--skip-deps')
})

it('is heard while it runs, and its last lines are in the error, without secrets', async () => {
  const failing = deploy('echo "one"; echo "password is hunter2hunter2" >&2; exit 1')
  await expect(failing).rejects.toMatchObject({
    code: 'DEPLOY_FAILED',
    message: expect.stringMatching(/ended with code 1[^]*password is \*\*\*/) as string,
  })
  expect(said.join('\n')).toContain('one')
  expect(said.join('\n')).not.toContain('hunter2')
})

it('that matches no release says which selector', async () => {
  await expect(deploy('exit 3')).rejects.toMatchObject({
    hint: expect.stringContaining('name=address-service-green') as string,
  })
})

it('that is not installed says so', async () => {
  await expect(deploy('', { binary: 'no-such-helmfile' })).rejects.toMatchObject({
    message: expect.stringContaining('could not be started') as string,
  })
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

it('that does not end in time is ended together with its children', async () => {
  const script = 'sleep 60 & echo $! > child.txt; wait'
  await expect(deploy(script, { timeoutMs: 300 })).rejects.toMatchObject({
    message: expect.stringContaining('within 300ms') as string,
  })
  expect(isAlive(Number(readFileSync(join(folder, 'child.txt'), 'utf8')))).toBe(false)
})

it('is ended in order when the run is cancelled', async () => {
  const stop = new AbortController()
  setTimeout(() => {
    stop.abort()
  }, 200)
  const script = 'trap "echo marked as failed > mark.txt; exit 1" TERM; sleep 60 & wait'
  await expect(deploy(script, {}, stop.signal)).rejects.toMatchObject({
    message: expect.stringContaining('was stopped') as string,
  })
  expect(readFileSync(join(folder, 'mark.txt'), 'utf8')).toContain('marked as failed')
})

it('finds a missing file and a selector that would deploy both colours', async () => {
  const findings = await helmfile({ service: 'a', namespace: 'b', file: 'nowhere.yaml', selector: 'tier=web' })(
    platform(),
  ).check?.()
  expect(findings?.map((one) => one.message)).toEqual([
    'there is no file nowhere.yaml',
    'the helmfile selector "tier=web" does not contain {colour}',
  ])
})
