import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { abort, pause, promote, rollback, status, sweep } from '../../src/control.ts'
import { plan, release } from '../../src/release.ts'
import type { Policies } from '../../src/core/plan.ts'
import type { ReleaseEvent } from '../../src/core/events.ts'
import { ReleaseError } from '../../src/errors.ts'
import { exampleManifests } from '../../src/sandbox/sandbox.ts'
import { NAMESPACE, SERVICE, World } from '../helpers/world.ts'

let world: World
beforeEach(async () => {
  world = await new World().open()
})
afterEach(() => {
  world.close()
})

const withPolicies = (policies: Partial<Policies>) => ({
  plan: {
    ...world.plan(),
    policies: { ...world.plan().policies, ...policies },
  },
})

describe('a release', () => {
  it('deploys the idle colour, goes through the stages and swaps the roles', async () => {
    const report = await release(world.options())
    expect(report.outcome).toBe('promoted')
    expect(world.weights()).toEqual([[0, 100]])
    expect(world.deployed).toEqual({ blue: '1.0', green: '1.1' })
    const shifts = world.happened().filter((one) => one.startsWith('shifted'))
    expect(shifts).toEqual(['shifted 5', 'shifted 50', 'shifted 100', 'shifted 100'])
  })

  it('deploys the other colour the next time', async () => {
    await release(world.options('1.1'))
    const report = await release(world.options('1.2'))
    expect(report.outcome).toBe('promoted')
    expect(report.release).toMatchObject({ stable: 'green', candidate: 'blue', previousVersion: '1.1' })
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('does nothing when the version serves already', async () => {
    await release(world.options('1.1'))
    const report = await release(world.options('1.1'))
    expect(report).toMatchObject({ outcome: 'promoted', reason: '1.1 already serves on green' })
    expect(world.deployed['blue']).toBe('1.0')
  })

  it('brings traffic back with its first write when a gate fails at 50 %', async () => {
    world.verdict = (weight) => (weight === 50 ? 'fail' : 'pass')
    const report = await release(world.options())
    expect(report.outcome).toBe('reverted')
    expect(report.reason).toContain('stage 50%: errors: said by the test')
    expect(world.weights()).toEqual([[100, 0]])
    expect(world.happened().slice(-4)).toEqual(['50% fail', 'revert-started', 'shifted 0', 'release-finished'])
  })

  it('never goes on without data and reverts at the end of the stage', async () => {
    world.verdict = () => 'no-data'
    const report = await release(world.options())
    expect(report.outcome).toBe('reverted')
    expect(report.reason).toContain('no decision after 5m')
    expect(world.happened()).not.toContain('shifted 50')
  })

  it.each(['no-data', 'error'] as const)('does not let on-inconclusive: continue pass %s', async (verdict) => {
    world.verdict = () => verdict
    const report = await release(world.options('1.1', withPolicies({ onInconclusive: 'continue' })))
    expect(report.outcome).toBe('reverted')
  })

  it('goes on with undecided when the policy says so', async () => {
    world.verdict = () => 'undecided'
    const report = await release(world.options('1.1', withPolicies({ onInconclusive: 'continue' })))
    expect(report.outcome).toBe('promoted')
  })

  it('leaves traffic alone when the deployer fails', async () => {
    world.deployFailure = new ReleaseError('DEPLOY_FAILED', 'helmfile ended with code 1\n  required env var is not set')
    const report = await release(world.options())
    expect(report.outcome).toBe('reverted')
    expect(report.reason).toContain('required env var is not set')
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('leaves traffic alone when the pods never become ready', async () => {
    const deploy = world.deployer.deploy.bind(world.deployer)
    Object.assign(world.deployer, {
      deploy: async (...args: Parameters<typeof deploy>) => {
        await deploy(...args)
        world.ready['green'] = 0
      },
    })
    const report = await release(world.options())
    expect(report).toMatchObject({ outcome: 'reverted' })
    expect(report.reason).toContain('the candidate was not ready after 10m: no pod is ready')
    expect(world.happened().filter((one) => one.startsWith('shifted'))).toEqual(['shifted 0'])
  })

  it('does not raise the weight onto pods that went away', async () => {
    world.duringBake = (weight) => {
      if (weight === 5) world.ready['green'] = 0
    }
    const report = await release(world.options())
    expect(report.outcome).toBe('reverted')
    expect(report.reason).toContain('cannot carry 50 %')
    expect(world.happened()).not.toContain('shifted 50')
  })

  it('takes no stages for the first release of all', async () => {
    delete world.deployed['blue']
    world.ready['blue'] = 0
    const report = await release(world.options('1.0'))
    expect(report).toMatchObject({ outcome: 'promoted', reason: 'first release' })
    expect(world.deployed).toEqual({ blue: '1.0' })
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('empties a colour that still gets 1 % before it deploys to it', async () => {
    const [service, rule, route] = exampleManifests(SERVICE, NAMESPACE)
    const text = JSON.stringify(route).replace('"weight":100', '"weight":99').replace('"weight":0', '"weight":1')
    world.apply([service, rule, JSON.parse(text)].filter((one) => one !== undefined))
    await release(world.options())
    const happened = world.happened()
    expect(happened.indexOf('shifted 0')).toBeLessThan(happened.indexOf('candidate-deployed'))
  })

  it('tells nobody of a weight before it is saved', async () => {
    const seen: string[] = []
    const listener = async (event: { type: string; weight?: number }): Promise<void> => {
      await Promise.resolve()
      if (event.type !== 'traffic-shifted') return
      const state = world.api.list('VirtualService', NAMESPACE)[0]?.metadata.annotations?.[
        `state.gray-release/${SERVICE}`
      ]
      const saved = JSON.parse(state ?? '{}') as { state: { weight: number } }
      seen.push(`${event.weight ?? ''} ${saved.state.weight}`)
    }
    await release(world.options('1.1', { listeners: [listener] }))
    expect(seen).toEqual(['5 5', '50 50', '100 100', '100 100'])
  })

  it('survives a listener that throws', async () => {
    const report = await release(
      world.options('1.1', { listeners: [() => Promise.reject(new Error('webhook is down'))] }),
    )
    expect(report.outcome).toBe('promoted')
    expect(world.said.join()).toContain('webhook is down')
  })

  it('needs at most four requests to the API server per stage', async () => {
    const at: number[] = []
    const total = (): number => [...world.api.counts.values()].reduce((a, b) => a + b, 0)
    await release(
      world.options('1.1', {
        listeners: [
          (event) => {
            if (event.type === 'traffic-shifted') at.push(total())
          },
        ],
      }),
    )
    const perStage = at.slice(1).map((count, index) => count - (at[index] ?? 0))
    expect(Math.max(...perStage)).toBeLessThanOrEqual(4)
  })
})

it('is back on stable within 200 ms of the verdict, by one write of the weights', async () => {
  let decidedAt = 0
  let tookMs = Number.NaN
  let patches = 0
  const count = (): number => world.api.counts.get('PATCH virtualservices') ?? 0
  world.verdict = (weight) => (weight === 50 ? 'fail' : 'pass')
  const listener = (event: ReleaseEvent): void => {
    if (event.type === 'analysis-completed' && event.verdict === 'fail') {
      decidedAt = performance.now()
      patches = count()
    }
    if (event.type === 'traffic-shifted' && event.weight === 0) {
      tookMs = performance.now() - decidedAt
      patches = count() - patches
    }
  }
  await release(world.options('1.1', { listeners: [listener] }))
  expect(tookMs).toBeLessThan(200)
  expect(patches).toBe(1)
})

describe('colours', () => {
  const shares = (blue: number, green: number): void => {
    const text = JSON.stringify(exampleManifests(SERVICE, NAMESPACE))
      .replace('"weight":100', `"weight":${blue}`)
      .replace(/"weight":0\b/, `"weight":${green}`)
    world.apply(JSON.parse(text) as Parameters<World['apply']>[0])
  }

  it('refuses 50/50 that no saved release explains, and says the ways out', async () => {
    shares(50, 50)
    await expect(release(world.options())).rejects.toMatchObject({
      code: 'COMMAND_REFUSED',
      message: expect.stringContaining('blue 50 / green 50') as string,
      hint: expect.stringContaining('100/0') as string,
    })
  })

  it('refuses 0/0', async () => {
    shares(0, 0)
    await expect(release(world.options())).rejects.toMatchObject({ code: 'COMMAND_REFUSED' })
  })

  it('refuses to deploy to the live colour', async () => {
    await expect(release(world.options('1.1', { deploymentType: 'blue' }))).rejects.toMatchObject({
      message: expect.stringContaining('is the live colour') as string,
    })
    expect(world.deployed['blue']).toBe('1.0')
  })
})

describe('a pause', () => {
  const withApproval = (): Partial<Parameters<typeof release>[0]> => {
    const stages = world.plan().stages.map((stage) => ({ ...stage, approval: stage.route.weight === 50 }))
    return { plan: { ...world.plan(), stages } }
  }

  it('waits for approval and goes on with promote', async () => {
    const paused = await release(world.options('1.1', withApproval()))
    expect(paused).toMatchObject({ outcome: 'paused' })
    expect(world.weights()).toEqual([[50, 50]])
    const again = await release(world.options('1.1', withApproval()))
    expect(again.outcome).toBe('paused')
    const done = await promote(world.options())
    expect(done.outcome).toBe('promoted')
    expect(done.journal.map((event) => event.type)).toContain('release-paused')
  })

  it('refuses another version meanwhile and names the ways on', async () => {
    await release(world.options('1.1', withApproval()))
    await expect(release(world.options('1.2'))).rejects.toMatchObject({
      code: 'UNFINISHED_RELEASE',
      hint: expect.stringMatching(/promote.*abort/) as string,
    })
  })

  it('is reverted by sweep when nobody ends it in time', async () => {
    await release(world.options('1.1', withApproval()))
    expect((await sweep(world.options())).did).toContain('waits for a person')
    world.clock.at += 25 * 3_600_000
    const swept = await sweep(world.options())
    expect(swept.report?.outcome).toBe('reverted')
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('that is asked for from another run comes at the end of the stage', async () => {
    world.duringBake = async (weight) => {
      if (weight === 5) await pause(world.options('', { holder: 'run-2' }))
    }
    const report = await release(world.options())
    expect(report.outcome).toBe('paused')
    expect(world.weights()).toEqual([[95, 5]])
  })

  it('jumps to a stage that is asked for', async () => {
    world.duringBake = async (weight) => {
      if (weight === 5) await promote(world.options('', { holder: 'run-2' }), 100)
    }
    const report = await release(world.options())
    expect(report.outcome).toBe('promoted')
    expect(world.happened()).not.toContain('shifted 50')
  })
})

describe('a way back', () => {
  it('by abort from another run ends both runs as reverted', async () => {
    let aborted: Promise<unknown> = Promise.resolve()
    world.duringBake = async (weight) => {
      if (weight !== 50) return
      world.duringBake = () => undefined
      aborted = abort(world.options('', { holder: 'run-2', listeners: [], by: 'alice' }))
      await aborted
    }
    const report = await release(world.options())
    expect(await aborted).toMatchObject({ outcome: 'reverted' })
    expect(report).toMatchObject({ outcome: 'reverted', reason: 'aborted by alice' })
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('by rollback is one write of the weights', async () => {
    await release(world.options())
    world.api.counts.clear()
    const report = await rollback(world.options())
    expect(report).toMatchObject({ outcome: 'promoted' })
    expect(report.release.version).toBe('1.0')
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('is refused when the old colour runs something else by now', async () => {
    await release(world.options())
    world.deployed['blue'] = 'something else'
    await expect(rollback(world.options())).rejects.toMatchObject({
      message: expect.stringContaining('no longer runs') as string,
    })
  })

  it('is refused when the old colour has no ready pods', async () => {
    await release(world.options())
    world.ready['blue'] = 0
    await expect(rollback(world.options())).rejects.toMatchObject({ code: 'COMMAND_REFUSED' })
  })

  it('needs a release', async () => {
    await expect(abort(world.options())).rejects.toMatchObject({ code: 'NO_RELEASE' })
    await expect(promote(world.options())).rejects.toMatchObject({ code: 'NO_RELEASE' })
  })

  it('is tried until the API server answers again', async () => {
    world.verdict = (weight) => (weight === 50 ? 'fail' : 'pass')
    world.duringBake = (weight) => {
      if (weight !== 50) return
      world.api.faults.down = true
      world.api.cut()
      setTimeout(() => {
        world.api.faults.down = false
      }, 4000)
    }
    const report = await release(world.options())
    expect(report.outcome).toBe('reverted')
    expect(world.weights()).toEqual([[100, 0]])
  })
})

describe('a cancelled run', () => {
  it('brings traffic back', async () => {
    const stop = new AbortController()
    world.duringBake = (weight) => {
      if (weight === 50) stop.abort()
    }
    const report = await release(world.options('1.1', { signal: stop.signal }))
    expect(report).toMatchObject({ outcome: 'reverted', reason: 'the run was cancelled' })
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('holds when the policy says so, and the next run goes on', async () => {
    const stop = new AbortController()
    world.duringBake = (weight) => {
      if (weight === 50) stop.abort()
    }
    const held = await release(world.options('1.1', { signal: stop.signal, ...withPolicies({ onCancel: 'hold' }) }))
    expect(held.outcome).toBe('interrupted')
    expect(world.weights()).toEqual([[50, 50]])
    world.duringBake = () => undefined
    expect((await release(world.options('1.1'))).outcome).toBe('promoted')
  })
})

describe('somebody else who edits the weights', () => {
  const edit = (): void => {
    const object = world.api.find('VirtualService', NAMESPACE, SERVICE)
    if (object === undefined) throw new Error('no VirtualService')
    const text = JSON.stringify(object.spec).replace('"weight":50', '"weight":70').replace('"weight":50', '"weight":30')
    world.api.put('VirtualService', { ...object, spec: JSON.parse(text) as Record<string, unknown> })
  }

  it('is not fought: the release is stuck and says so', async () => {
    world.duringBake = (weight) => {
      if (weight === 50) edit()
    }
    const report = await release(world.options())
    expect(report.outcome).toBe('stuck')
    expect(report.reason).toContain('blue 70 / green 30')
    expect(world.weights()).toEqual([[70, 30]])
    expect((await abort(world.options())).outcome).toBe('reverted')
    expect(world.weights()).toEqual([[100, 0]])
  })

  it('is put right when the policy is reassert', async () => {
    let edits = 0
    world.duringBake = (weight) => {
      if (weight === 50 && edits === 0) edit()
      if (weight === 50) edits += 1
    }
    const report = await release(world.options('1.1', withPolicies({ onDrift: 'reassert' })))
    expect(report.outcome).toBe('promoted')
    expect(world.happened()).toContain('drift-found')
  })
})

describe('plan and status', () => {
  it('show colours and stages and change nothing', async () => {
    const preview = await plan(world.options())
    expect(preview).toMatchObject({ stable: 'blue', candidate: 'green', resumes: false })
    expect(preview.findings.filter((one) => one.level === 'refuse')).toEqual([])
    const writes = [...world.api.counts.keys()].filter((key) => /^(PATCH|PUT|DELETE)/.test(key))
    expect(writes).toEqual([])
  })

  it('name each missing permission with the line to add', async () => {
    world.api.faults.forbidden.add('patch virtualservices')
    const preview = await plan(world.options())
    expect(preview.findings).toContainEqual({
      level: 'refuse',
      message: expect.stringContaining('no permission to patch virtualservices') as string,
      hint: expect.stringContaining('verbs: [patch]') as string,
    })
    await expect(release(world.options())).rejects.toMatchObject({
      message: expect.stringContaining('patch virtualservices') as string,
    })
  })

  it('warn of a release that nothing watches', async () => {
    const stages = world.plan().stages.map((stage) => ({ ...stage, gates: [] }))
    const preview = await plan(world.options('1.1', { plan: { ...world.plan(), stages } }))
    expect(preview.findings).toMatchObject([
      { level: 'warn', message: expect.stringContaining('by time alone') as string },
    ])
  })

  it('tell what is live and who drives', async () => {
    await release(world.options())
    const found = await status(world.options())
    expect(found).toMatchObject({ shares: { blue: 0, green: 100 }, state: { phase: 'promoted' } })
  })
})
