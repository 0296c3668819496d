import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'pure', sequence: { groupOrder: 0 }, include: ['tests/**/*.pure.test.ts'], environment: 'node' },
      },
      {
        test: {
          name: 'rooms',
          sequence: { groupOrder: 1 },
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.pure.test.ts', 'tests/journeys/**'],
          globalSetup: ['tests/support/database.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'journeys',
          sequence: { groupOrder: 2 },
          include: ['tests/journeys/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
          // Real browsers and real audio on shared cores: a story that was starved is told once more before it counts.
          retry: 1,
          // Each journey runs a whole centre and a browser; side by side they would only wait for each other.
          fileParallelism: false,
        },
      },
    ],
  },
})
