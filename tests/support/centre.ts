import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { inject } from 'vitest'
import { type AlarmIntake, alarmIntake } from '../../server/alarms/open-from-alarm.ts'
import { workAsHost } from '../../server/calls/host-work.ts'
import { beatHost } from '../../server/calls/hosts.ts'
import { conversations } from '../../server/calls/move.ts'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import { pretendMessages } from '../../server/messages/pretend.ts'
import { openBus } from '../../server/platform/bus.ts'
import { handedClock } from '../../server/platform/clock.ts'
import { connectDb, connectPrisma } from '../../server/platform/db.ts'
import { readEnv } from '../../server/platform/env.ts'
import { perform } from '../../server/platform/jobs.ts'
import { makeLog } from '../../server/platform/log.ts'
import { makeMetrics } from '../../server/platform/metrics.ts'
import { claimDue, resendAfterMs } from '../../server/platform/outbox.ts'
import type { Parts } from '../../server/platform/parts.ts'
import { makeSeal } from '../../server/platform/seal.ts'
import { noTrace } from '../../server/platform/trace.ts'
import { beat } from '../../server/queue/presence.ts'
import { buildApp } from '../../server/wiring/app.ts'
import { allJobs } from '../../server/wiring/jobs.ts'
import { testFieldKey, testStart } from './database.ts'
import { pretendVoice } from './pretend-voice.ts'

export type Pushed = { to: string; name: string; payload: unknown }
export type Answer<T = Record<string, unknown>> = { status: number; body: T }
// What was answered goes on within a turn of the loop, with its next question.
const quietTurns = 10

type Demo = {
  accounts: { username: string; password: string }[]
  devices: { id: string; key: string; residentName: string }[]
}

/**
 * A whole centre on a database of its own, a copy of the seeded district. Time is handed in; background work is done when
 * the test says so (`work`), from the real outbox by the real jobs, so that nothing sleeps and everything can come twice.
 */
export async function startCentre(given?: ReturnType<typeof handedClock>) {
  const demo = JSON.parse(inject('demo')) as Demo
  const url = await copyTemplate(inject('adminUrl'))
  const clock = given ?? handedClock(testStart)
  const pushed: Pushed[] = []
  const note = (to: string) => (at: string, name: string, payload: unknown) =>
    void pushed.push({ to: `${to}:${at}`, name, payload })
  const db = connectDb(url)
  const phone = pretendVoice(() => clock.now())
  const removed: string[] = []
  const pagesOpen = new Set<string>()
  const lostFiles = new Set<string>()
  const dir = mkdtempSync(join(tmpdir(), 'yihu-centre-'))
  const prisma = connectPrisma(url)
  const parts: Parts = {
    conversations,
    env: readEnv({ DATABASE_URL: url, DEMO: '1', LOG_LEVEL: 'silent', DATA_DIR: '/nonexistent' }),
    clock,
    db,
    prisma,
    seal: makeSeal(testFieldKey),
    realtime: {
      toArea: note('area'),
      toSupervisors: note('supervisors'),
      toResponder: note('responder'),
      responderIsHere: async (id) => pagesOpen.has(id),
      toKiosk: note('kiosk'),
      toPhone: note('phone'),
      toOperator: note('operator'),
      toLeaders: (name, payload) => void pushed.push({ to: 'leaders', name, payload }),
      toAll: (name, payload) => void pushed.push({ to: 'all', name, payload }),
      disconnect: (whose) => void pushed.push({ to: whose, name: 'disconnect', payload: null }),
    },
    bus: openBus(undefined, 'test'),
    voice: phone.voice,
    sms: undefined,
    recordings: {
      target: (id) => ({ file: `/nonexistent/${id}`, keyHex: '00' }),
      wav: async function* () {},
      peaks: async () => ({ left: [], right: [] }),
      isThere: async (id) => !lostFiles.has(id),
      remove: async (id) => void removed.push(id),
    },
    promptFile: (locale, key) => join(dir, locale, `${key}.wav`),
    shippedPrompts: join(import.meta.dirname, '../../telephony/prompts'),
    outbox: { kick: () => {}, drain: async () => 0, standIn: () => {}, close: async () => {} },
    metrics: makeMetrics(),
    trace: noTrace,
    log: makeLog('silent'),
  }
  const intake: AlarmIntake = alarmIntake(parts)
  const app: FastifyInstance = await buildApp(parts, {
    intake,
    unready: async () => [],
    consoleDir: '/nonexistent',
    map: () => ({ type: 'FeatureCollection', features: [] }),
  })
  parts.sms = pretendMessages(parts)
  phone.onEvent((event) => takeVoiceEvent(parts, event))
  workAsHost(parts)
  await beatHost(db, { id: parts.bus.id, legs: 0, legsMax: 100 })
  const jobs = allJobs(parts)
  const troubles: string[] = []

  const ask = async <T>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer<T>> => {
    const reply = await app.inject({
      method,
      url: path.startsWith('/api') ? path : `/api/v1${path}`,
      headers: { host: 'yihu.test', origin: 'http://yihu.test', ...headers },
      ...(body !== undefined && { payload: body as object }),
    })
    return { status: reply.statusCode, body: reply.body ? (reply.json() as T) : ({} as T) }
  }

  return {
    parts,
    app,
    url,
    clock,
    demo,
    db,
    pushed,
    intake,
    troubles,
    phone,
    removed,
    /** Recordings whose file is gone. */
    lostFiles,
    /** Responders whose page is open. */
    pagesOpen,
    ask,
    /** Does all background work that is due, each batch `times` times over. */
    async work(times = 1): Promise<string[]> {
      const done: string[] = []
      for (let round = 0; round < 20; round++) {
        const due = await claimDue(db, clock.now(), 500)
        if (due.length === 0) return done
        for (const kind of new Set(due.map((entry) => entry.kind))) {
          const entries = due.filter((entry) => entry.kind === kind)
          for (let i = 0; i < times; i++)
            await perform({ db, clock, jobs, onTrouble: (trouble) => troubles.push(trouble) }, { kind, entries })
          done.push(kind)
        }
      }
      throw new Error('background work never ends')
    },
    /** What follows a commit in the media is carried out beside it: waits until nobody asks the database any more. */
    async mediaDone(): Promise<void> {
      for (let quiet = 0; quiet < quietTurns; ) {
        await new Promise((resolve) => setImmediate(resolve))
        const busy = db.pools().some((pool) => pool.open > pool.idle || pool.waiting > 0)
        quiet = busy ? 0 : quiet + 1
      }
    },
    /** Background work, and then what follows in the media. */
    async settled(): Promise<void> {
      await this.work()
      await this.mediaDone()
    },
    /** The newest call to an on-call telephone that asks for a key. */
    async askedOnCall(): Promise<{ callId: string; legId: string }> {
      const [call] = await db.query<{ callId: string; legId: string }>(
        `SELECT c.id AS "callId", l.leg_id AS "legId" FROM call c JOIN call_leg l ON l.call_id = c.id WHERE c.asks = 'on-call' ORDER BY c.offered_at DESC LIMIT 1`,
      )
      if (!call) throw new Error('no on-call telephone was asked')
      return call
    },
    /** Time passes; what becomes due on the way is done at its second. */
    async pass(seconds: number, times = 1): Promise<void> {
      for (let i = 0; i < seconds; i++) {
        clock.forward(1000)
        const lost = new Date(clock.now().getTime() - resendAfterMs)
        const [due] = await db.query(
          'SELECT 1 FROM outbox WHERE (sent_at IS NULL AND due_at <= $1) OR sent_at < $2 LIMIT 1',
          [clock.now(), lost],
        )
        if (due) await this.work(times)
      }
    },
    async as(username: string) {
      const account = demo.accounts.find((one) => one.username === username)
      const reply = await app.inject({
        method: 'POST',
        url: '/api/v1/sessions',
        remoteAddress: `10.0.${desks >> 8}.${desks++ & 255}`, // each at a desk of their own
        headers: { host: 'yihu.test', origin: 'http://yihu.test' },
        payload: { username, password: account?.password },
      })
      const cookie = String(reply.headers['set-cookie']).split(';')[0] ?? ''
      const id = (reply.json() as { id: string }).id
      return {
        id,
        cookie,
        get: <T = Record<string, unknown>>(path: string) => ask<T>('GET', path, undefined, { cookie }),
        post: <T = Record<string, unknown>>(path: string, body: unknown = {}) => ask<T>('POST', path, body, { cookie }),
        put: <T = Record<string, unknown>>(path: string, body: unknown) => ask<T>('PUT', path, body, { cookie }),
        available: () => ask('PUT', '/presence', { status: 'available' }, { cookie }),
        beat: () => beat(parts, id),
      }
    },
    /** Somebody sets their password by the link that an administrator made, and can sign in. */
    async setPassword(
      by: { post(path: string): Promise<Answer> },
      { id, username, password }: { id: string; username: string; password: string },
    ) {
      const { link } = (await by.post(`/accounts/${id}/password-link`)).body as { link: string }
      const body = { token: link.split('#')[1], password }
      const used = await ask('POST', '/password-links/use', body, {})
      if (used.status !== 200) throw new Error(JSON.stringify(used.body))
      demo.accounts.push({ username, password })
    },
    /** Whoever is signed in has just used their console, however far the clock was set forward. */
    async keepSignedIn(): Promise<void> {
      await db.query(
        `UPDATE session SET last_seen_at = $1, confirmed_at = $1, expires_at = $1::timestamptz + interval '12 hours'`,
        [clock.now()],
      )
    },
    /** A device presses; the sequence counts up by itself unless given. */
    press: <T = { alarmId: string; incidentId: string; duplicate: boolean; notes: string[] }>(
      device: { key: string },
      signal: Record<string, unknown> = {},
    ) =>
      ask<T>(
        'POST',
        '/alarms',
        { sequence: ++sequence, type: 'button', ...signal },
        { authorization: `Bearer ${device.key}` },
      ),
    async close() {
      await app.close()
      await prisma.$disconnect()
      await db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

let sequence = 0
let desks = 1
export type Centre = Awaited<ReturnType<typeof startCentre>>

async function copyTemplate(adminUrl: string): Promise<string> {
  const name = `t_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  // Copies take turns: PostgreSQL copies a template only while nobody else uses it. By file, without fsync, it takes a fifth of the time.
  await admin.query('SELECT pg_advisory_lock(1)')
  await admin.query(`CREATE DATABASE ${name} TEMPLATE yihu_template STRATEGY FILE_COPY`)
  await admin.end()
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Devices in service whose residents live in this street or community, in a fixed order. */
export async function devicesIn(
  centre: Centre,
  areaName?: string,
): Promise<{ id: string; key: string; residentId: string; areaPath: string; lineClass: number; language: string }[]> {
  const rows = await centre.db.query<{
    id: string
    residentId: string
    areaPath: string
    lineClass: number
    language: string
  }>(
    `SELECT d.id, d.resident_id AS "residentId", a.path AS "areaPath", r.line_class AS "lineClass", r.languages[1] AS language
     FROM device d JOIN area a ON a.id = d.area_id JOIN resident r ON r.id = d.resident_id
     WHERE d.state = 'in-service' AND d.protocol = 'http' AND ($1::text IS NULL OR a.name = $1 OR EXISTS (SELECT 1 FROM area p WHERE p.name = $1 AND a.path LIKE p.path || '%')) ORDER BY d.account`,
    [areaName ?? null],
  )
  const keys = new Map(centre.demo.devices.map((device) => [device.id, device.key]))
  return rows.map((row) => ({ ...row, key: keys.get(row.id) as string }))
}
