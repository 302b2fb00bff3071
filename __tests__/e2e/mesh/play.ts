// Keeps a mesh up for a person: `npm run mesh`. A shell inside its network; leaving the shell ends everything.
import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mesh } from './up.ts'
import { up } from './up.ts'
import { Shop, SERVICE } from './shop.ts'
import type { Tools } from './tools.ts'

const NAMESPACE = 'happyride'
const RATE = 50
const HOURS = 8

/** kubectl, and a way to make the candidate misbehave, as commands of the shell. */
function commands(folder: string, tools: Tools): string {
  const script = (name: string, text: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  script('kubectl', `exec ${tools.kube} kubectl "$@"`)
  script('behave', `curl -sf -X PUT "http://127.0.0.1:15099/${NAMESPACE}%2F$1" -d "$2" && echo "$1 behaves as $2 says"`)
  const cli = fileURLToPath(new URL('../../../dist/lib/cli/main.js', import.meta.url))
  script('gray-release', `exec ${process.execPath} ${cli} "$@"`)
  return folder
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const tools = JSON.parse(process.env['GRAY_RELEASE_MESH_TOOLS'] ?? '{}') as Tools
say('starting kube-apiserver, istiod, Envoy and Prometheus …')
const mesh: Mesh = await up(tools)
const shop = await Shop.open(mesh, NAMESPACE, { running: { blue: '1.0.0' } })
const load = await shop.load(RATE, { atMost: RATE * 3600 * HOURS })
const programs = [commands(shop.folder, tools), dirname(tools.helm), dirname(tools.helmfile), dirname(process.execPath)]
say(`
${SERVICE} 1.0.0 runs in blue; ${RATE} requests a second go through Envoy. Prometheus: ${mesh.address.prometheusUrl}
Try:
  gray-release plan --config ${shop.configFile} --version 1.1.0
  gray-release release --config ${shop.configFile} --version 1.1.0
  behave green '{"errors":0.3}'     also delayMs, crash, neverReady, startMs, errorsForHeader, errorsAboveRps; {} is healthy
  gray-release rollback --config ${shop.configFile}
  kubectl get virtualservices,pods -n ${NAMESPACE}
  curl -s -o /dev/null -D - -H 'host: ${shop.host}' http://127.0.0.1/
Leave the shell to end it all.
`)
const env = {
  ...process.env,
  KUBECONFIG: mesh.kubeconfig('admin'),
  PATH: [...programs, process.env['PATH']].join(delimiter),
}
const shell = spawn(process.env['SHELL'] ?? 'sh', { stdio: 'inherit', env })
process.on('SIGINT', () => undefined)
await new Promise((resolve) => shell.on('exit', resolve))
await load.stop()
await mesh.down()
