// Fails when dist/ is not what a fresh build gives.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

const fresh = 'dist.fresh'
try {
  execFileSync(process.execPath, [join('scripts', 'build.ts'), fresh], { stdio: 'inherit' })
  execFileSync('diff', ['-rq', 'dist', fresh], { stdio: 'inherit' })
} catch {
  process.stderr.write('dist/ is not current: run npm run build and commit it\n')
  process.exitCode = 1
} finally {
  rmSync(fresh, { recursive: true, force: true })
}
