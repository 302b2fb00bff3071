import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

interface Operation {
  readonly method: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly body: { readonly properties?: Readonly<Record<string, unknown>> } | null
  readonly status: number
  readonly answer: unknown
}

/** One request that arrived, with the operation of the description that it is. */
export interface Asked {
  readonly what: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly authorization: string
}

interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const { operations } = JSON.parse(readFileSync('__tests__/fixtures/github-openapi.json', 'utf8')) as {
  readonly operations: readonly Operation[]
}
const ajv = new Ajv({ strict: false, coerceTypes: true, allErrors: true })
addFormats.default(ajv)

const toPattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

/**
 * GitHub's API for what its published description holds: every request is checked by it, and answered from it. What
 * does not fit is a 422 and a line in `wrong`. Deployments are kept, so that a second run finds those of the first.
 */
export class FakeGitHub {
  readonly asked: Asked[] = []
  /** Requests that do not fit the description. */
  readonly wrong: string[] = []
  /** Answers in place of the description's, by `METHOD path`. */
  readonly refuse = new Map<string, Refusal>()
  readonly deployments: Record<string, unknown>[] = []
  readonly deploymentStatuses = new Map<number, Record<string, unknown>[]>()
  /** What compare answers. */
  comparison: unknown = null
  url = ''
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        const url = new URL(request.url ?? '', 'http://github')
        const found = this.answer(request.method ?? '', url, text, request.headers.authorization ?? '')
        response.writeHead(found.status, { 'content-type': 'application/json', ...found.headers })
        response.end(JSON.stringify(found.body))
      })
    })
  }

  static async open(): Promise<FakeGitHub> {
    const fake = new FakeGitHub()
    await new Promise<void>((done) => fake.server.listen(0, '127.0.0.1', done))
    fake.url = `http://127.0.0.1:${(fake.server.address() as AddressInfo).port}`
    return fake
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  /** Requests of one operation. */
  of(what: string): readonly Asked[] {
    return this.asked.filter((one) => one.what === what)
  }

  private answer(method: string, url: URL, text: string, authorization: string) {
    const operation = operations.find((one) => one.method === method && toPattern(one.path).test(url.pathname))
    if (operation === undefined) return this.bad(404, `${method} ${url.pathname} is not in the description`)
    const what = `${method} ${operation.path}`
    const query = Object.fromEntries(url.searchParams)
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    const params = toPattern(operation.path).exec(url.pathname)?.groups ?? {}
    this.asked.push({ what, path: url.pathname, query, body, authorization })
    const problems = problemsOf(operation, { path: params, query }, body)
    if (problems.length > 0) return this.bad(422, `${what}: ${problems.join('; ')}`)
    const refusal = this.refuse.get(what)
    if (refusal !== undefined) {
      return { status: refusal.status, body: { message: refusal.message }, headers: refusal.headers ?? {} }
    }
    return { status: operation.status, body: this.behave(what, params, query, body) ?? operation.answer, headers: {} }
  }

  private bad(status: number, message: string) {
    this.wrong.push(message)
    return { status, body: { message }, headers: {} }
  }

  private behave(
    what: string,
    params: Readonly<Record<string, string>>,
    query: Readonly<Record<string, string>>,
    body: Readonly<Record<string, unknown>>,
  ): unknown {
    const id = Number(params['deployment_id'])
    switch (what) {
      case 'POST /repos/{owner}/{repo}/deployments': {
        const made = { ...body, id: this.deployments.length + 1, sha: body['ref'], task: body['task'] ?? 'deploy' }
        this.deployments.unshift(made)
        return made
      }
      case 'GET /repos/{owner}/{repo}/deployments':
        return this.deployments.filter((one) => query['sha'] === undefined || one['sha'] === query['sha'])
      case 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses':
        this.deploymentStatuses.set(id, [body, ...(this.deploymentStatuses.get(id) ?? [])])
        return { ...body, id: 1 }
      case 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses':
        return this.deploymentStatuses.get(id) ?? []
      case 'GET /repos/{owner}/{repo}/compare/{basehead}':
        return this.comparison
      default:
        return null
    }
  }
}

/** Why a request is not one of the operation; GitHub also refuses descriptions of more than 140 characters. */
function problemsOf(
  { parameters, body: schema }: Operation,
  given: Readonly<Record<'path' | 'query', Readonly<Record<string, string>>>>,
  body: Readonly<Record<string, unknown>>,
): readonly string[] {
  const problems: string[] = []
  const check = (name: string, by: object, value: unknown): void => {
    const copy: unknown = structuredClone({ value })
    if (!ajv.validate({ type: 'object', properties: { value: by } }, copy))
      problems.push(`${name}: ${ajv.errorsText()}`)
  }
  for (const place of ['path', 'query'] as const) {
    for (const [name, value] of Object.entries(given[place])) {
      const known = parameters.find((one) => one.name === name && one.in === place)
      if (known === undefined) problems.push(`${name} is no parameter`)
      else check(name, known.schema, value)
    }
  }
  if (schema === null) return Object.keys(body).length === 0 ? problems : [...problems, 'a body is not expected']
  check('body', schema, body)
  for (const name of Object.keys(body)) if (!(name in (schema.properties ?? {}))) problems.push(`${name} is unknown`)
  const { description } = body
  if (typeof description === 'string' && description.length > 140) problems.push('description is too long')
  return problems
}
