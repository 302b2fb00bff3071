import { expect } from 'vitest'
import { readmeRole } from '../mesh/shop.ts'
import { scenario } from '../scenario.ts'
import { endFirst } from '../mesh/product.ts'

const QUICK = { stages: [25, 100].map((weight) => ({ weight, min: '6s', max: '60s' })) }

const RUNNING = { running: { blue: '1.0.0' }, settings: QUICK }
const IMPATIENT = {
  running: { blue: '1.0.0' },
  settings: { stages: [25, 100].map((weight) => ({ weight, min: '5s', max: '15s' })) },
}

scenario(
  'the Role of the README is enough for a whole release and the way back',
  // Somebody else deploys, so that not one right more is given.
  { running: { blue: '1.0.0', green: '1.1.0' }, helm: false, settings: { ...QUICK, deploy: undefined } },
  async (shop) => {
    const load = await shop.load(300)
    const plan = await shop.command('plan', '--version', '1.1.0').ended
    expect(plan.code, endFirst(plan.text)).toBe(0)
    const { code, text } = await shop.release('1.1.0').ended
    expect(code, endFirst(text)).toBe(0)
    for (const command of ['status', 'sweep', 'rollback'] as const) {
      const ended = await shop.command(command).ended
      expect(ended.code, endFirst(ended.text)).toBe(0)
    }
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** Each right of the README's Role, one by one. */
function rightsOf(
  rules: readonly Rule[],
): { readonly resource: string; readonly verb: string; readonly without: Rule[] }[] {
  return rules.flatMap((rule) =>
    rule.verbs.map((verb) => ({
      resource: rule.resources[0] ?? '',
      verb,
      without: rules.map((each) =>
        each === rule ? { ...each, verbs: each.verbs.filter((one) => one !== verb) } : each,
      ),
    })),
  )
}

scenario(
  'plan names the one right that is missing, whichever it is',
  { running: { blue: '1.0.0' }, helm: false, settings: { ...QUICK, policies: { 'keep-old': '1h' } } },
  async (shop) => {
    const role = readmeRole(shop.namespace)
    const rights = rightsOf((role as unknown as { rules: Rule[] }).rules)
    expect(rights.length).toBeGreaterThan(15)
    for (const { resource, verb, without } of rights) {
      await shop.mesh.kube.apply({ ...role, rules: without.filter((each) => each.verbs.length > 0) })
      const { code, text } = await shop.command('plan', '--version', '1.1.0').ended
      expect(code, `${verb} ${resource}: ${text}`).toBe(3)
      expect(text, `${verb} ${resource}`).toMatch(new RegExp(`${resource}[^\\n]*${verb}|${verb}[^\\n]*${resource}`))
    }
  },
)

scenario('a token that runs out and is renewed in the kubeconfig does not end the release', RUNNING, async (shop) => {
  const load = await shop.load(300)
  const run = shop.release('1.1.0')
  const shifted = await run.line(/read back: .*green 25 /)
  await shop.revoke()
  await run.line(/401/, shifted)
  await shop.renew()
  const { code, text } = await run.ended
  expect(code, endFirst(text)).toBe(0)
  await load.stop()
  expect(load.all().failed).toEqual([])
})

scenario(
  'a token that runs out for good ends the release stuck, and abort brings traffic back',
  IMPATIENT,
  async (shop) => {
    const load = await shop.load(100)
    const run = shop.release('1.1.0')
    await run.line(/read back: .*green 25 /)
    await shop.revoke()
    const { code, text } = await run.ended
    expect(code, endFirst(text)).toBe(2)
    const [, blue, green] =
      /stuck: .*401 Unauthorized; last written: blue (\d+) \/ green (\d+); .* run abort/.exec(text) ?? []
    expect(await shop.weights(), text).toEqual({ blue: Number(blue), green: Number(green) })
    expect(Number(green)).toBeGreaterThan(0)
    await shop.renew()
    const abort = await shop.command('abort').ended
    expect(abort.code, endFirst(abort.text)).toBe(1)
    expect(await shop.weights()).toEqual({ blue: 100, green: 0 })
    await load.stop()
    expect(load.all().failed).toEqual([])
  },
)
