import { readdirSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import * as api from '../src/index.ts'
import { INPUTS, OUTPUTS } from '../src/config/inputs.ts'

it('the library exports exactly this', () => {
  expect(Object.keys(api).sort()).toEqual(
    [
      'NOBODY',
      'ReleaseError',
      'abTest',
      'abortWaves',
      'abort',
      'blockEvidence',
      'blueGreen',
      'canary',
      'command',
      'commandDeployer',
      'describeShares',
      'distributionError',
      'evidence',
      'gatewayApi',
      'gaugeEvidence',
      'goal',
      'hasAudience',
      'helm',
      'helmfile',
      'ingressNginx',
      'istio',
      'istioCounters',
      'journal',
      'lease',
      'manifests',
      'nginxCounters',
      'none',
      'parseDuration',
      'pause',
      'plan',
      'prometheus',
      'promote',
      'ratioInterval',
      'redBlack',
      'release',
      'releaseWaves',
      'replicaRatio',
      'rollback',
      'settle',
      'shareInterval',
      'status',
      'sweep',
      'systemPlatform',
      'toDuration',
      'toShares',
      'together',
      'decodeRecord',
      'encodeRecord',
      'toHtml',
      'toRecord',
      'toSummary',
      'webhook',
      'workloads',
    ].sort(),
  )
})

it('the README shows the examples that are compiled', () => {
  const readme = readFileSync('README.md', 'utf8')
  for (const name of ['release.ts', 'custom.ts']) {
    expect(readme).toContain(readFileSync(`examples/library/${name}`, 'utf8').trim())
  }
})

it('action.yml has no expression in a text: the runner refuses the whole file then', () => {
  const lines = readFileSync('action.yml', 'utf8').split('\n')
  expect(lines.filter((line) => line.includes('${{')).map((line) => line.trim())).toEqual([
    'default: ${{ github.token }}',
  ])
})

it('action.yml has the inputs that are read and the outputs that are written', () => {
  const action = load(readFileSync('action.yml', 'utf8')) as {
    inputs: object
    outputs: object
    runs: { using: string }
  }
  expect(Object.keys(action.inputs)).toEqual(Object.keys(INPUTS))
  expect(Object.keys(action.outputs)).toEqual(Object.keys(OUTPUTS))
  expect(action.runs.using).toBe('node24')
})

it('every workflow of the example names only inputs that exist', () => {
  for (const name of ['release', 'plan', 'sweep']) {
    const text = readFileSync(`examples/address-service/workflows/${name}.yml`, 'utf8')
    const workflow = load(text) as { jobs: Record<string, { steps: { uses?: string; with?: object }[] }> }
    const ours = Object.values(workflow.jobs)
      .flatMap((job) => job.steps)
      .filter((step) => step.uses?.includes('gray-release') === true)
    expect(ours.length).toBeGreaterThan(0)
    for (const step of ours) for (const key of Object.keys(step.with ?? {})) expect(Object.keys(INPUTS)).toContain(key)
  }
})

it('every action of another maker is pinned by its commit in our workflows', () => {
  const folder = '.github/workflows'
  const used = readdirSync(folder).flatMap((name) => [
    ...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/\buses: (\S+)/g),
  ])
  const foreign = used.map(([, action = '']) => action).filter((action) => !action.startsWith('org/gray-release'))
  expect(foreign.length).toBeGreaterThan(10)
  expect(foreign.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
})
