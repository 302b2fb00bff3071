import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ReleaseError } from '../errors.ts'
import { decodeRecord, type ReleaseRecord } from '../report/record.ts'

/** Writes the HTML report of a release. */
export async function writeReport(record: ReleaseRecord, path: string): Promise<void> {
  const { toHtml } = await import('../report/html.ts')
  await mkdir(dirname(resolve(path)), { recursive: true })
  await writeFile(path, await toHtml(record))
}

function read(path: string): ReleaseRecord {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (thrown) {
    throw new ReleaseError('INVALID_CONFIG', `the journal ${path} cannot be read: ${(thrown as Error).message}`)
  }
  const record = decodeRecord(text)
  if (record !== undefined) return record
  throw new ReleaseError('INVALID_CONFIG', `${path} is not the journal of a release (schema 1)`, {
    hint: 'it is the file of the output journal-path, or what release --json prints',
  })
}

/** Makes the report of a past release again. Answers the exit code. */
export async function report(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: 'string' } },
  })
  const [path] = positionals
  if (path === undefined || positionals.length > 1) {
    throw new ReleaseError('INVALID_CONFIG', 'report needs one file with a journal', {
      hint: 'for example gray-release report journal.json --out report.html',
    })
  }
  const out = values.out ?? `${path.replace(/\.json$/, '')}.html`
  await writeReport(read(path), out)
  process.stdout.write(`${out}\n`)
  return 0
}
