// Runs a command on the real mesh: gets the tools, then starts the command in a network and process namespace of its
// own. When the command ends, or is ended, everything that it started ends with it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getTools } from './mesh/tools.ts'

const command = process.argv.slice(2)
if (command.length === 0) throw new Error('usage: run.ts COMMAND [ARGUMENTS], for example run.ts vitest run')

const tools = getTools()
const isRoot = process.getuid?.() === 0
const network = [
  'ip link set lo up',
  'ip route add local 10.44.0.0/16 dev lo',
  'ip route add local 10.45.0.0/16 dev lo',
  'exec "$@"',
].join(' && ')
const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', ...(isRoot ? [] : ['--map-root-user'])]
// Whatever is left over when the processes are ended in mid-work is in here.
const folder = mkdtempSync(join(tmpdir(), 'gray-release-e2e-'))
const child = spawn('unshare', [...namespaces, '--', 'sh', '-c', network, 'sh', ...command], {
  stdio: 'inherit',
  env: { ...process.env, GRAY_RELEASE_MESH_TOOLS: JSON.stringify(tools), TMPDIR: folder },
})
// The terminal sends SIGINT to the child by itself; it says when it is done.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // unshare itself ignores SIGTERM; when it dies, so does everything in its namespaces.
    if (signal === 'SIGTERM') child.kill('SIGKILL')
  })
}
child.on('error', (error) => {
  process.stderr.write(`unshare could not be started: ${error.message}\n`)
  process.exitCode = 1
})
child.on('exit', (code) => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  if (code !== 0 && !isRoot) {
    process.stderr.write(
      'If a namespace was refused: allow it (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or run as root.\n',
    )
  }
  process.exitCode = code ?? 1
})
