// Builds dist/: the library and CLI (dist/lib), and the Action's bundle (dist/index.js, dist/post.js and their chunks).
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { buildSync, transformSync } from 'esbuild'

const target = process.argv[2] ?? 'dist'
// Always built at the same place: the bundler derives the names of its chunks from paths.
const out = 'dist.build'
const bin = (name: string): string => join('node_modules', '.bin', name)
const run = (name: string, ...args: string[]): void => {
  execFileSync(bin(name), args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
run('tsc', '--outDir', join(out, 'lib'))
// The part of the chart library that is used, inside the file that uses it: nobody installs 60 MB for a report.
const charts = join(out, 'lib', 'report', 'charts.js')
buildSync({
  entryPoints: [charts],
  outfile: charts,
  allowOverwrite: true,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'node24',
  legalComments: 'none',
  external: ['./thin.js'],
})
const bundle = join(out, 'bundle')
run('ncc', 'build', join(out, 'lib', 'action', 'entry.js'), '-o', bundle, '--license', 'licenses.txt')
for (const name of readdirSync(bundle)) {
  const from = join(bundle, name)
  if (statSync(from).isDirectory() || name === 'package.json') continue
  // ncc minifies only the entry; the Kubernetes client is a chunk and most of the weight.
  if (name.endsWith('.js')) {
    const { code } = transformSync(readFileSync(from, 'utf8'), {
      minify: true,
      format: 'esm',
      target: 'node24',
      legalComments: 'none',
    })
    writeFileSync(from, code)
  }
  renameSync(from, join(out, name))
}
for (const name of ['echarts', 'zrender']) {
  const text = readFileSync(join('node_modules', name, 'LICENSE'), 'utf8')
  appendFileSync(join(out, 'licenses.txt'), `\n${name}\n${text}\n`)
}
rmSync(bundle, { recursive: true, force: true })
// The runner starts the same bundle twice; the second start is told apart by this word.
writeFileSync(join(out, 'post.js'), "process.argv.push('post')\nawait import('./index.js')\n")
rmSync(target, { recursive: true, force: true })
renameSync(out, target)
