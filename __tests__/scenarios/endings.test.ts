import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeStatus } from '../../src/command.ts'
import { rollback, status, sweep } from '../../src/control.ts'
import type { Plan } from '../../src/core/plan.ts'
import { redBlack } from '../../src/core/strategies.ts'
import { ReleaseError } from '../../src/errors.ts'
import type { Deployer } from '../../src/ports.ts'
import { release } from '../../src/release.ts'
import type { ReleaseOptions } from '../../src/wire.ts'
import { World } from '../helpers/world.ts'

const HOUR_MS = 3_600_000

let world: World
let retired: string[]
beforeEach(async () => {
  world = await new World().open()
  retired = []
})
afterEach(() => {
  world.close()
})

/** Takes away for good what it is told to. */
const deployer = (): Deployer => ({
  deploy: (deployment, signal) => world.deployer.deploy(deployment, signal),
  retire: ({ colour, version }) => {
    retired.push(`${colour} ${version}`)
    world.ready[colour] = 0
    Reflect.deleteProperty(world.deployed, colour)
    return Promise.resolve()
  },
})

const options = (plan: Plan, version = '1.1'): ReleaseOptions =>
  world.options(version, { plan, deployer, holder: `run of ${version}` })

describe('an ending that replaces', () => {
  const replace = (): Plan => ({ ...world.plan(), ending: 'replace', retire: 'remove' })

  it('leaves stable with the version, and knows it the next time', async () => {
    const first = await release(options(replace()))
    expect([first.outcome, world.deployed, retired, world.weights()]).toEqual([
      'promoted',
      { blue: '1.1' },
      ['green 1.1'],
      [[100, 0]],
    ])
    expect(describeStatus(await status(options(replace())))).toMatch(/blue serves 1\.1, started by/)
    expect((await release(options(replace()))).reason).toBe('1.1 already serves on blue')
    expect((await release(options(replace(), '1.2'))).release.previousVersion).toBe('1.1')
  })

  it('has no way back but a release of the old version', async () => {
    await release(options(replace()))
    await expect(rollback(options(replace()))).rejects.toMatchObject({ code: 'COMMAND_REFUSED' })
  })

  it('keeps requests on the candidate until stable is ready with the version', async () => {
    const inspect = world.workloads.inspect.bind(world.workloads)
    const seen: (readonly (number | undefined)[])[] = []
    let looks = 0
    const workloads = {
      ...world.workloads,
      inspect: async (...asked: Parameters<typeof inspect>) => {
        const found = await inspect(...asked)
        if (world.deployed['blue'] !== '1.1' || asked[0] !== 'blue') return found
        seen.push(world.weights()[0] ?? [])
        looks += 1
        return looks < 4 ? { ...found, ready: false, problem: 'rolling out' } : found
      },
    }
    const report = await release({ ...options(replace()), workloads: () => workloads })
    expect([report.outcome, seen.length]).toEqual(['promoted', 4])
    expect(seen.every(([, green]) => green === 100)).toBe(true)
  })
})

describe('red-black', () => {
  const plan = (keepOldMs: number | null): Plan =>
    redBlack({ gates: ['errors'], policies: { keepOldMs }, previewMs: 0, watchMs: 60_000 })

  it('removes the old colour at once, or what was tried and taken back', async () => {
    expect((await release(options(plan(null)))).outcome).toBe('promoted')
    expect([retired, world.deployed]).toEqual([['blue 1.1'], { green: '1.1' }])
    world.verdict = () => 'fail'
    expect((await release(options(plan(null), '1.2'))).outcome).toBe('reverted')
    expect(world.deployed).toEqual({ green: '1.1' })
  })

  it('ends where the traffic is when nothing can be taken away, and says so', async () => {
    world.verdict = (weight) => (weight === 100 ? 'fail' : 'pass')
    const failing = (): Deployer => ({
      ...deployer(),
      retire: () => Promise.reject(new ReleaseError('DEPLOY_FAILED', 'helmfile did not end')),
    })
    const report = await release({ ...options(plan(null)), deployer: failing })
    expect([report.outcome, world.weights()]).toEqual(['reverted', [[100, 0]]])
    expect(report.reason).toMatch(/stage switch: .*; retire failed: helmfile did not end/)
  })

  it('keeps the old colour for a time, in which there is a way back; then sweep removes it', async () => {
    await release(options(plan(HOUR_MS)))
    expect([retired, world.deployed]).toEqual([[], { blue: '1.0', green: '1.1' }])
    expect((await sweep(options(plan(HOUR_MS)))).did).toMatch(/nothing to do/)
    world.clock.at += HOUR_MS
    expect((await sweep(options(plan(HOUR_MS)))).did).toBe('removed blue')
    expect(world.deployed).toEqual({ green: '1.1' })
    expect((await sweep(options(plan(HOUR_MS)))).did).toMatch(/blue/)
  })
})
