import { defineConfig } from 'vitest/config'

// The real mesh is one for all files, and some of them take parts of it down: one file at a time, with the
// scenarios inside a file side by side.
export default defineConfig({
  test: {
    include: ['__tests__/e2e/**/*.e2e.ts'],
    globalSetup: '__tests__/e2e/setup.ts',
    fileParallelism: false,
    // With eight of them, two busy cores answered every second request later than 50 ms: the rig was what was slow.
    maxConcurrency: 5,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
})
