import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const TOP = [
  'errors.ts',
  'ports.ts',
  'ledger.ts',
  'drive.ts',
  'preflight.ts',
  'wire.ts',
  'release.ts',
  'control.ts',
  'command.ts',
]
const PROVIDERS = ['core/', 'ports.ts', 'errors.ts', 'node:']

/** Who may import whom: a path below src ends with /, a package is named, `node:` is the platform. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'core/': ['core/', 'errors.ts'],
  'errors.ts': [],
  'ports.ts': ['core/'],
  'report/': ['core/', 'echarts/'],
  'notifications/': PROVIDERS,
  'traffic/': PROVIDERS,
  'gates/': PROVIDERS,
  'deployers/': [...PROVIDERS, 'js-yaml'],
  'state/': PROVIDERS,
  'platform/': ['errors.ts', 'ports.ts', 'node:', '@kubernetes/client-node'],
  'sandbox/': ['node:'],
  'ledger.ts': ['core/', 'ports.ts', 'errors.ts'],
  'drive.ts': ['ledger.ts', 'steps.ts', 'core/', 'ports.ts', 'errors.ts', 'node:util'],
  'steps.ts': ['ledger.ts', 'core/', 'ports.ts', 'errors.ts'],
  'together/': ['together/', 'core/', 'ports.ts', 'errors.ts', 'wire.ts', 'deployers/', 'state/'],
  'waves/': ['waves/', 'state/', 'control.ts', 'release.ts', 'drive.ts', 'wire.ts', 'core/', 'ports.ts', 'errors.ts'],
  'preflight.ts': ['core/', 'ports.ts', 'errors.ts'],
  'wire.ts': [
    'drive.ts',
    'ledger.ts',
    'core/',
    'ports.ts',
    'errors.ts',
    'platform/chance.ts',
    'platform/platform.ts',
    'state/',
    'deployers/none.ts',
    'deployers/workloads.ts',
  ],
  'release.ts': ['ledger.ts', 'wire.ts', 'preflight.ts', 'drive.ts', 'core/', 'ports.ts', 'errors.ts'],
  'control.ts': ['ledger.ts', 'wire.ts', 'drive.ts', 'core/', 'ports.ts', 'errors.ts'],
  'command.ts': [
    'report/changes.ts',
    'release.ts',
    'control.ts',
    'wire.ts',
    'drive.ts',
    'core/',
    'errors.ts',
    'config/inputs.ts',
    'waves/command.ts',
  ],
  'config/': [
    'core/',
    'errors.ts',
    'ports.ts',
    'wire.ts',
    'together/',
    'waves/',
    'traffic/',
    'gates/',
    'deployers/',
    'notifications/',
    'node:fs',
    'js-yaml',
  ],
  'github/': ['core/', 'report/', 'ports.ts', 'command.ts', '@actions/core', '@actions/github'],
  'action/': [
    'command.ts',
    'control.ts',
    'config/',
    'errors.ts',
    'github/',
    'report/',
    'platform/platform.ts',
    'node:',
    '@actions/core',
  ],
  'cli/': [
    'command.ts',
    'release.ts',
    'control.ts',
    'wire.ts',
    'drive.ts',
    'core/',
    'config/',
    'report/',
    'errors.ts',
    'ports.ts',
    'platform/',
    'sandbox/',
    'node:',
    'js-yaml',
  ],
  'index.ts': [
    'core/',
    'report/',
    'notifications/',
    'together/',
    'waves/',
    'traffic/',
    'gates/',
    'deployers/',
    'state/',
    'platform/',
    ...TOP,
  ],
}

/** Inside these folders a file may import only its own folder beside what the table says. */
const OWN = [
  'core/',
  'report/',
  'notifications/',
  'traffic/',
  'gates/',
  'deployers/',
  'state/',
  'platform/',
  'sandbox/',
  'config/',
  'github/',
  'action/',
  'cli/',
]

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const homeOf = (file: string): string => (file.includes('/') ? `${dirname(file)}/` : file)

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join('src', file), 'utf8')
  const found = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name = '']) => name)
  return found.map((name) => (name.startsWith('.') ? relative('src', resolve('src', dirname(file), name)) : name))
}

describe.each(files)('%s', (file) => {
  const home = homeOf(file)
  it('imports only what its place allows', () => {
    const allowed = [...(MAY[home] ?? []), ...(OWN.includes(home) ? [home] : [])]
    const wrong = importsOf(file).filter(
      (name) =>
        !allowed.some((one) => name === one || ((one.endsWith('/') || one === 'node:') && name.startsWith(one))),
    )
    expect(wrong, `${home} may import ${allowed.join(', ')}`).toEqual([])
  })
})

it('the core is pure: no clock, no chance, nothing asynchronous', () => {
  for (const file of files.filter((name) => name.startsWith('core/'))) {
    expect(readFileSync(join('src', file), 'utf8'), file).not.toMatch(
      /Date\.now|Math\.random|\basync\b|\bawait\b|\bprocess\./,
    )
  }
})

it('only platform, action, cli, github and defaults of the wiring touch the process', () => {
  for (const file of files.filter((name) => !/^(platform|action|cli|github)\/|^wire\.ts/.test(name))) {
    expect(readFileSync(join('src', file), 'utf8'), file).not.toMatch(/\bprocess\./)
  }
})
