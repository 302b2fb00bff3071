import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { buildOptions } from '../../src/config/build.ts'
import { readConfig } from '../../src/config/read.ts'
import { ReleaseError } from '../../src/errors.ts'

const surroundings = { env: {}, prometheusToken: '' }

function problemsOf(text: string, inputs: Record<string, string> = {}): string[] {
  try {
    buildOptions(readConfig({ name: 'f.yaml', text }, inputs), 'release', surroundings)
    return []
  } catch (thrown) {
    if (!(thrown instanceof ReleaseError)) throw thrown
    return thrown.problems.map((one) => (one.line > 0 ? `${one.line}:${one.column} ${one.message}` : one.message))
  }
}

describe('a file', () => {
  it('has every problem reported at once, with line and column', () => {
    const text = [
      'service: address-service',
      'namspace: happyride',
      'stages:',
      '  - { weight: 5, min: 5 }',
      '  - weight: 200',
      '  - { weight: 100, aproval: true }',
      'gates:',
      '  errors: { allowance: 0.1 %% }',
      '  prometheus: { url: prom:9090, bearer-token: abc }',
      'policies: { on-cancel: stay }',
    ].join('\n')
    expect(problemsOf(text)).toEqual([
      '2:1 namspace: unknown key; did you mean namespace?',
      '4:18 stages[0].min: 5 is not a time with a unit, for example 90s, 5m or 1h30m',
      '5:5 stages[1].weight: 200 is not a whole number from 0 to 100',
      '6:20 stages[2].aproval: unknown key; did you mean approval?',
      '8:13 gates.errors.allowance: "0.1 %%" is not a share, for example 0.1% or 0.001',
      '9:17 gates.prometheus.url: "prom:9090" is not an address that begins with http:// or https://',
      '9:33 gates.prometheus.bearer-token: a secret does not belong into the file: name the environment variable that has it with bearer-token-env',
      '10:13 policies.on-cancel: "stay" is none of revert, hold',
    ])
  })

  it('that is not YAML says where', () => {
    expect(problemsOf('service: [a\nnamespace: b')[0]).toMatch(/^2:\d+ not valid YAML/)
  })

  it('with stages that fall, or do not end at 100, is refused', () => {
    const text = 'service: a\nnamespace: b\nversion: "1"\nstages: [50, 20]'
    expect(problemsOf(text).join()).toMatch(/does not rise above 50.*must be 100/)
  })

  it('with a query that can never fail is refused', () => {
    const text =
      'service: a\nnamespace: b\nversion: "1"\ngates: { prometheus: { url: http://p }, checks: { x: { query: up } } }'
    expect(problemsOf(text)).toEqual([
      'gates.checks.x: a query without min, max or tolerance can never fail; give one of them',
    ])
  })

  it('cannot pollute prototypes', () => {
    const problems = problemsOf('service: a\nnamespace: b\nversion: "1"\n__proto__: { polluted: yes }\nconstructor: 1')
    expect(problems.join()).toContain('unknown key')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('inputs', () => {
  it('override the file, and their problems are named as inputs', () => {
    const text = 'service: a\nnamespace: b\nversion: "1"\nstages: [1, 100]'
    const written = readConfig({ name: 'f', text }, { stages: '5, 50,100', version: 'v2' })
    expect(written).toMatchObject({ version: 'v2', stages: [{ weight: 5 }, { weight: 50 }, { weight: 100 }] })
    expect(problemsOf(text, { stages: '5, x', 'on-cancel': 'hodl' })).toEqual([
      'input stages[1].weight: "x" is not a whole number from 0 to 100',
      'input on-cancel: "hodl" is none of revert, hold; did you mean hold?',
    ])
  })

  it('that are missing are named together', () => {
    expect(problemsOf('{}').map((one) => one.split(':')[0])).toEqual(['service', 'namespace', 'version'])
  })
})

describe('gates', () => {
  const base = 'service: a\nnamespace: b\nversion: "1"\n'
  const stagesOf = (text: string) =>
    buildOptions(readConfig({ name: 'f', text: base + text }, {}), 'release', surroundings).options.plan.stages

  it('are the golden signals as soon as Prometheus is named', () => {
    const stages = stagesOf('gates: { prometheus: { url: http://p } }')
    expect(stages.map((stage) => stage.gates)).toEqual(Array(5).fill(['evidence']))
  })

  it('of your own run in the stages that name them, or in all', () => {
    const checks = 'checks: { smoke: { command: [a] }, always: { command: [b] } }'
    const stages = stagesOf(`stages: [{ weight: 0, checks: smoke }, 100]\ngates: { ${checks} }`)
    expect(stages.map((stage) => stage.gates)).toEqual([['smoke', 'always'], ['always']])
  })

  it('that a stage names and nobody defines are refused', () => {
    expect(problemsOf(`${base}stages: [{ weight: 100, checks: smok }]`)[0]).toContain('there is no gate "smok"')
  })

  it('take the token from the environment and never show it', () => {
    const text = `${base}gates: { prometheus: { url: http://p, bearer-token-env: PROM } }`
    const written = readConfig({ name: 'f', text }, {})
    const built = buildOptions(written, 'release', { env: { PROM: 'abcdefgh' }, prometheusToken: '' })
    expect(built.secrets).toContain('abcdefgh')
    expect(problemsOf(text)).toEqual(['gates.prometheus.bearer-token-env: the environment variable PROM is not set'])
  })
})

it.each(['examples/address-service/gray-release.yaml', 'examples/address-service/header-routing/gray-release.yaml'])(
  '%s is good',
  (name) => {
    expect(problemsOf(readFileSync(name, 'utf8'), { version: '1.1.0' })).toEqual([])
  },
)
