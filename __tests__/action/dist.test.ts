import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONFIG, ENTRY, inputs, Job, POST, until } from '../helpers/job.ts'

let job: Job

beforeEach(async () => {
  job = await Job.open()
})
afterEach(() => {
  job.close()
})

describe('the bundle', () => {
  it('without inputs says everything that is missing in one annotation', async () => {
    const { code, output } = await job.start(ENTRY, {}).ended
    expect(code).toBe(3)
    expect(output.match(/^::error/gm)).toHaveLength(1)
    for (const name of ['service', 'namespace', 'version']) expect(output).toContain(`${name}: is missing`)
  })

  it('asks nobody anything before its inputs are good, and points into the file', async () => {
    job.write('config.yaml', 'service: shop\nnamespace: demo\nstages: [1, 100]\nintervall: 5s\n')
    const { output } = await job.start(ENTRY, inputs({ command: 'relase', 'prometheus-url': job.sandbox.prometheus }))
      .ended
    expect(output).toContain('::error file=config.yaml,line=4,col=1::')
    expect(output).toContain('did you mean interval?')
    expect(output).toContain('did you mean release?')
    expect([...job.sandbox.api.counts]).toEqual([])
    expect(job.sandbox.metrics.queries).toBe(0)
  })

  it('weighs at most 6 MB', () => {
    const files = readdirSync('dist').filter((name) => name.endsWith('.js'))
    expect(files.reduce((sum, name) => sum + statSync(join('dist', name)).size, 0)).toBeLessThan(6e6)
  })
})

describe('a release by the Action', () => {
  it('is promoted, with outputs, summary and journal', async () => {
    const { code, output } = await job.start(ENTRY, inputs()).ended
    expect(output).toContain('::group::Stage 50%')
    expect(code).toBe(0)
    expect(job.weights()).toEqual([0, 100])
    expect(job.outputs()).toMatchObject({
      outcome: 'promoted',
      'stable-colour': 'green',
      'candidate-colour': 'blue',
      weight: '100',
    })
    expect(job.read('summary')).toMatch(/## shop 1\.1: promoted[^]*\| 50 % \|/)
    const report = JSON.parse(readFileSync(job.outputs()['journal-path'] ?? '', 'utf8')) as {
      release: { by: string; origin: object }
    }
    expect(report.release.by).toContain('owner/repo#42/1/release')
    expect(report.release.origin).toEqual({
      repository: 'https://github.com/owner/repo',
      commit: 'abc123',
      ref: 'refs/tags/v1.1',
      actor: 'octocat',
      run: 'https://github.com/owner/repo/actions/runs/42',
    })
    expect(output + job.read('summary')).not.toContain('kubetoken123')
    const post = await job.start(POST, inputs(), { STATE_holder: job.holder() }).ended
    expect(post).toMatchObject({ code: 0, output: '' })
  })

  it('that is worse is reverted and fails the step', async () => {
    job.write(
      'config.yaml',
      `${CONFIG}\ngates: { checks: { smoke: { command: ["node", "-e", "process.exit(process.env.GRAY_RELEASE_WEIGHT === '50' ? 1 : 0)"] } } }\n`,
    )
    const { code, output } = await job.start(ENTRY, inputs()).ended
    expect(code).toBe(1)
    expect(output).toContain('::error::shop: reverted; stage 50%25: smoke: ended with code 1')
    expect(job.weights()).toEqual([100, 0])
  })

  it.each([0, 500])(
    'that gets SIGINT brings traffic back within two seconds (API answers after %d ms)',
    async (delayMs) => {
      job.write('config.yaml', CONFIG.replaceAll('min: 300ms', 'min: 5s'))
      const { child, ended } = job.start(ENTRY, inputs())
      await until(() => job.weights()[1] === 5)
      await new Promise((done) => setTimeout(done, 300))
      job.sandbox.api.faults.delayMs = delayMs
      child.kill('SIGINT')
      expect(await until(() => job.weights()[0] === 100)).toBeLessThan(2000)
      job.sandbox.api.faults.delayMs = 0
      expect(await ended).toMatchObject({ code: 1 })
    },
  )

  it('that is killed is brought back by post alone', async () => {
    job.write('config.yaml', CONFIG.replaceAll('min: 300ms', 'min: 5s'))
    const { child, ended } = job.start(ENTRY, inputs())
    await until(() => job.weights()[1] === 5)
    const who = job.holder()
    child.kill('SIGKILL')
    await ended
    expect(job.weights()).toEqual([95, 5])
    const post = await job.start(POST, inputs(), { STATE_holder: who }).ended
    expect(post.output).toContain('traffic is back: reverted')
    expect(job.weights()).toEqual([100, 0])
  })

  it('leaves another run’s release alone in post', async () => {
    job.write('config.yaml', CONFIG.replaceAll('min: 300ms', 'min: 5s'))
    const { child } = job.start(ENTRY, inputs())
    await until(() => job.weights()[1] === 5)
    await job.start(POST, inputs(), { STATE_holder: 'owner/repo#41/1/release-0000' }).ended
    expect(job.weights()).toEqual([95, 5])
    child.kill('SIGKILL')
  })

  it('is refused without the right it needs, with the line to add to the Role', async () => {
    job.sandbox.api.faults.forbidden.add('patch virtualservices')
    const { code, output } = await job.start(ENTRY, inputs()).ended
    expect(code).toBe(3)
    expect(output).toContain('verbs: [patch]')
    expect(job.weights()).toEqual([100, 0])
  })
})

describe('the command line', () => {
  it('releases, tells the status as JSON and rolls back', async () => {
    const released = await job.cli('release', '--config', 'config.yaml', '--version', '1.1')
    expect(released.output).toContain('promoted: every stage passed')
    expect(released.code).toBe(0)
    const found = await job.cli('status', '--config', 'config.yaml', '--json')
    expect(JSON.parse(found.output)).toMatchObject({ shares: { green: 100 }, state: { phase: 'promoted' } })
    const planned = await job.cli('plan', '--config', 'config.yaml', '--version', '1.2', '--json')
    expect(JSON.parse(planned.output)).toMatchObject({
      stable: 'green',
      candidate: 'blue',
      serving: { version: '1.1' },
    })
    expect(await job.cli('rollback', '--config', 'config.yaml')).toMatchObject({ code: 0 })
    expect(job.weights()).toEqual([100, 0])
  })

  it('refuses an option it does not know, and names the commands', async () => {
    const { code, output } = await job.cli('release', '--versoin', '1.1')
    expect(code).toBe(3)
    expect(output).toContain("Unknown option '--versoin'")
    expect(output).toContain('commands: release, plan')
  })
})
