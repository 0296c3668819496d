import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import type { JobKind } from '../../server/contracts/jobs.ts'
import { alarmTypes } from '../../server/contracts/vocabulary.ts'
import type { VoiceEvent } from '../../server/contracts/voice.ts'
import { messagesIn } from '../../server/messages/commands.ts'
import type { Job, Jobs } from '../../server/platform/jobs.ts'
import { enqueue } from '../../server/platform/outbox.ts'
import { allJobs } from '../../server/wiring/jobs.ts'
import { buildWorld, unknownId, type World } from '../access/authorization/world.ts'

let w: World
let jobs: Jobs
beforeAll(async () => {
  w = await buildWorld()
  const { 'write-search': _, ...all } = allJobs(w.centre.parts)
  // That one renews columns and is about nobody: residents/renew-search.
  jobs = all
})
afterAll(() => w.close())

let messages = 0
type Story = { story(w: World): Promise<unknown>; seconds?: number; timer?: boolean; beats?: boolean }
const owned =
  (then: (id: string, w: World) => Promise<unknown>): Story['story'] =>
  async (world) =>
    then((await world.owned()).id, world)
const ana = (world: World, path: string, body?: object) => world.must(world.people.owner.post(path, body))

/** For each kind of job: what happens so that it falls due, within how long; `timer` when it is set ahead of its time. */
const stories: Record<string, Story> = {
  'route-incident': { story: (world) => world.people.owner.available().then(() => world.pressed()) },
  'expire-offer': { story: (world) => world.people.owner.available().then(() => world.pressed()), seconds: 40 },
  'escalate-incident': { story: (world) => world.pressed(), timer: true, seconds: 20 },
  'tell-leaders': { story: (world) => world.pressed(), seconds: 200 },
  'ring-on-call': { story: (world) => world.pressed(), seconds: 200 },
  'check-claim': { story: (world) => world.owned(), timer: true, seconds: 60 },
  'return-held': {
    story: owned((id, world) => ana(world, `/incidents/${id}/hold`, { minutes: 1, reason: '等回电' })),
    timer: true,
    seconds: 70,
  },
  'end-wrap-up': { story: (world) => world.resolved(), timer: true, seconds: 200 },
  'settle-call': {
    // The media lost what it was told; the sweep has it told again.
    story: async (world) => {
      const { callId } = await world.talking()
      await world.centre.work()
      world.centre.phone.rooms.clear()
      await world.db.transaction((tx) => enqueue(tx, 'settle-call', callId, world.centre.clock.now()))
    },
  },
  'place-leg': { story: callingOut },
  'end-greeting': { story: (world) => world.centre.phone.dial(world.resident.phone), timer: true, seconds: 20 },
  'announce-call': { story: (world) => world.ringing(), timer: true, seconds: 40 },
  'end-asking': {
    story: async (world) => ana(world, `/calls/${(await world.talking()).callId}/ask-by-keys`),
    timer: true,
    seconds: 20,
  },
  'end-ringing': { story: callingOut, timer: true, seconds: 40 },
  'end-prompts': { story: (world) => dialled(world), timer: true, seconds: 60 },
  'end-message': {
    story: async (world) => {
      const { legId } = await dialled(world)
      const token = world.centre.phone.playing.get(legId)?.token as string
      await world.centre.phone.say({ type: 'played', legId, token })
    },
    timer: true,
    seconds: 200,
  },
  'check-overflow': { story: (world) => dialled(world, false) },
  'check-unit-call': {
    story: (world) =>
      world.centre.intake.receive({
        deviceId: world.pendant.id,
        sequence: 7_000_000 + ++messages,
        type: 'button',
        voice: 'calls',
        receivedAt: world.centre.clock.now(),
      }),
    timer: true,
    seconds: 70,
  },
  'check-text-call': { story: (world) => world.writing(), timer: true, seconds: 120 },
  // A message with a picture is answered by one of ours, which goes out.
  'send-text': {
    story: (world) =>
      messagesIn(world.centre.parts).heard({
        id: `SM${++messages}`,
        from: '+8613812345678',
        to: '12349',
        text: '请看',
        media: 1,
        keyword: null,
      }),
  },
  'check-hold': {
    story: async (world) => ana(world, `/calls/${(await world.talking()).callId}/hold`),
    timer: true,
    seconds: 70,
  },
  'end-leg': {
    story: async (world) => {
      const { callId } = await world.talking()
      await ana(world, `/calls/${callId}/join`, { to: { contactId: world.contact } })
    },
    timer: true,
    seconds: 40,
  },
  'operator-leg-lost': {
    story: async (world) => {
      await world.talking()
      await world.centre.phone.headset(world.people.owner.id, false)
    },
    timer: true,
    seconds: 10,
  },
  'expire-recording': {
    story: async (world) => {
      await world.recorded()
      await world.db.query(`UPDATE session SET expires_at = '2100-01-01'`)
      world.centre.clock.forward(800 * 86_400_000)
    },
  },
  'climb-ladder': { story: owned((id, world) => ana(world, `/incidents/${id}/no-response`)), seconds: 100 },
  'send-ladder-helper': {
    story: owned((id, world) => ana(world, `/incidents/${id}/no-response`)),
    seconds: 1_300,
    beats: true,
  },
  'next-wave': { story: (world) => world.sent(), timer: true, seconds: 120 },
  'check-promise': { story: (world) => world.sent(), timer: true, seconds: 3_700 },
  'notify-responder': { story: (world) => world.sent() },
  'check-shown': {
    story: async (world) => {
      await world.db.query(`UPDATE responder SET told_by = 'app'`)
      for (const { id } of await world.db.query<{ id: string }>('SELECT id FROM responder'))
        world.centre.pagesOpen.add(id)
      await world.sent()
      await world.centre.work()
    },
    timer: true,
    seconds: 10,
  },
  // Rung and nobody there: after half a minute once more.
  'ring-responder': { story: sentByCall, seconds: 40 },
  'take-reply': {
    story: async (world) => {
      await sentByCall(world)
      await world.centre.work()
      const [leg] = await world.db.query<{ id: string }>(
        `SELECT leg.leg_id AS id FROM call_leg leg JOIN call ON call.id = leg.call_id WHERE call.asks = 'assignment'`,
      )
      await world.centre.phone.answers(leg?.id as string)
      await world.centre.phone.say({ type: 'dtmf', legId: leg?.id, key: '1' })
    },
  },
  'notify-stood-down': {
    story: async (world) => ana(world, `/assignments/${(await world.sent()).assignment}/stand-down`),
  },
  'end-test-call': {
    story: async (world) => {
      await ana(world, `/test-calls/${await world.testCall()}/await-press`)
      await world.pressed()
    },
  },
  'tell-family': {
    story: async (world) => {
      await world.db.query('UPDATE resident SET family_consent = true')
      await world.db.query(`UPDATE contact SET relation = '女儿'`)
      const id = await world.resolved()
      await ana(world, `/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' })
    },
  },
  'schedule-follow-up': {
    story: async (world) => {
      const id = await world.resolved()
      await ana(world, `/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' })
    },
  },
}
async function sentByCall(world: World) {
  await world.db.query(`UPDATE responder SET told_by = 'call'`)
  return world.sent()
}
/** A listed number is rung and its greeting heard; closed it asks for a message, open it has nobody on duty. */
async function dialled(world: World, closed = true) {
  const week = closed ? [{ day: 1, from: '03:00', to: '03:01' }] : []
  await world.db.query(`UPDATE hotline SET hours = $1 WHERE number = '12349'`, [JSON.stringify({ week, dates: [] })])
  const ids = { callId: crypto.randomUUID(), legId: crypto.randomUUID() }
  const party = { kind: 'phone' as const, number: '+8613812345670' }
  await world.centre.phone.say({ type: 'arrived', ...ids, party, line: '12349', locale: 'zh-CN' })
  await world.centre.phone.say({ type: 'leg-up', ...ids, party })
  await world.centre.phone.heardGreeting(ids.callId, ids.legId)
  await world.centre.mediaDone()
  return ids
}
async function callingOut(world: World) {
  await world.centre.phone.headset(world.people.owner.id)
  await ana(world, `/incidents/${(await world.owned()).id}/call`, { to: { resident: true } })
}

type Due = { id: string; kind: string; subject: string; dueAt: Date }
const entries = () => w.db.query<Due>('SELECT id, kind, subject, due_at AS "dueAt" FROM outbox ORDER BY due_at, id')
const deliver = (kind: string, subject: string) => (jobs[kind as JobKind] as Job)([subject])
const remove = (id: string) => w.db.query('DELETE FROM outbox WHERE id = $1', [id])

/** What the centre knows: all that a person or a device could see, and nothing of the timers. */
async function known(): Promise<string> {
  const all = {
    fact: 'SELECT incident_id, seq, type, data FROM fact ORDER BY 1, 2',
    incident:
      'SELECT id, status, class, owner_id, escalation, version, assignments_open, held_until, ladder_until FROM incident ORDER BY 1',
    offer: 'SELECT id, status, declined, version FROM offer ORDER BY 1',
    assignment: 'SELECT id, status, version FROM assignment ORDER BY 1',
    call: 'SELECT id, status, aside, announced, broken, ended_because, reply, outcome, version FROM call ORDER BY 1',
    leg: 'SELECT leg_id, status FROM call_leg ORDER BY 1',
    text: 'SELECT call_id, n FROM call_text ORDER BY 1, 2',
    message: 'SELECT about, channel, phone FROM message ORDER BY 1, 2, 3',
    testCall: 'SELECT id, result, done_at FROM test_call ORDER BY 1',
    followUp: 'SELECT incident_id, kind FROM follow_up ORDER BY 1, 2',
    recording: 'SELECT id, ended_at IS NULL AS runs, deleted_at IS NULL AS kept FROM recording ORDER BY 1',
    booked:
      'SELECT id, open_assignments, offers_made FROM responder WHERE open_assignments > 0 OR offers_made > 0 ORDER BY 1',
  }
  const seen: unknown[] = []
  for (const sql of Object.values(all)) seen.push(await w.db.query(sql))
  return JSON.stringify(seen)
}
/** And what it told others just now: a leader's alert, the media, a carrier. */
const told = () =>
  JSON.stringify([
    w.centre.pushed.length,
    [...w.centre.phone.playing],
    [...w.centre.phone.rooms],
    w.centre.phone.placed,
    w.centre.removed,
  ])

/** Time passes, everything else is done when it is due, until a job of this kind is; its subject. */
async function until(kind: string, secondsMax: number, beats: boolean): Promise<Due> {
  for (let second = 0; second <= secondsMax; second++) {
    for (let round = 0; round < 20; round++) {
      const due = (await entries()).filter(({ dueAt }) => dueAt <= w.centre.clock.now())
      const found = due.find((entry) => entry.kind === kind)
      if (found) return found
      if (due.length === 0) break
      for (const entry of due) {
        await deliver(entry.kind, entry.subject)
        await remove(entry.id)
      }
    }
    w.centre.clock.forward(1000)
    if (beats) await w.people.owner.beat()
  }
  throw new Error(`${kind} never fell due`)
}

describe('a job that is delivered again', { timeout: 120_000 }, () => {
  test('has a story for every kind there is', () => {
    expect(Object.keys(stories).sort()).toEqual(Object.keys(jobs).sort())
    const root = join(import.meta.dirname, '../../server')
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('jobs.ts'))
    const made = sources.flatMap((name) =>
      [...readFileSync(join(root, name), 'utf8').matchAll(/export function (\w+Jobs)\(parts: Parts\)/g)].map(
        ([, of]) => of,
      ),
    )
    const table = readFileSync(join(root, 'wiring/jobs.ts'), 'utf8')
    expect(made.length).toBeGreaterThan(5)
    expect(made.filter((of) => !table.includes(`...${of}(parts)`))).toEqual([])
  })
  for (const [kind, { story, seconds = 0, timer, beats = false }] of Object.entries(stories)) {
    test(`${kind} does its work once, and nothing the second and the third time`, async () => {
      await w.clear()
      await story(w)
      const { subject, id } = await until(kind, seconds, beats)
      const before = (await known()) + told()
      await deliver(kind, subject)
      await remove(id)
      await w.centre.mediaDone() // a recording begins beside the commit
      const once = await known()
      expect(once + told(), 'the story is one in which it has something to do').not.toBe(before)
      await deliver(kind, subject)
      await deliver(kind, subject)
      expect(await known()).toBe(once)
    })
    if (timer)
      test(`${kind} before its time does nothing`, async () => {
        await w.clear()
        await story(w)
        const entry = (await entries()).find((one) => one.kind === kind)
        if (!entry) throw new Error(`${kind} was not set`)
        await w.centre.mediaDone()
        expect(entry.dueAt.getTime()).toBeGreaterThan(w.centre.clock.now().getTime())
        const before = await known()
        await deliver(kind, entry.subject)
        expect(await known()).toBe(before)
      })
  }
  test('and whose matter is unknown, or long over, is done without a word', async () => {
    await w.clear()
    const id = await w.closed()
    const before = await known()
    for (const kind of Object.keys(stories))
      for (const subject of [id, unknownId]) {
        if ((kind === 'schedule-follow-up' || kind === 'tell-family') && subject === id) continue // its own work, which was done
        await deliver(kind, kind === 'end-leg' ? `${subject}|${subject}` : subject)
      }
    expect(await known()).toBe(before)
  })
})

describe('a signal that comes again', { timeout: 120_000 }, () => {
  for (const type of alarmTypes)
    test(`${type}: the same press is one alarm, and two that change places are two`, async () => {
      await w.clear()
      const { centre, pendant } = w
      const first = (await centre.press(pendant, { sequence: 5_000_000 + ++n, type })).body
      const again = (await centre.press(pendant, { sequence: 5_000_000 + n, type })).body
      expect([again.alarmId, again.incidentId, again.duplicate]).toEqual([first.alarmId, first.incidentId, true])
      const earlier = (await centre.press(pendant, { sequence: 4_000_000 + n, type })).body
      expect(earlier.duplicate).toBe(false)
      const all = Array.from({ length: 5 }, () => centre.press(pendant, { sequence: 6_000_000 + n, type }))
      expect(new Set((await Promise.all(all)).map(({ body }) => body.alarmId)).size).toBe(1)
      expect(await w.db.query('SELECT 1 FROM alarm')).toHaveLength(3)
      expect((await w.db.query('SELECT 1 FROM incident')).length).toBeLessThanOrEqual(1)
    })

  type Event = VoiceEvent extends infer E ? (E extends VoiceEvent ? Omit<E, 'at'> : never) : never
  const phone = (number: string | null) => ({ kind: 'phone' as const, number })
  const say = (event: Event) => takeVoiceEvent(w.centre.parts, { ...event, at: w.centre.clock.now() } as VoiceEvent)
  /** For each kind of event, one that matters when it is said. A kind without a story does not compile. */
  const events: Record<VoiceEvent['type'], () => Promise<Event>> = {
    arrived: async () => ({
      type: 'arrived',
      callId: crypto.randomUUID(),
      legId: crypto.randomUUID(),
      party: phone(w.resident.phone),
      line: 'web',
      locale: 'zh-CN',
    }),
    'leg-up': async () => {
      await callingOut(w)
      await w.centre.work()
      const [leg] = await w.db.query<{ id: string }>('SELECT leg_id AS id FROM call_leg')
      return { type: 'leg-up', callId: null, legId: leg?.id as string, party: phone(null) }
    },
    'leg-down': async () => ({
      type: 'leg-down',
      callId: null,
      legId: (await w.ringing()).legId,
      party: phone(null),
      because: 'hung-up',
    }),
    played: async () => {
      const { callId, legId } = await w.centre.phone.dial(w.resident.phone)
      return { type: 'played', legId, token: `greeting:${callId}|${callId}` }
    },
    dtmf: async () => ({ type: 'dtmf', legId: (await w.ringing()).legId, key: '1' }),
    recorded: async () => {
      const { callId } = await w.talking()
      await w.centre.work()
      const [row] = await w.db.query<{ id: string }>('SELECT id FROM recording WHERE call_id = $1', [callId])
      await ana(w, `/calls/${callId}/hang-up`)
      return { type: 'recorded', recordingId: row?.id as string, durationMs: 100, bytes: 1_600 }
    },
  }
  for (const [type, make] of Object.entries(events)) {
    test(`${type}: told three times is told once`, async () => {
      await w.clear()
      const event = await make()
      const before = await known()
      await say(event)
      await w.centre.work()
      const once = await known()
      if (type !== 'dtmf') expect(once).not.toBe(before) // a key that nobody asked for changes nothing at all
      await say(event)
      await say(event)
      await w.centre.work()
      expect(await known()).toBe(once)
    })
    test(`${type}: after its call is over it changes nothing`, async () => {
      await w.clear()
      const event = await make()
      await say(event)
      await w.centre.work()
      for (const { id } of await w.db.query<{ id: string }>('SELECT leg_id AS id FROM call_leg'))
        await say({ type: 'leg-down', callId: null, legId: id, party: phone(null), because: 'hung-up' })
      await w.centre.work()
      const over = await known()
      await say(event)
      await w.centre.work()
      expect(await known()).toBe(over)
    })
  }

  test('a responder’s reports that come twice and in any order end where the last true one led', async () => {
    const path = ['accept', 'en-route', 'on-scene', 'done']
    for (const order of [
      path.flatMap((one) => [one, one]),
      ['accept', 'on-scene', 'en-route', 'accept', 'done', 'on-scene', 'done'],
    ]) {
      await w.clear()
      await w.sent()
      for (const report of order) await w.centre.ask('POST', `/r/${w.token}/${report}`, {}, {})
      expect(await w.db.query('SELECT status FROM assignment WHERE responder_id = $1', [w.ids.responder])).toEqual([
        { status: 'cleared' },
      ])
      const [row] = await w.db.query<{ open: number }>('SELECT open_assignments AS open FROM responder WHERE id = $1', [
        w.ids.responder,
      ])
      expect(row?.open).toBe(0)
    }
  })
})
let n = 0
