import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { dump, load as parse } from 'js-yaml'
import type { Run } from '../mesh/product.ts'
import type { Shop } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const SUMMARY = '- if: always()\n        run: cat "$GITHUB_STEP_SUMMARY"'

/** A user's repository: the example's workflow and charts as they are, the Action of this checkout in place of org/gray-release. */
class Repository {
  private readonly folder: string
  private readonly shop: Shop

  constructor(shop: Shop) {
    this.shop = shop
    this.folder = join(shop.folder, 'repository')
    mkdirSync(join(this.folder, '.github/workflows'), { recursive: true })
    for (const path of ['action.yml', 'dist', 'examples', 'package.json']) {
      cpSync(join(ROOT, path), join(this.folder, path), { recursive: true })
    }
    const workflow = readFileSync(join(ROOT, 'examples/address-service/workflows/release.yml'), 'utf8')
    const own = workflow
      .replaceAll('org/gray-release@v1', './')
      // act does not know this key of GitHub's yet.
      .replace(/^ +queue: max\n/m, '')
      // What a person sees on the page of the run.
      .replace('  # A runner that is lost', `      ${SUMMARY}\n  # A runner that is lost`)
    writeFileSync(join(this.folder, '.github/workflows/release.yml'), own)
    const settings = parse(readFileSync(shop.configFile, 'utf8')) as { deploy: { helmfile: Record<string, unknown> } }
    settings.deploy.helmfile['file'] = 'examples/address-service/helmfile.yaml'
    writeFileSync(join(this.folder, 'examples/address-service/gray-release.yaml'), dump(settings))
    const git = (...args: readonly string[]): void => void spawnSync('git', args, { cwd: this.folder })
    git('init', '-q', '-b', 'main')
    git('add', '.')
    git('-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost', 'commit', '-qm', 'a repository')
    git('tag', 'v1.1.0')
  }

  dispatch(command: string): Run {
    const { tools } = this.shop.mesh.address
    // The namespace has no address that act would find for the servers it does not need here.
    const servers = ['--no-cache-server', '--cache-server-addr', '127.0.0.1', '--artifact-server-addr', '127.0.0.1']
    const self = ['-P', 'ubuntu-latest=-self-hosted', '--pull=false', '-W', '.github/workflows/release.yml']
    const event = join(this.shop.folder, 'event.json')
    writeFileSync(event, JSON.stringify({ ref: 'refs/tags/v1.1.0', inputs: { command } }))
    const args = [
      'workflow_dispatch',
      '--input',
      `command=${command}`,
      '-e',
      event,
      '-j',
      'release',
      ...servers,
      ...self,
    ]
    return this.shop.product.program(tools.act, args, this.folder)
  }
}

const APPROVAL = {
  stages: [
    { weight: 25, min: '6s', max: '60s', approval: true },
    { weight: 50, min: '6s', max: '60s', approval: true },
    { weight: 100, min: '6s', max: '60s' },
  ],
}

scenario(
  'the example’s workflow in act: release pauses, promote goes on, abort takes it back',
  { running: { blue: '1.0.0' }, settings: APPROVAL },
  async (shop) => {
    const load = await shop.load(200)
    const repository = new Repository(shop)
    const released = await repository.dispatch('release').ended
    expect(released.code, released.text).toBe(0)
    expect(released.text).toMatch(/outcome=paused/)
    // The summary of the job, printed by a step after it.
    expect(released.text).toMatch(/Dispatch `promote` to go on, `abort` to bring traffic back/)
    expect(await shop.weights()).toEqual({ blue: 75, green: 25 })
    const promoted = await repository.dispatch('promote').ended
    expect(promoted.code, promoted.text).toBe(0)
    expect(await shop.weights()).toEqual({ blue: 50, green: 50 })
    const aborted = await repository.dispatch('abort').ended
    expect(aborted.code, aborted.text).not.toBe(0)
    expect(aborted.text).toMatch(/outcome=reverted/)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)

scenario(
  'the example’s workflow in act: a release that is taken back fails the job',
  { running: { blue: '1.0.0' } },
  async (shop) => {
    const load = await shop.load(200)
    await shop.behave('green', { errors: 0.3 })
    const { code, text } = await new Repository(shop).dispatch('release').ended
    expect(code, text).not.toBe(0)
    expect(text).toMatch(/outcome=reverted/)
    expect(text).toMatch(/Job failed/)
    await load.stop()
    expect(load.all().failed.filter(({ colour }) => colour !== 'green')).toEqual([])
  },
)
