import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { 'gray-release': fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: { include: ['__tests__/**/*.test.ts'], testTimeout: 20_000, maxWorkers: 2, maxConcurrency: 2 },
})
