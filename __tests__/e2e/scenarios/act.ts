import { readFileSync, writeFileSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { dump, load as parse } from 'js-yaml'
import type { Run } from '../mesh/product.ts'
import type { Shop } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
interface Step {
  readonly uses?: string
  readonly if?: string
  readonly with?: { readonly path?: string }
}

interface Workflow {
  readonly concurrency?: { queue?: string }
  readonly jobs: Readonly<Record<string, { concurrency?: { queue?: string }; uses?: string; steps?: unknown[] }>>
}

/** What a person sees on the page of the run, in the log. */
const SHOW_SUMMARY = { if: 'always()', run: 'cat "$GITHUB_STEP_SUMMARY"' }

/** A step as act can run it without a network: nothing of another maker is fetched. */
function stepOf(step: Step): unknown {
  if (step.uses === 'org/gray-release@v1') return { ...step, uses: './' }
  if (step.uses?.startsWith('actions/upload-artifact@') !== true) return step
  return { if: step.if ?? 'success()', run: `wc -c ${(step.with?.path ?? '').trim().replaceAll(/\s*\n\s*/g, ' ')}` }
}

/** A workflow of ours as a user's: the Action of this checkout in place of org/gray-release. */
function adapted(path: string): string {
  const workflow = parse(readFileSync(join(ROOT, path), 'utf8')) as Workflow
  // act does not know this key of GitHub's yet.
  delete workflow.concurrency?.queue
  for (const job of Object.values(workflow.jobs)) {
    delete job.concurrency?.queue
    if (job.uses !== undefined) job.uses = job.uses.replace(/^org\/gray-release\/(.*)@v1$/, './$1')
    if (job.steps !== undefined) job.steps = [...job.steps.map((step) => stepOf(step as Step)), SHOW_SUMMARY]
  }
  return dump(workflow)
}

const EXAMPLES = ['release', 'plan', 'sweep', 'call'].map((name) => `examples/address-service/workflows/${name}.yml`)

const run = promisify(execFile)

/** A user's repository with the example's workflows and charts. */
class Repository {
  private readonly folder: string
  private readonly shop: Shop
  private runs = 0

  private constructor(shop: Shop) {
    this.shop = shop
    this.folder = join(shop.folder, 'repository')
  }

  /** Nothing here may block: the load of all scenarios comes from this process, and would follow in one burst. */
  static async make(shop: Shop): Promise<Repository> {
    const made = new Repository(shop)
    const { folder } = made
    await mkdir(join(folder, '.github/workflows'), { recursive: true })
    for (const path of ['action.yml', 'dist', 'examples', 'package.json']) {
      await cp(join(ROOT, path), join(folder, path), { recursive: true })
    }
    for (const path of [...EXAMPLES, '.github/workflows/service.yml']) {
      await writeFile(join(folder, '.github/workflows', basename(path)), adapted(path))
    }
    const settings = parse(readFileSync(shop.configFile, 'utf8')) as { deploy: { helmfile: Record<string, unknown> } }
    settings.deploy.helmfile['file'] = 'examples/address-service/helmfile.yaml'
    await writeFile(join(folder, 'examples/address-service/gray-release.yaml'), dump(settings))
    const git = (...args: readonly string[]): Promise<unknown> => run('git', [...args], { cwd: folder })
    await git('init', '-q', '-b', 'main')
    await git('add', '.')
    await git('-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost', 'commit', '-qm', 'a repository')
    await git('tag', 'v1.1.0')
    return made
  }

  /** Runs a workflow as its event does. */
  run(workflow: string, event: string, payload: object, ...more: readonly string[]): Run {
    const { tools } = this.shop.mesh.address
    // The namespace has no address that act would find for the servers it does not need here.
    const servers = ['--no-cache-server', '--cache-server-addr', '127.0.0.1', '--artifact-server-addr', '127.0.0.1']
    const self = ['-P', 'ubuntu-latest=-self-hosted', '--pull=false', '-W', `.github/workflows/${workflow}.yml`]
    const file = join(this.shop.folder, `event-${(this.runs += 1)}.json`)
    writeFileSync(file, JSON.stringify(payload))
    return this.shop.product.program(tools.act, [event, '-e', file, ...more, ...servers, ...self], this.folder)
  }

  /** The button "Run workflow". */
  dispatch(command: string, to = '', workflow = 'release', job = 'release'): Run {
    const inputs = { command, to }
    const given = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`])
    return this.run(workflow, 'workflow_dispatch', { ref: 'refs/tags/v1.1.0', inputs }, ...given, '-j', job)
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
    const repository = await Repository.make(shop)
    const released = await repository.dispatch('release').ended
    expect(released.code, endFirst(released.text)).toBe(0)
    expect(released.text).toMatch(/outcome=paused/)
    // The summary of the job, printed by a step after it.
    expect(released.text).toMatch(/Dispatch `promote` to go on, `abort` to bring traffic back/)
    expect(await shop.weights()).toEqual({ blue: 75, green: 25 })
    const promoted = await repository.dispatch('promote').ended
    expect(promoted.code, endFirst(promoted.text)).toBe(0)
    expect(await shop.weights()).toEqual({ blue: 50, green: 50 })
    const aborted = await repository.dispatch('abort').ended
    expect(aborted.code, endFirst(aborted.text)).not.toBe(0)
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
    const { code, text } = await (await Repository.make(shop)).dispatch('release').ended
    expect(code, endFirst(text)).not.toBe(0)
    expect(text).toMatch(/outcome=reverted/)
    expect(text).toMatch(/Job failed/)
    await load.stop()
    expect(load.all().failed.filter(({ colour }) => colour !== 'green')).toEqual([])
  },
)

const THREE = { stages: [25, 50, 100].map((weight) => ({ weight, min: '8s', max: '60s' })) }

scenario(
  'the example’s workflow in act: pause stops a release that runs, promote jumps, rollback brings the old version back',
  { running: { blue: '1.0.0' }, settings: THREE },
  async (shop) => {
    const load = await shop.load(200)
    const repository = await Repository.make(shop)
    const release = repository.dispatch('release')
    await release.line(/read back: .*green 25 /)
    const asked = await repository.dispatch('pause').ended
    expect(asked.code, endFirst(asked.text)).toBe(0)
    const paused = await release.ended
    expect(paused.code, endFirst(paused.text)).toBe(0)
    expect(paused.text).toMatch(/outcome=paused/)
    expect(await shop.weights()).toEqual({ blue: 75, green: 25 })
    const status = await repository.dispatch('status').ended
    expect(status.text).toMatch(/address-service v1\.1\.0: paused/)
    const promoted = await repository.dispatch('promote', '100').ended
    expect(promoted.code, endFirst(promoted.text)).toBe(0)
    expect(promoted.text).not.toMatch(/read back: .*green 50 /)
    expect(await shop.weights()).toEqual({ blue: 0, green: 100 })
    const back = await repository.dispatch('rollback').ended
    expect(back.code, endFirst(back.text)).toBe(0)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)

scenario(
  'the example’s workflow in act: abort ends a release that runs, within an interval and two seconds',
  { running: { blue: '1.0.0' }, settings: THREE },
  async (shop) => {
    const load = await shop.load(200)
    const repository = await Repository.make(shop)
    const release = shop.release('1.1.0')
    await release.line(/read back: .*green 25 /)
    const abort = repository.dispatch('abort')
    const back = await abort.line(/read back: .*green 0 /)
    const { code, text, endedAt } = await release.ended
    // The interval between two looks is a second in these tests.
    expect(endedAt - back.at).toBeLessThanOrEqual(1000 + 2000)
    expect(code, endFirst(text)).toBe(1)
    expect(text).toMatch(/^reverted: aborted by /m)
    expect((await abort.ended).text).toMatch(/outcome=reverted/)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)

const PULL_REQUEST = { pull_request: { head: { sha: '0123456789abcdef', ref: 'topic' } } }

scenario('the example’s plan in act: says what would go out', { running: { blue: '1.0.0' } }, async (shop) => {
  const { code, text } = await (await Repository.make(shop)).run('plan', 'pull_request', PULL_REQUEST).ended
  expect(code, endFirst(text)).toBe(0)
  expect(text).toMatch(/deploys green; blue is stable and is never deployed to/)
  expect(text).toMatch(/outcome=ready/)
})

scenario(
  'the example’s plan in act: fails the job when a release would be refused',
  { running: { blue: '1.0.0' }, settings: { 'deployment-type': 'blue' } },
  async (shop) => {
    const { code, text } = await (await Repository.make(shop)).run('plan', 'pull_request', PULL_REQUEST).ended
    expect(code, endFirst(text)).not.toBe(0)
    expect(text).toMatch(/deployment-type blue is the live colour/)
    expect(text).toMatch(/Job failed/)
  },
)

scenario(
  'the example’s sweep in act: ends a pause that nobody ended, and has nothing to do afterwards',
  { running: { blue: '1.0.0' }, settings: { ...APPROVAL, policies: { 'max-pause': '10ms' } } },
  async (shop) => {
    const load = await shop.load(200)
    const repository = await Repository.make(shop)
    await shop.release('1.1.0').ended
    expect(await shop.weights()).toEqual({ blue: 75, green: 25 })
    const swept = await repository.run('sweep', 'schedule', {}).ended
    expect(swept.code, endFirst(swept.text)).not.toBe(0)
    expect(swept.text).toMatch(/nobody went on within 10ms/)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    const again = await repository.run('sweep', 'schedule', {}).ended
    expect(again.code, endFirst(again.text)).toBe(0)
    expect(again.text).toMatch(/reverted; nothing to do/)
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)

scenario(
  'the workflow to call in act: the approval goes on with a paused release',
  { running: { blue: '1.0.0' }, settings: { stages: APPROVAL.stages.filter(({ weight }) => weight !== 50) } },
  async (shop) => {
    const load = await shop.load(200)
    const repository = await Repository.make(shop)
    const { code, text } = await repository.dispatch('release', '', 'call', 'address-service').ended
    expect(code, endFirst(text)).toBe(0)
    expect(text).toMatch(/outcome=paused/)
    expect(text).toMatch(/outcome=promoted/)
    // The report is there for the step that keeps it.
    expect(text).toMatch(/\d+ \S*gray-release-address-service\.html/)
    expect(await shop.weights()).toEqual({ blue: 0, green: 100 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)
