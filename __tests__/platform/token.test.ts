import { expect, it } from 'vitest'
import { canary } from '../../src/core/strategies.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectCluster, endOfToken } from '../../src/platform/cluster.ts'
import { tokenFinding } from '../../src/preflight.ts'
import type { Cluster } from '../../src/ports.ts'

const NOW = Date.parse('2026-01-02T00:00:00Z')
const token = (payload: object): string =>
  ['{}', JSON.stringify(payload), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.')

it('a token says when it runs out, or nothing', () => {
  expect(endOfToken(token({ exp: NOW / 1000 }))).toBe(NOW)
  for (const other of ['', 'opaque', 'a.b.c', token({}), token({ exp: 'soon' })]) expect(endOfToken(other)).toBeNull()
})

it('a token that does not live as long as the stages is said before the release', () => {
  const plan = canary({
    stages: [
      { weight: 50, minMs: 20 * 60_000 },
      { weight: 100, minMs: 10 * 60_000 },
    ],
  })
  const cluster = (endsAt: number | null) => ({ tokenEndsAt: () => endsAt }) as unknown as Cluster
  expect(tokenFinding(cluster(NOW + 15 * 60_000), plan, NOW)).toEqual([
    expect.objectContaining({
      level: 'warn',
      message: 'the token of the kubeconfig runs out in 15m, the stages need at least 30m',
    }),
  ])
  for (const endsAt of [null, NOW + 31 * 60_000]) expect(tokenFinding(cluster(endsAt), plan, NOW)).toEqual([])
})

it.each([
  ['{}', []],
  ['{token: secret-token}', ['secret-token']],
  ['{username: u, password: secret-password}', ['secret-password']],
])('the credentials of a kubeconfig are secrets: %s', (user, secrets) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const cluster = '{name: c, cluster: {server: "http://127.0.0.1:1"}}'
  writeFileSync(
    kubeconfig,
    `{apiVersion: v1, kind: Config, clusters: [${cluster}], users: [{name: u, user: ${user}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`,
  )
  expect(connectCluster({ kubeconfig, timeoutMs: 1000 }).secrets).toEqual(secrets)
  rmSync(folder, { recursive: true })
})
