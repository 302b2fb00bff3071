import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { buildOptions } from '../../src/config/build.ts'
import { loadSettings } from '../../src/config/load.ts'
import { readConfig } from '../../src/config/read.ts'
import { ReleaseError } from '../../src/errors.ts'

const build = (text: string) =>
  buildOptions(
    readConfig({ name: 'ways.yaml', text: `service: shop\nnamespace: demo\nversion: '1.1'\n${text}` }, {}),
    'release',
    { env: {}, prometheusToken: '' },
  ).options

function problemsOf(text: string): string {
  try {
    build(text)
  } catch (thrown) {
    if (thrown instanceof ReleaseError) return thrown.problems.map(({ message }) => message).join('\n')
  }
  return ''
}

describe('every example', () => {
  it.each(readdirSync('examples/ways'))('%s is understood', (name) => {
    const config = `examples/ways/${name}/gray-release.yaml`
    const { plan } = loadSettings({ command: 'release', config, version: 'v1' }, {}).built.options
    expect(plan.stages.length).toBeGreaterThan(0)
  })
})

describe('routers', () => {
  it('with tracks end by replacing, and take the canary away', () => {
    for (const router of ['ingress-nginx', 'replicas']) {
      const { plan, colours } = build(`traffic: { ${router}: {} }`)
      expect([plan.ending, plan.retire, colours]).toEqual(['replace', 'remove', ['stable', 'canary']])
      expect(plan.stages.map(({ route }) => route.weight)).toEqual([10, 50])
    }
    expect(problemsOf('traffic: { replicas: {} }\nending: swap')).toMatch(/with replicas the main track gets/)
  })

  it('are one', () => {
    expect(problemsOf('traffic: { istio: {}, gateway-api: {} }')).toMatch(
      /one router is wanted, 2 are given: istio, gateway-api/,
    )
  })

  it('that cannot do what a stage asks are refused before anything is asked', () => {
    const stages = (more: string) => `stages: [{ ${more} }, 100]\n`
    const mirror = stages('mirror: 50%')
    const cookie = stages('match: [{ cookie: beta }]')
    expect(problemsOf(`${mirror}traffic: { ingress-nginx: {} }\nending: replace`)).toMatch(/cannot mirror requests/)
    expect(problemsOf(`${cookie}traffic: { gateway-api: {} }`)).toMatch(
      /cannot tell requests by cookie \(it can by header/,
    )
    expect(problemsOf(`${cookie}traffic: { replicas: {} }`)).toMatch(
      /cannot tell requests by cookie \(it can not at all\)/,
    )
  })
})

describe('stages', () => {
  it('with an audience need no weight, and are followed by weights that rise', () => {
    const text = `stages:
  - { mirror: 100% }
  - { match: [{ header: x-beta, value: 'yes' }, { cookie: beta }, { custom: '{"uri":{"prefix":"/b"}}' }] }
  - 5
  - 100
gates: { reporter: destination }`
    expect(build(text).plan.stages.map(({ name, route }) => [name, route])).toEqual([
      ['mirror 100%', { weight: 0, match: [], mirror: 100 }],
      [
        'audience 0%',
        {
          weight: 0,
          match: [
            { by: 'header', name: 'x-beta', value: 'yes' },
            { by: 'cookie', name: 'beta', value: 'always' },
            { by: 'custom', name: '', value: '{"uri":{"prefix":"/b"}}' },
          ],
          mirror: 0,
        },
      ],
      ['5%', { weight: 5, match: [], mirror: 0 }],
      ['100%', { weight: 100, match: [], mirror: 0 }],
    ])
  })

  it('with a mirror want counters that see it', () => {
    const text = 'stages: [{ mirror: 100% }, 100]\n'
    expect(problemsOf(text)).toMatch(/gates.reporter: source does not count mirrored requests: destination is wanted/)
    expect(problemsOf(`${text}gates: { reporter: destination }`)).toBe('')
  })

  it('say what is wrong with a condition', () => {
    const of = (match: string) => problemsOf(`stages: [{ match: [${match}] }, 100]`)
    expect(of('{ header: a, cookie: b }')).toMatch(/stages\[0\].match\[0\]: exactly one of header, cookie and custom/)
    expect(of('{ header: a }')).toMatch(/stages\[0\].match\[0\].value: is missing/)
    expect(of(`{ custom: '[1]' }`)).toMatch(/custom: "\[1\]" is no JSON object/)
  })
})

describe('strategies', () => {
  it('red-black removes what no longer serves', () => {
    const { plan } = build('strategy: red-black')
    expect([plan.strategy, plan.retire, plan.ending]).toEqual(['red-black', 'remove', 'swap'])
  })

  it('a test of two versions wants an audience, and a person where there is no goal', () => {
    expect(problemsOf('strategy: ab-test')).toMatch(/test.match: is missing/)
    const match = 'strategy: ab-test\ntest: { match: [{ cookie: beta }], max: 2h'
    expect(build(`${match} }`).plan.stages[0]).toMatchObject({ approval: true, maxMs: 7_200_000 })
    const goal = `goal: { successes: s, trials: t }, samples: 1000 }\ngates: { prometheus: { url: 'http://p' } }`
    const { plan } = build(`${match}, ${goal}`)
    expect(plan.stages.map(({ gates, approval }) => [gates, approval])).toEqual([
      [['evidence', 'goal'], false],
      [['evidence'], false],
    ])
    expect(problemsOf(`${match}, goal: { successes: s } }`)).toMatch(/test.goal: needs successes and trials/)
  })
})

describe('several services', () => {
  const services = (more = '') => `services:
  - { service: stock }
  - { service: cart, after: [stock], version: '2.0'${more} }
gates: { prometheus: { url: 'http://p' } }
stages: [25, 100]`

  it('are one release with the gates of all', () => {
    const options = build(services())
    expect([options.service, options.version]).toEqual(['shop', 'stock 1.1, cart 2.0'])
    expect(options.plan.stages.map(({ gates }) => gates)).toEqual([
      ['stock/evidence', 'cart/evidence'],
      ['stock/evidence', 'cart/evidence'],
    ])
  })

  it('have their problems told at their place, and those of the file once', () => {
    const text = `${services(', deploy: { helm: {} }').replace('[25, 100]', '[25, 50]')}\npolicies: { keep-old: soon }`
    expect(problemsOf(text).split('\n')).toEqual([
      'policies.keep-old: "soon" is neither forever nor a time such as 24h',
      'stages: the last stage has weight 50, it must be 100',
      'services[1].deploy.helm.chart: is missing',
    ])
    expect(problemsOf('services: [{ service: a }, { service: a }, {}]')).toMatch(
      /services\[1\].service: "a" is there twice\nservices\[2\].service: is missing/,
    )
    expect(() => build(services().replace('[stock]', '[nobody]'))).toThrow(/after names nobody/)
  })
})

describe('waves', () => {
  const of = (list: string) => `waves: { list: [${list}], side-by-side: 3, on-failure: keep-before }`
  const built = (text: string) =>
    buildOptions(
      readConfig({ name: 'w.yaml', text: `service: shop\nnamespace: demo\nversion: '1.1'\n${text}` }, {}),
      'release',
      { env: {}, prometheusToken: '' },
    ).waves

  it('are groups of what the file says', () => {
    const found = built(
      of('{ groups: [{ namespace: eu }], pause: 30m }, { groups: [{ namespace: us }, { service: b }] }'),
    )
    expect([found?.service, found?.sideBySide, found?.onFailure]).toEqual(['shop', 3, 'keep-before'])
    expect(found?.waves.map(({ pauseMs, groups }) => [pauseMs, groups.map(({ name }) => name)])).toEqual([
      [1_800_000, ['eu-shop']],
      [0, ['us-shop', 'demo-b']],
    ])
    expect(found?.waves[1]?.groups.map(({ options }) => [options.namespace, options.service])).toEqual([
      ['us', 'shop'],
      ['demo', 'b'],
    ])
  })

  it('say what is wrong with them', () => {
    expect(problemsOf('waves: {}')).toMatch(/waves.list: is missing/)
    expect(problemsOf(of('{ groups: [] }'))).toMatch(/a wave has at least one group/)
    expect(problemsOf(of('{ groups: [{ namespace: eu }] }, { groups: [{ namespace: eu }] }'))).toMatch(
      /the name eu-shop is there twice/,
    )
  })
})

describe('deployers', () => {
  it('are one, and say what they lack', () => {
    expect(problemsOf('deploy: { helm: {}, command: {} }')).toMatch(/one way is wanted, 2 are given: helm, command/)
    expect(problemsOf('deploy: { helm: {} }')).toMatch(/deploy.helm.chart: is missing/)
    expect(problemsOf('deploy: { manifests: {} }')).toMatch(/deploy.manifests.paths: is missing/)
    expect(problemsOf('deploy: { command: {} }')).toMatch(/deploy.command.deploy: is missing/)
  })
})
