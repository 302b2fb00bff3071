// Writes the part of GitHub's published OpenAPI description that the tests check our requests against. The package is
// 385 MB, so it is no dependency: node scripts/github-openapi.ts fetches it once, for a new version.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PACKAGE = '@octokit/openapi@23.0.2'
const OPERATIONS: readonly (readonly [method: string, path: string])[] = [
  ['post', '/repos/{owner}/{repo}/statuses/{sha}'],
  ['get', '/repos/{owner}/{repo}/deployments'],
  ['post', '/repos/{owner}/{repo}/deployments'],
  ['get', '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses'],
  ['post', '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses'],
  ['post', '/repos/{owner}/{repo}/check-runs'],
  ['get', '/repos/{owner}/{repo}/compare/{basehead}'],
]

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Answer>> }>>
}

interface Answer {
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

/** Without texts for people: what is left is what a request is checked by. */
const strip = (schema: unknown): unknown =>
  JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === 'description' && typeof value === 'string' ? undefined : value,
    ),
  )

function answersOf({ responses }: Operation): readonly [string, unknown] {
  for (const [status, { content }] of Object.entries(responses)) {
    const examples = content?.['application/json']?.examples
    if (status.startsWith('2') && examples !== undefined) return [status, Object.values(examples)[0]?.value]
  }
  throw new Error('no example of an answer')
}

const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
try {
  const packed = execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: folder, encoding: 'utf8' }).trim()
  execFileSync('tar', ['-xzf', packed, 'package/generated/api.github.com.deref.json'], { cwd: folder })
  const text = readFileSync(join(folder, 'package/generated/api.github.com.deref.json'), 'utf8')
  const { paths } = JSON.parse(text) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  }
  const found = OPERATIONS.map(([method, path]) => {
    const operation = paths[path]?.[method]
    if (operation === undefined) throw new Error(`${PACKAGE} has no ${method} ${path}`)
    const [status, answer] = answersOf(operation)
    const body = operation.requestBody?.content['application/json']?.schema ?? null
    const parameters = operation.parameters.map(({ name, in: place, schema }) => ({
      name,
      in: place,
      schema: strip(schema),
    }))
    return { method: method.toUpperCase(), path, parameters, body: strip(body), status: Number(status), answer }
  })
  const file = '__tests__/fixtures/github-openapi.json'
  writeFileSync(file, `${JSON.stringify({ source: PACKAGE, license: 'MIT', operations: found }, null, 1)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
