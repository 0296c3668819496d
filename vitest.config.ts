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
      'tests/faults/stop.test.ts',
      'tests/operations/nginx.test.ts',
      'tests/faults/reconnect.test.ts',
      // Their statements are plain, and the same on each PostgreSQL.
      'tests/access/**',
      'tests/residents/**',
      'tests/providers/**',
      'tests/calls/{keys,hotlines,supervise,prompts,recordings}.test.ts',
      'tests/telephony/**',
      'tests/alarms/{contact-id,scaip}.test.ts',
      'tests/journeys/accessibility*.test.ts',
      'tests/journeys/{ringing-everywhere,desk,own-account}.test.ts',
      'tests/journeys/kiosk.test.ts',
      'tests/journeys/killed.test.ts',
      'tests/journeys/secrets.test.ts',
      'tests/journeys/telephones.test.ts',
      'tests/journeys/every-telephone.test.ts',
      'tests/journeys/every-button.test.ts',
      'tests/journeys/pendant.test.ts',
      'tests/journeys/provisioning.test.ts',
      'tests/journeys/simulate.test.ts',
    ]
  : []

// Stories with real audio, or that stop processes under load, have the machine to themselves; of the others two run at a time.
const alone = ['chaos', 'voice', 'telephones', 'every-telephone', 'pendant', 'kiosk'].map(
  (name) => `tests/journeys/${name}.test.ts`,
)

/** It counts the open sockets of its process, and so needs one of its own. */
const countsSockets = ['tests/telephony/rtp-fuzz.test.ts']

/** Each runs a whole centre and a browser; a story that was starved on shared cores is told once more before it counts. */
const journey = { env: portsOff, testTimeout: 90_000, hookTimeout: 120_000, retry: 1 }

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
          exclude: ['tests/**/*.pure.test.ts', 'tests/journeys/**', ...countsSockets, ...toldElsewhere],
          // Files share their modules as rooms share a process; a third of the time went into loading them anew.
          isolate: false,
          globalSetup: ['tests/support/database.ts'],
          env: portsOff,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'pages',
          sequence: { groupOrder: 2 },
          include: ['tests/journeys/**/*.test.ts', ...countsSockets],
          exclude: [...alone, ...toldElsewhere],
          ...journey,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'journeys',
          sequence: { groupOrder: 3 },
          include: alone,
          exclude: toldElsewhere,
          ...journey,
          fileParallelism: false,
        },
      },
    ],
  },
})
