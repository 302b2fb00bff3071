import { defineConfig } from 'vitest/config'

// The real mesh is one for all files, and some of them take parts of it down: one file at a time, with the
// scenarios inside a file side by side.
export default defineConfig({
  test: {
    include: ['__tests__/e2e/**/*.e2e.ts'],
    globalSetup: '__tests__/e2e/setup.ts',
    fileParallelism: false,
    maxConcurrency: 8,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
