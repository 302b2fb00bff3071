import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webhook, type Notification, type WebhookOptions } from '../../src/notifications/webhook.ts'
import type { Listener } from '../../src/ports.ts'
import { release } from '../../src/release.ts'
import { World } from '../helpers/world.ts'

let world: World
let server: Server
let url = ''
let bodies: unknown[] = []
/** What the receiver answers; null for no answer at all. */
let answer: () => number | null

beforeEach(async () => {
  world = await new World().open()
  bodies = []
  answer = () => 200
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const status = answer()
      if (status === null) return
      if (status === 200) bodies.push(JSON.parse(text))
      response.writeHead(status, { location: `${url}/elsewhere` }).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret`
})
afterEach(() => {
  world.close()
  server.closeAllConnections()
  server.close()
})

/** A release, and then what its listener still had to do: the clock of the test does not wait for it. */
async function releaseWith(options: Partial<WebhookOptions> = {}) {
  const platform = world.platform()
  const listener = webhook({ url, ...options })(platform)
  let last: Promise<unknown> = Promise.resolve()
  const listeners: Listener[] = [
    (event, state, one) => {
      last = last.then(() => listener(event, state, one))
    },
  ]
  const report = await release(world.options('1.1', { platform, listeners }))
  await last
  return report
}

describe('a webhook', () => {
  it('tells of the start and the end', async () => {
    await releaseWith()
    const told = bodies as Notification[]
    expect(told.map(({ moment }) => moment)).toEqual(['started', 'promoted'])
    expect(told[1]).toMatchObject({
      schema: 1,
      text: 'shop 1.1 promoted: every stage passed (blue 0 / green 100)',
      release: { service: 'shop', version: '1.1' },
      weight: 100,
    })
  })

  it('tells of what was asked for alone', async () => {
    await releaseWith({ on: ['stage'] })
    expect((bodies as Notification[]).map(({ weight }) => weight)).toEqual([5, 50, 100])
  })

  it('speaks as Slack wants it, and takes nothing for its markup', async () => {
    world.verdict = () => 'fail'
    world.gate.measure = () =>
      Promise.resolve({ verdict: 'fail', reason: '<!channel> & more', value: 1, limit: 0, baseline: 0, query: '' })
    await releaseWith({ format: 'slack', on: ['reverted'] })
    expect(bodies).toEqual([
      {
        text: 'shop 1.1: reverted',
        attachments: [
          {
            color: 'danger',
            text: 'shop 1.1 reverted: stage 5%: errors: &lt;!channel&gt; &amp; more (blue 100 / green 0)',
            fallback: 'shop 1.1 reverted: stage 5%: errors: &lt;!channel&gt; &amp; more (blue 100 / green 0)',
          },
        ],
      },
    ])
  })

  it('tries again when the receiver is busy', async () => {
    const answers = [503, 429]
    answer = () => answers.shift() ?? 200
    await releaseWith({ on: ['promoted'] })
    expect(bodies).toHaveLength(1)
  })

  it.each([
    [404, 'status 404'],
    [500, 'status 500'],
    [302, 'status 302'],
  ])('that answers %d is a warning without the address, and nothing else', async (status, why) => {
    answer = () => status
    const { outcome } = await releaseWith({ on: ['promoted'] })
    expect(outcome).toBe('promoted')
    const warnings = world.said.filter((line) => line.includes('did not reach'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(why)
    expect(world.said.join('\n')).not.toContain('s3cret')
  })

  it('that never answers delays no revert', async () => {
    answer = () => null
    world.verdict = (weight) => (weight === 50 ? 'fail' : 'pass')
    const shifts: number[] = []
    const platform = world.platform()
    const begun = Date.now()
    let revertedAfterMs = 0
    const look = webhook({ url, timeoutMs: 60_000 })(platform)
    const running = release(
      world.options('1.1', {
        platform,
        listeners: [
          look,
          (event) => {
            if (event.type !== 'traffic-shifted') return
            shifts.push(event.weight)
            if (event.weight === 0) revertedAfterMs = Date.now() - begun
          },
        ],
      }),
    )
    const { outcome } = await running
    expect(outcome).toBe('reverted')
    expect(shifts).toEqual([5, 50, 0])
    expect(revertedAfterMs).toBeLessThan(5000)
  })
})
