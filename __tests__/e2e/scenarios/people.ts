import { expect } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Shop } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

const RUNNING = { running: { blue: '1.0.0' } }
const QUICK = { stages: [25, 100].map((weight) => ({ weight, min: '8s', max: '60s' })) }

const inputsOf = (shop: Shop): Record<string, string> => ({ config: shop.configFile, version: '1.1.0' })

scenario('SIGINT as the runner sends it brings the weights back within two seconds', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.product.action(inputsOf(shop))
  await run.line(/read back: .*green 25 /)
  await sleep(2000)
  const sent = Date.now()
  run.signal('SIGINT')
  const { code, text, outputs, endedAt } = await run.ended
  expect(endedAt - sent).toBeLessThanOrEqual(2000)
  expect(code, endFirst(text)).toBe(1)
  expect(outputs['outcome']).toBe('reverted')
  expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  await sleep(1000)
  await load.stop()
  expect(load.lastOf('green') - sent).toBeLessThanOrEqual(2000)
  expect(load.all().failed).toEqual([])
})

scenario('post alone brings the weights back when main was killed', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.product.action(inputsOf(shop))
  await run.line(/read back: .*green 25 /)
  run.signal('SIGKILL')
  await run.ended
  const { text, code } = await shop.product.post(inputsOf(shop), run.state('holder')).ended
  expect(code, endFirst(text)).toBe(0)
  expect(text).toMatch(/traffic is back/)
  expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  await load.stop()
  expect(load.all().failed).toEqual([])
})

/** Somebody with kubectl sets other weights. */
async function meddle(shop: Shop, green: number): Promise<void> {
  const object = await shop.virtualService()
  const route = object.spec.http.findIndex((each) => each.route.length > 1)
  const value = (at: number): string => `/spec/http/${route}/route/${at}/weight`
  const patch = [
    { op: 'replace', path: value(0), value: 100 - green },
    { op: 'replace', path: value(1), value: green },
  ]
  await shop.mesh.kube.ask('PATCH', await shop.mesh.kube.pathOf(object), patch, 'application/json-patch+json')
}

scenario('weights changed by somebody else stop the release, and their weights stay', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(/read back: .*green 25 /)
  await meddle(shop, 10)
  const { code, text } = await run.ended
  expect(code, endFirst(text)).toBe(2)
  expect(text).toMatch(/weights changed by somebody else/)
  expect(await shop.weights()).toEqual({ blue: 90, green: 10 })
  await load.stop()
  expect(load.all().failed).toEqual([])
})

scenario(
  'weights changed by somebody else are written again when the policy says so',
  { ...RUNNING, settings: { ...QUICK, policies: { 'on-drift': 'reassert' } } },
  async (shop) => {
    const load = await shop.load(300)
    const run = shop.release('1.1.0')
    await run.line(/read back: .*green 25 /)
    await meddle(shop, 90)
    const { code, text } = await run.ended
    expect(code, endFirst(text)).toBe(0)
    expect(text).toMatch(/weights changed by somebody else/)
    expect(await shop.weights()).toEqual({ blue: 0, green: 100 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)

scenario('of two releases at once one is refused', { ...RUNNING, settings: QUICK }, async (shop) => {
  const load = await shop.load(300)
  const runs = [shop.release('1.1.0'), shop.release('1.2.0')]
  const ended = await Promise.all(runs.map((run) => run.ended))
  const said = ended.map(({ text }) => text).join('\n--\n')
  expect(ended.map(({ code }) => code).sort(), said).toEqual([0, 3])
  const promoted = ended.find(({ code }) => code === 0) === ended[0] ? '1.1.0' : '1.2.0'
  await sleep(500)
  await load.stop()
  expect(load.answers.at(-1)).toMatchObject({ colour: 'green', version: promoted })
  expect(new Set(load.answers.map(({ version }) => version))).toEqual(new Set(['1.0.0', promoted]))
  expect(load.all().failed).toEqual([])
})

scenario('abort from another process takes the release of a driver that is stopped', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  await run.line(/read back: .*green 25 /)
  // A driver that hangs: it holds the lock and does not answer.
  run.signal('SIGSTOP')
  const begun = Date.now()
  const { code, text, endedAt } = await shop.command('abort').ended
  expect(code, endFirst(text)).toBe(1)
  expect(endedAt - begun).toBeLessThanOrEqual(5000)
  expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  run.signal('SIGCONT')
  const driver = await run.ended
  expect(driver.code, endFirst(driver.text)).toBe(1)
  expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
  await load.stop()
  expect(load.lastOf('green')).toBeLessThanOrEqual(endedAt + 1000)
  expect(load.all().failed).toEqual([])
})

scenario(
  'a release that went through is replayed from its journal, also with settings that would not have let it',
  { ...RUNNING, settings: QUICK },
  async (shop) => {
    const load = await shop.load(300)
    await shop.behave('green', { errors: 0.02 })
    const lenient = { ...inputsOf(shop), config: shop.settings({ ...QUICK, gates: shop.gates({ allowance: '5%' }) }) }
    const { code, text, outputs } = await shop.product.action(lenient).ended
    expect(code, endFirst(text)).toBe(0)
    const journal = ['--journal', outputs['journal-path'] ?? '']
    const same = await shop.product.cli('backtest', ...journal, '--config', lenient.config).ended
    expect(same.text).toMatch(/^evidence, 25 % \(it lasted .*\): would go on after/m)
    const strict = await shop.product.cli('backtest', ...journal, '--config', shop.configFile).ended
    expect(strict.text).toMatch(/would revert after .*: errors: candidate .*; the limit is 1.5 × stable \+ 0.1 points/)
    expect(strict.code, endFirst(strict.text)).toBe(1)
    await load.stop()
  },
)
