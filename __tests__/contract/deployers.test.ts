import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandDeployer } from '../../src/deployers/command.ts'
import { helm } from '../../src/deployers/helm.ts'
import { helmfile } from '../../src/deployers/helmfile.ts'
import { manifests } from '../../src/deployers/manifests.ts'
import { masker } from '../../src/platform/platform.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { systemShell } from '../../src/platform/shell.ts'
import type { Deployer, Deployment, Platform } from '../../src/ports.ts'
import { NAMESPACE, World } from '../helpers/world.ts'

const SECRET = 'hunter2hunter2'
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: 'shop-{colour}' }
spec:
  selector: { matchLabels: { app: shop, colour: '{colour}' } }
  template:
    metadata: { labels: { app: shop, colour: '{colour}' } }
    spec: { containers: [{ name: app, image: 'shop:{version}' }] }
---
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80 }] }
`

let folder = ''
let world: World
const said: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deployers-'))
  world = await new World().open([])
})
afterAll(() => {
  world.close()
  rmSync(folder, { recursive: true })
})

/** A program in the place of a real one; what it deploys is a file named by the colour. */
function program(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\ncd ${folder}\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const platform = (): Platform => ({
  ...world.platform(),
  shell: systemShell,
  clock: systemClock(),
  say: (line) => void said.push(line),
  mask: masker([SECRET]),
  env: { PATH: process.env['PATH'], INPUT_TOKEN: 'x', DB_PASSWORD: SECRET },
})

/** One deployer: how it is made to work and to fail, and how to see what it did. */
interface Kind {
  readonly name: string
  readonly make: (mode: 'works' | 'fails' | 'hangs') => Deployer
  readonly version: (colour: string) => string | null
}

const common = { service: 'shop', namespace: NAMESPACE }
const ofFile = (prefix: string) => (colour: string) => {
  const path = join(folder, `${prefix}-${colour}`)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}
const FAIL = `echo "connecting with $DB_PASSWORD" >&2; echo 'the chart has no name' >&2; exit 1`
const HANG = 'sleep 30'
const scripts = (works: string) => ({ works, fails: FAIL, hangs: HANG })

const KINDS: readonly Kind[] = [
  {
    name: 'helmfile',
    make: (mode) => {
      writeFileSync(join(folder, 'helmfile.yaml'), 'releases: []\n')
      const script = scripts(
        `case "$*" in *destroy*) rm -f helmfile-$DEPLOYMENT_TYPE;; *) echo $V > helmfile-$DEPLOYMENT_TYPE;; esac`,
      )
      const binary = program(`helmfile-${mode}`, script[mode])
      const file = join(folder, 'helmfile.yaml')
      return helmfile({ ...common, file, binary, env: { V: '{version}' }, timeoutMs: 500 })(platform())
    },
    version: ofFile('helmfile'),
  },
  {
    name: 'helm',
    make: (mode) => {
      const script = scripts(
        `case "$1" in uninstall) rm -f helm-\${2#shop-};; upgrade) echo "$*" | sed 's/.*tag=\\([^ ]*\\).*/\\1/' > helm-\${3#shop-};; esac`,
      )
      const binary = program(`helm-${mode}`, script[mode])
      const set = { 'image.tag': '{version}' }
      return helm({ ...common, chart: 'charts/shop', binary, set, timeoutMs: 500 })(platform())
    },
    version: ofFile('helm'),
  },
  {
    name: 'command',
    make: (mode) => {
      const script = scripts(`if [ "$1" = gone ]; then rm -f own-$COLOUR; else echo $VERSION > own-$COLOUR; fi`)
      const own = program(`own-${mode}.sh`, script[mode])
      const words = { deploy: [own, '{colour}', '{version}'], retire: [own, 'gone'] }
      return commandDeployer({ ...common, ...words, timeoutMs: 500 })(platform())
    },
    version: ofFile('own'),
  },
  {
    name: 'manifests',
    make: (mode) => {
      const path = join(folder, `${mode}.yaml`)
      writeFileSync(path, mode === 'fails' ? 'kind: [' : DEPLOYMENT)
      const colours = ['blue', 'green'] as const
      return manifests({ ...common, colours, paths: [path] })(platform())
    },
    version: (colour) => {
      const spec = world.api.find('Deployment', NAMESPACE, `shop-${colour}`)?.spec
      return /shop:([^"]+)/.exec(JSON.stringify(spec ?? {}))?.[1] ?? null
    },
  },
]

const to = (colour: string, version: string): Deployment => ({ track: 'candidate', colour, version })
const never = new AbortController().signal

describe.each(KINDS)('the deployer $name', ({ name, make, version }) => {
  it('puts the version onto its colour, and onto no other', async () => {
    await make('works').deploy(to('blue', '1.0'), never)
    await make('works').deploy(to('green', '1.1'), never)
    expect([version('blue'), version('green')]).toEqual(['1.0', '1.1'])
    await make('works').deploy(to('green', '1.1'), never)
    await make('works').deploy(to('green', '1.2'), never)
    expect([version('blue'), version('green')]).toEqual(['1.0', '1.2'])
  })

  it('takes away its colour, and no other, also when it is gone already', async () => {
    await make('works').deploy(to('blue', '1.0'), never)
    await make('works').deploy(to('green', '1.1'), never)
    for (let again = 0; again < 2; again += 1) await make('works').retire(to('green', '1.1'), never)
    expect([version('blue'), version('green')]).toEqual(['1.0', null])
    // What both colours share stays.
    if (name === 'manifests') expect(world.api.find('Service', NAMESPACE, 'shop')).toBeDefined()
  })

  it('says why it failed, without secrets', async () => {
    said.length = 0
    const failing = make('fails').deploy(to('green', '9.9'), never)
    await expect(failing).rejects.toMatchObject({ code: 'DEPLOY_FAILED' })
    const { message } = (await failing.catch((thrown: unknown) => thrown)) as Error
    if (name !== 'manifests') expect(message).toMatch(/ended with code 1\n[^]*the chart has no name/)
    expect(message + said.join('\n')).not.toContain(SECRET)
    expect(version('green')).not.toBe('9.9')
  })

  it.skipIf(name === 'manifests')('ends what does not end, and what is stopped', async () => {
    await expect(make('hangs').deploy(to('green', '9.9'), never)).rejects.toMatchObject({
      message: expect.stringContaining('did not end within 500ms') as string,
    })
    const stop = new AbortController()
    setTimeout(() => {
      stop.abort()
    }, 100)
    await expect(make('hangs').deploy(to('green', '9.9'), stop.signal)).rejects.toMatchObject({
      message: expect.stringContaining('was stopped') as string,
    })
  })
})

describe('what would deploy to the live colour is refused before', () => {
  it('by helm, for a release without the colour', async () => {
    const found = await helm({ ...common, chart: 'c', release: 'shop' })(platform()).check?.()
    expect(found?.map(({ level, message }) => [level, message])).toEqual([
      ['refuse', 'the helm release "shop" does not contain {colour}'],
    ])
  })

  it('by manifests, for a Deployment that both colours have', async () => {
    const path = join(folder, 'same.yaml')
    writeFileSync(path, DEPLOYMENT.replace("'shop-{colour}'", 'shop'))
    const check = manifests({ ...common, colours: ['blue', 'green'], paths: [path] })(platform()).check?.()
    expect((await check)?.map(({ message }) => message)).toEqual(['Deployment shop is the same for both colours'])
  })

  it.each([
    ['VirtualService', 'networking.istio.io/v1', 'VirtualService shop shares the requests'],
    ['Namespace', 'v1', 'the cluster has no Namespace'],
  ])('by manifests, for a %s', async (kind, apiVersion, message) => {
    const path = join(folder, `${kind}.yaml`)
    writeFileSync(path, `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: shop }\n`)
    const deployer = manifests({ ...common, colours: ['blue', 'green'], paths: [path] })(platform())
    await expect(deployer.deploy(to('green', '1'), never)).rejects.toMatchObject({
      message: expect.stringContaining(message) as string,
    })
  })

  it('by manifests, for an object of another namespace, and for what is no manifest', async () => {
    for (const [text, message] of [
      ['apiVersion: v1\nkind: Service\nmetadata: { name: shop, namespace: other }\n', 'is for namespace other'],
      ['just: words\n', 'has no apiVersion, kind or name'],
    ] as const) {
      const path = join(folder, 'wrong.yaml')
      writeFileSync(path, text)
      const deployer = manifests({ ...common, colours: ['blue', 'green'], paths: [path] })(platform())
      await expect(deployer.deploy(to('green', '1'), never)).rejects.toMatchObject({
        message: expect.stringContaining(message) as string,
      })
    }
  })

  it('a folder of kustomize is built first', async () => {
    const kustomize = program('kustomize', `cat ${join(folder, 'works.yaml')}`)
    const base = mkdtempSync(join(folder, 'base-'))
    writeFileSync(join(base, 'kustomization.yaml'), '')
    const options = { ...common, colours: ['blue', 'green'] as const, paths: [base], kustomize: [kustomize] }
    await manifests(options)(platform()).deploy(to('green', '3.0'), never)
    expect(JSON.stringify(world.api.find('Deployment', NAMESPACE, 'shop-green')?.spec)).toContain('shop:3.0')
  })
})
