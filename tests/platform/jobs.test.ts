import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stayAlive } from '../../server/platform/alive.ts'
import { connectQueue, openQueue, perform, startDrainer, startWorker } from '../../server/platform/jobs.ts'
import { makeLog } from '../../server/platform/log.ts'
import { claimDue, giveBack } from '../../server/platform/outbox.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

const enqueue = (kind: string, subject: string) =>
  centre.db.query(`INSERT INTO outbox (id, kind, subject, due_at) VALUES (gen_random_uuid(), $1, $2, $3)`, [
    kind,
    subject,
    centre.clock.now(),
  ])
const open = (kind: string) =>
  centre.db.query<{ subject: string; attempts: number }>(
    'SELECT subject, attempts FROM outbox WHERE kind = $1 ORDER BY subject',
    [kind],
  )

test('one subject that cannot be done holds up no other, comes again later each time, and is told to a person', async () => {
  const done: string[] = []
  const troubles: string[] = []
  const jobs = {
    greet: async (subjects: string[]) => {
      if (subjects.includes('broken')) throw new Error('no')
      done.push(...subjects)
    },
  }
  for (const subject of ['a', 'broken', 'c']) await enqueue('greet', subject)
  const entries = await centre.db.query<{ id: string; subject: string; attempts: number }>(
    `SELECT id, subject, 5 AS attempts FROM outbox WHERE kind = 'greet' ORDER BY subject`,
  )
  const parts = { db: centre.db, clock: centre.clock, jobs, onTrouble: (kind: string) => troubles.push(kind) }
  await perform(parts, { kind: 'greet', entries })
  expect([done, (await open('greet')).map((row) => row.subject), troubles]).toEqual([['a', 'c'], ['broken'], ['greet']])
  const [row] = await centre.db.query<{ waits: number }>(
    `SELECT extract(epoch FROM due_at - $1)::int AS waits FROM outbox WHERE kind = 'greet'`,
    [centre.clock.now()],
  )
  expect(row?.waits).toBe(16)
})

test('a timer does not wait for an incident that somebody is changing; it looks again a second later', async () => {
  const [device] = await devicesIn(centre)
  const id = (await centre.press(device as { key: string })).body.incidentId
  const escalations = () => centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'escalated'`, [id])
  centre.clock.forward(61_000)
  await centre.db.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM incident WHERE id = $1 FOR UPDATE', [id])
    await centre.work()
    expect(await escalations()).toHaveLength(0)
  })
  await centre.pass(2)
  expect(await escalations()).toHaveLength(4)
})

test('a connection lost in the middle of a transaction is an outage, not the end of the process', async () => {
  await expect(
    centre.db.transaction(async (tx) => {
      const [me] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await centre.db.query('SELECT pg_terminate_backend($1)', [me?.pid])
      await tx.query('SELECT 1')
    }),
  ).rejects.toThrow()
  expect(await centre.db.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a refusal takes back what was written before it was found out', async () => {
  await centre.db.transaction(async (tx) => {
    await tx.query(`INSERT INTO outbox (id, kind, subject, due_at) VALUES (gen_random_uuid(), 'never', 'x', now())`)
    return { refused: 'no' }
  })
  expect(await open('never')).toEqual([])
})

test('through the real queue: what is due is done once it is committed, and what fails stays', async () => {
  const url = centre.url
  const connection = await connectQueue({ database: url, redis: process.env['TEST_REDIS_URL'], prefix: randomUUID() })
  const queue = openQueue(connection)
  const seen: string[] = []
  const log = makeLog('silent')
  const { db, clock, parts } = centre
  const jobs = {
    'say-hello': async (subjects: string[]) => {
      seen.push(...subjects)
      if (subjects.includes('bad')) throw new Error('no')
    },
  }
  const drainer = startDrainer({ db, clock, log, queue, reachable: connection.ready, metrics: parts.metrics })
  const worker = startWorker(connection, drainer, { db, clock, jobs, log, metrics: parts.metrics, onTrouble: () => {} })
  await worker.waitUntilReady()
  await enqueue('say-hello', 'good')
  await enqueue('say-hello', 'bad')
  drainer.kick()
  // Each may be handed over by itself: when the one is done, the other need not have been tried.
  await vi.waitFor(async () => {
    expect((await open('say-hello')).map((row) => row.subject)).toEqual(['bad'])
    expect(new Set(seen)).toEqual(new Set(['good', 'bad']))
  }, 10_000)
  await drainer.close()
  await worker.close()
  await queue.close()
  await connection.close()
})

test('while the queue is away, who cannot work leaves the rows alone, and a worker does them itself', async () => {
  const { db, clock, parts } = centre
  const log = makeLog('silent')
  const queue = openQueue({
    options: { connection: {} as never, prefix: 'away' },
    ready: () => false,
    close: async () => {},
  })
  const away = { db, clock, log, queue, reachable: () => false, metrics: parts.metrics }
  await db.query(`INSERT INTO outbox (id, kind, subject, due_at) VALUES (gen_random_uuid(), 'greet-away', 'x', $1)`, [
    clock.now(),
  ])
  const state = () => db.query('SELECT attempts, sent_at AS "sentAt" FROM outbox WHERE kind = $1', ['greet-away'])
  const idle = startDrainer(away)
  expect(await idle.drain()).toBe(0)
  expect(await state()).toEqual([{ attempts: 0, sentAt: null }])
  await idle.close()
  const worker = startDrainer(away)
  const seen: string[] = []
  worker.standIn(async (batch) => {
    if (batch.kind !== 'greet-away') return
    await perform(
      { db, clock, jobs: { 'greet-away': async (some) => void seen.push(...some) }, onTrouble: () => {} },
      batch,
    )
  })
  await worker.drain()
  await vi.waitFor(async () => expect(await state()).toEqual([]), 5_000)
  expect(seen).toEqual(['x'])
  await worker.close()
  await queue.close().catch(() => {})
})

test('what nobody was told of is found all the same: the drainer looks by itself', async () => {
  const { db, clock, parts } = centre
  const queue = openQueue({
    options: { connection: {} as never, prefix: 'unkicked' },
    ready: () => false,
    close: async () => {},
  })
  const away = { db, clock, log: makeLog('silent'), queue, reachable: () => false, metrics: parts.metrics }
  const seen: string[] = []
  await enqueue('greet', 'before')
  const drainer = startDrainer(away)
  drainer.standIn(async ({ kind, entries }) => {
    if (kind === 'greet') seen.push(...entries.map((entry) => entry.subject))
  })
  await vi.waitFor(() => expect(seen).toEqual(['before']), 5_000)
  // The look at the start is over; whoever writes now and dies before the kick leaves only the row.
  await enqueue('greet', 'later')
  await vi.waitFor(() => expect(seen).toEqual(['before', 'later']), 5_000)
  await drainer.close()
  await queue.close().catch(() => {})
})

test('what a process had taken when it died is due again at once, and what a living one took is left to it', async () => {
  const [dying, living] = await Promise.all([
    stayAlive(centre.url, makeLog('silent')),
    stayAlive(centre.url, makeLog('silent')),
  ])
  await centre.db.query('DELETE FROM outbox')
  await enqueue('greet', 'of the dying')
  await claimDue(centre.db, centre.clock.now(), 1, dying.number)
  await enqueue('greet', 'of the living')
  await claimDue(centre.db, centre.clock.now(), 1, living.number)
  expect(await giveBack(centre.db)).toBe(0)
  await dying.stop() // as by kill -9: its session ends with it
  await vi.waitFor(async () => expect(await giveBack(centre.db)).toBe(1))
  expect(await claimDue(centre.db, centre.clock.now(), 5)).toMatchObject([{ subject: 'of the dying', attempts: 2 }])
  await living.stop()
})
