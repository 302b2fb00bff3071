// Writes what is made from the settings: action.yml, schema.json and the tables of the README. With --check it compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { dump } from 'js-yaml'
import { format } from 'prettier'
import { createGenerator } from 'ts-json-schema-generator'
import { toJsonSchema } from '../src/config/json-schema.ts'
import { INPUTS, OUTPUTS } from '../src/config/inputs.ts'
import { SETTINGS } from '../src/config/settings.ts'

const action = {
  name: 'Gray Release',
  description: 'Releases a new version on Kubernetes gradually and takes it back by itself when it is worse',
  author: 'gray-release',
  branding: { icon: 'sliders', color: 'gray-dark' },
  inputs: Object.fromEntries(
    Object.entries(INPUTS).map(([name, input]) => [
      name,
      { description: input.doc, required: false, ...(input.default !== undefined && { default: input.default }) },
    ]),
  ),
  outputs: Object.fromEntries(Object.entries(OUTPUTS).map(([name, description]) => [name, { description }])),
  runs: { using: 'node24', main: 'dist/index.js', post: 'dist/post.js' },
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
const row = (...cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`

function inputTable(): string {
  const rows = Object.entries(INPUTS).map(([name, { doc, path, default: value }]) =>
    row(`\`${name}\``, doc + (value === undefined ? '' : ` Default \`${value}\`.`), path === null ? '' : `\`${path}\``),
  )
  return ['| input, and option of the CLI | what | key in the file |', '|---|---|---|', ...rows].join('\n')
}

function outputTable(): string {
  const rows = Object.entries(OUTPUTS).map(([name, doc]) => row(`\`${name}\``, doc))
  return ['| output | what |', '|---|---|', ...rows].join('\n')
}

function intoReadme(readme: string, name: string, text: string): string {
  const begin = `<!-- generated: ${name} -->`
  const end = `<!-- end: ${name} -->`
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < 0) throw new Error(`README.md has no place for ${name}`)
  return `${readme.slice(0, from)}${begin}\n${text}\n${readme.slice(to)}`
}

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'gray-release.yaml',
  ...toJsonSchema(SETTINGS),
}
const journalSchema = createGenerator({
  path: 'src/report/record.ts',
  tsconfig: 'tsconfig.json',
  type: 'ReleaseRecord',
  // tsc checks types with its own version.
  skipTypeCheck: true,
  additionalProperties: false,
}).createSchema('ReleaseRecord')
const readme = readFileSync('README.md', 'utf8')
const files: Readonly<Record<string, string>> = {
  'action.yml': `# Made by scripts/generate.ts from src/config/inputs.ts.\n${dump(action, { lineWidth: 120 })}`,
  'journal.schema.json': await format(JSON.stringify(journalSchema), { parser: 'json' }),
  'schema.json': await format(JSON.stringify(schema), { parser: 'json' }),
  'README.md': intoReadme(intoReadme(readme, 'inputs', inputTable()), 'outputs', outputTable()),
}
const check = process.argv.includes('--check')
for (const [name, text] of Object.entries(files)) {
  let found = ''
  try {
    found = readFileSync(name, 'utf8')
  } catch {
    // Not made yet.
  }
  if (found === text) continue
  if (check) {
    process.stderr.write(`${name} is not current: run npm run build and commit it\n`)
    process.exitCode = 1
  } else writeFileSync(name, text)
}
