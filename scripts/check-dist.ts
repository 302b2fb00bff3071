// Fails when dist/ is not what a fresh build gives.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

// Inside the project, so that the build finds its packages; the name is ignored by nobody because it never stays.
const fresh = mkdtempSync('dist-fresh-')
try {
  execFileSync(process.execPath, [join('scripts', 'build.ts'), fresh], { stdio: 'inherit' })
  execFileSync('diff', ['-rq', 'dist', fresh], { stdio: 'inherit' })
} catch {
  process.stderr.write('dist/ is not current: run npm run build and commit it\n')
  process.exitCode = 1
} finally {
  rmSync(fresh, { recursive: true, force: true })
}
