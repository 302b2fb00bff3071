import { afterAll, beforeAll, describe } from 'vitest'
import { SandboxApiServer } from '../../src/sandbox/api-server.ts'
import { describeApiServer, type Answer, type ApiServer } from './api-server.ts'

const server = new SandboxApiServer(() => Date.now())
let url = ''

beforeAll(async () => {
  url = await server.listen()
})
afterAll(() => {
  server.close()
})

async function ask(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
  const headers = { 'content-type': contentType }
  const answer = await fetch(url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

/** While it asks, the server refuses what it is told to refuse. */
async function under(change: () => void, back: () => void, question: () => Promise<Answer>): Promise<Answer> {
  change()
  try {
    return await question()
  } finally {
    back()
  }
}

const api: ApiServer = {
  namespace: 'demo',
  ask,
  askAsNobody: (method, path, body) => {
    const { forbidden } = server.faults
    const forbid = (): void => void forbidden.add('get configmaps')
    const allow = (): void => void forbidden.delete('get configmaps')
    return under(forbid, allow, () => ask(method, path, body))
  },
  askAsStranger: (method, path) => {
    const { faults } = server
    const lock = (): void => void (faults.token = 'known')
    const unlock = (): void => void (faults.token = '')
    return under(lock, unlock, () => ask(method, path))
  },
  async watch(path, onEvent) {
    const { body } = await fetch(url + path)
    let rest = ''
    for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines.filter((one) => one !== '')) {
        const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name: string } } }
        onEvent(type, object.metadata.name)
      }
    }
  },
}

describe('the API server of the sandbox', () => {
  describeApiServer(() => api)
})
