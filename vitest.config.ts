import { defineConfig } from 'vitest/config'
import { portsOff } from './tests/support/ports.ts'

// On the scale-out profile (tests/support/servers.mjs) what is about the embedded one itself, or about pages and shapes alone,
// is not told a second time.
const toldElsewhere = process.env['TEST_REDIS_URL']
  ? [
      'tests/platform/embedded-postgres.test.ts',
      'tests/platform/start.test.ts',
      'tests/backup/**',
      'tests/faults/full-disk.test.ts',
      'tests/faults/reconnect.test.ts',
      // Their statements are plain, and the same on each PostgreSQL.
      'tests/access/**',
      'tests/residents/**',
      'tests/providers/**',
      'tests/calls/{keys,hotlines,supervise,prompts,recordings}.test.ts',
      'tests/telephony/**',
      'tests/journeys/accessibility.test.ts',
      'tests/journeys/kiosk.test.ts',
      'tests/journeys/killed.test.ts',
      'tests/journeys/secrets.test.ts',
      'tests/journeys/telephones.test.ts',
      'tests/journeys/every-telephone.test.ts',
      'tests/journeys/every-button.test.ts',
      'tests/journeys/simulate.test.ts',
    ]
  : []

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          sequence: { groupOrder: 0 },
          include: ['tests/**/*.pure.test.ts'],
          environment: 'node',
          // A hundred thousand broken frames take their time on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'rooms',
          sequence: { groupOrder: 1 },
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.pure.test.ts', 'tests/journeys/**', ...toldElsewhere],
          globalSetup: ['tests/support/database.ts'],
          env: portsOff,
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
          exclude: toldElsewhere,
          env: portsOff,
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
