import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { takeVoiceEvent } from '../../../server/calls/voice-events.ts'
import type { Route } from '../../../server/contracts/route.ts'
import { roles as held } from '../../../server/contracts/vocabulary.ts'
import { linkToken } from '../../../server/dispatch/link.ts'
import { type Centre, devicesIn, startCentre } from '../../support/centre.ts'

/**
 * Who comes to a door. `elsewhere` holds every role there is, in another street: every permission opens to them, and only
 * the area stands between. `both` is the same and an operator here as well: what they may here is what an operator may.
 */
export const keyHolders = ['nobody', 'device', 'kiosk', 'link'] as const
export const signedIn = [
  'stranger',
  'elsewhere',
  'both',
  'colleague',
  'owner',
  'supervisor',
  'administrator',
  'provider',
  'auditor',
] as const
export const roles = [...keyHolders, ...signedIn] as const
export type Role = (typeof roles)[number]

export const usernames: Record<(typeof signedIn)[number], string> = {
  stranger: 'op12',
  elsewhere: 'all.elsewhere',
  both: 'here.too',
  colleague: 'op02',
  owner: 'op01',
  supervisor: 'sup01',
  administrator: 'admin',
  provider: 'provider01',
  auditor: 'auditor',
}
const password = 'a long password'

/** A request to one door. `thing` is the id that a list shows to who may see it. */
export type Asked = {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  thing?: string
  /** With a session of its own, since it ends it. */
  freshSession?: boolean
  /** What was looked at before is what the door shows. */
  keepLooks?: boolean
  /** From this address instead of the role's own. */
  from?: string
}
type Sent = { status: number; type: string; body: Record<string, unknown>; text: string }

export const unknownId = '0191f0a0-0000-7000-8000-00000000dead'

/** One street with people, things and incidents of its own, asked from inside and from outside. */
export async function buildWorld() {
  const centre = await startCentre()
  const { db, parts } = centre
  const dir = mkdtempSync(join(tmpdir(), 'yihu-doors-'))
  writeFileSync(join(dir, 'demo.json'), JSON.stringify(centre.demo))
  parts.env.dataDir = dir
  // Stories begin at any hour.
  parts.env.testCallHours = { from: '00:00', to: '00:00' }
  const areas = new Map(
    (await db.query<{ id: string; name: string }>('SELECT id, name FROM area')).map((row) => [row.name, row.id]),
  )
  const areaId = (name: string) => areas.get(name) as string
  const here = areaId('听潮社区')
  const street = areaId('望澜街道')
  const far = areaId('云陂街道')
  const admin = await centre.as('admin')
  for (const [username, roles] of [
    ['all.elsewhere', held.map((role) => ({ role, areaId: far }))],
    ['here.too', [...held.map((role) => ({ role, areaId: far })), { role: 'operator', areaId: street }]],
  ]) {
    const form = { username, name: '两处', phone: null, locale: 'zh-CN', languages: ['zh'], skills: ['general'] }
    const made = await admin.post<{ id: string }>('/accounts', { ...form, capacity: 2, active: true, roles })
    if (made.status !== 200) throw new Error(JSON.stringify(made.body))
    await centre.setPassword(admin, { id: made.body.id, username: username as string, password })
    await db.query(
      'INSERT INTO account_role (account_id, role, area_id) SELECT account_id, role, area_id FROM asked_role',
    )
    await db.query('DELETE FROM asked_role')
  }
  const people = {} as Record<(typeof signedIn)[number], Awaited<ReturnType<Centre['as']>>>
  // One session for the administrator of the stories: a changed password ends the others of its account.
  for (const role of signedIn) people[role] = role === 'administrator' ? admin : await centre.as(usernames[role])
  const [pendant] = await devicesIn(centre, '听潮社区')
  if (!pendant) throw new Error('no pendant here')
  const [kiosk] = await db.query<{ id: string }>(`SELECT id FROM device WHERE kind = 'kiosk' AND area_id = $1`, [here])
  const kioskKey = centre.demo.devices.find((device) => device.id === kiosk?.id)?.key as string
  const [resident] = await db.query<{ phone: string; householdId: string }>(
    `SELECT r.phone, r.household_id AS "householdId" FROM resident r JOIN contact c ON c.resident_id = r.id WHERE r.id = $1 LIMIT 1`,
    [pendant.residentId],
  )
  if (!resident) throw new Error('no file with a contact here')
  const one = async (table: 'provider' | 'responder') =>
    (
      await db.query<{ id: string }>(
        `SELECT t.id FROM ${table} t JOIN area a ON a.id = t.area_id WHERE a.path LIKE '%' || $1 || '%' ORDER BY t.id LIMIT 1`,
        [street],
      )
    )[0]?.id as string
  const ids = {
    here,
    street,
    far,
    kiosk: kiosk?.id as string,
    provider: await one('provider'),
    responder: await one('responder'),
  }
  let token = 'A'.repeat(43)

  /** Nothing has happened yet: no incident, no call, no look. The files stay. */
  const clear = async (tries = 20): Promise<void> => {
    const cleared = await db.pool.query(everything).catch((error: { code?: string }) => {
      // The media of a call is made to follow after its answer was given; what it has just written is deleted with the rest.
      if (error.code !== '23503' || tries === 0) throw error
    })
    if (!cleared) await clear(tries - 1)
    // A minute later: what is counted in a minute begins anew.
    centre.clock.forward(61_000)
    // They come in anew for each story, however long the one before took.
    await centre.keepSignedIn()
  }
  const everything = `SELECT set_config('yihu.rewriting', 'a story begins', true); DELETE FROM outbox; DELETE FROM last_look; DELETE FROM look_review; DELETE FROM audit; DELETE FROM recording; DELETE FROM call_text; DELETE FROM call_leg;
       DELETE FROM call; DELETE FROM follow_up; DELETE FROM test_call; DELETE FROM campaign; DELETE FROM outage; UPDATE device SET test_call_until = NULL WHERE test_call_until IS NOT NULL; DELETE FROM message; DELETE FROM assignment; DELETE FROM offer; DELETE FROM alarm;
       DELETE FROM fact; UPDATE incident SET previous_id = NULL; DELETE FROM incident; DELETE FROM operator_leg; DELETE FROM presence;
       DELETE FROM prompt; UPDATE responder SET told_by = 'sms' WHERE told_by <> 'sms'; UPDATE responder SET open_assignments = 0, on_duty = true WHERE open_assignments > 0`
  const forgetLooks = () =>
    db.pool.query(
      "SELECT set_config('yihu.rewriting', 'a story begins', true); DELETE FROM look_review; DELETE FROM audit; DELETE FROM last_look",
    )
  const { owner } = people

  const must = async <T>(answer: Promise<{ status: number; body: T }>): Promise<T> => {
    const { status, body } = await answer
    if (status > 201) throw new Error(`the world is not as it should be: ${status} ${JSON.stringify(body)}`)
    return body
  }
  type Row = { id: string; incidentId: string; alarmId: string; assignments: { id: string }[] }

  const world = {
    centre,
    db,
    ids,
    people,
    pendant,
    resident,
    kioskKey,
    must,
    /** Changes with each saving of the file. */
    contact: '',
    async readContact() {
      const [row] = await db.query<{ id: string }>('SELECT id FROM contact WHERE resident_id = $1 LIMIT 1', [
        pendant.residentId,
      ])
      world.contact = row?.id as string
      return world.contact
    },
    clear,
    forgetLooks,
    areaId,
    get token() {
      return token
    },
    /** A press that nobody has taken yet. */
    async pressed() {
      return must(centre.press<Row>(pendant))
    },
    /** In the owner's hands. */
    async owned() {
      const { incidentId, alarmId } = await world.pressed()
      await must(owner.post(`/incidents/${incidentId}/answer`))
      return { id: incidentId, alarmId }
    },
    /** The leader has called everybody of the community. */
    async called() {
      const { id } = await must(people.supervisor.post<Row>('/all-hands', { areaId: here, text: '请全部上线' }))
      return id
    },
    /** Many devices are lost at once, the pendant among them, and the owner has that in hand. */
    async outage() {
      const { id } = await world.owned()
      await db.query(
        `WITH one AS (INSERT INTO outage (id, fold, incident_id, device_id, since) VALUES (gen_random_uuid(), 'gateway:door', $1, $2, $3) RETURNING id)
         INSERT INTO outage_device (outage_id, device_id) SELECT id, $2 FROM one`,
        [id, pendant.id, centre.clock.now()],
      )
      return id
    },
    /** The resident of the pendant is to be called for a test, and nobody else is. */
    async campaign() {
      await db.query(
        `UPDATE device SET last_good_test_at = CASE WHEN id = $2 THEN NULL ELSE $3::timestamptz END WHERE resident_id = $1`,
        [pendant.residentId, pendant.id, centre.clock.now()],
      )
      const { id } = await must(
        people.supervisor.post<Row>('/campaigns', { areaId: here, reason: null, residentsMax: 1_000 }),
      )
      await db.query('DELETE FROM test_call WHERE resident_id <> $1', [pendant.residentId])
      return id
    },
    /** The owner has them on the line. */
    async testCall() {
      const campaign = await world.campaign()
      const { call } = await must(owner.post<{ call: { id: string } }>(`/campaigns/${campaign}/next`))
      return call.id
    },
    async classified() {
      const { id } = await world.owned()
      await must(owner.post(`/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} }))
      return id
    },
    /** Somebody of this street is asked to go; `token` is their link. */
    async sent() {
      const id = await world.classified()
      await db.query('UPDATE responder SET on_duty = true WHERE id = $1', [ids.responder])
      const { assignments } = await must(
        owner.post<Row>(`/incidents/${id}/dispatch`, { responderIds: [ids.responder] }),
      )
      const assignment = assignments[0]?.id as string
      token = linkToken(parts.seal, assignment)
      return { id, assignment }
    },
    async resolved() {
      const id = await world.classified()
      await must(owner.post(`/incidents/${id}/resolve`))
      return id
    },
    async closed() {
      const id = await world.resolved()
      await must(owner.post(`/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' }))
      await centre.work()
      return id
    },
    /** The resident rings; the greeting is over. */
    async ringing(number = resident.phone) {
      const { callId, legId } = await centre.phone.dial(number)
      await centre.phone.heardGreeting(callId, legId)
      await centre.work()
      const [row] = await db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [callId])
      return { callId, legId, id: row?.id as string }
    },
    /** Owner and resident talk. */
    async talking() {
      await centre.phone.headset(owner.id)
      await world.readContact()
      const call = await world.ringing()
      await must(owner.post(`/incidents/${call.id}/answer`))
      return call
    },
    /** Owner and resident talk through the alarm unit. */
    async throughUnit() {
      await centre.phone.headset(owner.id)
      await db.query(`UPDATE device SET protocol = 'scaip' WHERE id = $1`, [pendant.id])
      const { callId, legId } = await centre.phone.dial(null, pendant.id)
      await centre.phone.heardGreeting(callId, legId)
      await centre.work()
      const [row] = await db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [callId])
      const id = row?.id as string
      await must(owner.post(`/incidents/${id}/answer`))
      return { callId, legId, id }
    },
    /** The colleague was asked in. */
    async invited(accepted = false) {
      const call = await world.talking()
      await centre.phone.headset(people.colleague.id)
      await must(owner.post(`/calls/${call.callId}/join`, { to: { operatorId: people.colleague.id } }))
      if (accepted) await must(people.colleague.post(`/calls/${call.callId}/accept-join`))
      return call
    },
    /** The colleague looked without taking it, and said why. */
    async brokenGlass() {
      const { id } = await world.owned()
      await must(people.colleague.get(`/incidents/${id}?breakGlass=${encodeURIComponent('家属在线等')}`))
      const [row] = await db.query<{ id: number }>(`SELECT id FROM audit WHERE action = 'break-glass'`)
      return { id, lookId: String(row?.id) }
    },
    /** A conversation that was recorded, and is over. */
    async recorded() {
      const { callId, id } = await world.talking()
      await centre.work()
      const [row] = await db.query<{ id: string }>('SELECT id FROM recording WHERE call_id = $1', [callId])
      const recordingId = row?.id as string
      await must(owner.post(`/calls/${callId}/hang-up`))
      await takeVoiceEvent(parts, {
        type: 'recorded',
        recordingId,
        durationMs: 4_200,
        bytes: 67_200,
        at: centre.clock.now(),
      })
      return { callId, id, recordingId }
    },
    /** Somebody writes at the kiosk of this community. */
    async writing() {
      const headers = { authorization: `Bearer ${kioskKey}` }
      const said = { clientId: `client-${counter++}`, text: '我听不见，请写字', locale: 'zh-CN' }
      const call = await must(centre.ask<Row>('POST', '/kiosk/text-calls', said, headers))
      const [row] = await db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [call.id])
      const id = row?.id as string
      await must(owner.post(`/incidents/${id}/answer`))
      return { callId: call.id, id }
    },
    /** A row of the database as the form with which it is changed. */
    async form<T extends object>(path: string, leave: string[]) {
      const view = await must(admin.get<T & { version: number }>(path))
      const form = Object.fromEntries(Object.entries(view).filter(([name]) => !leave.includes(name)))
      return { version: view.version, form }
    },
    /** Asks as this role: with its cookie, its key, or its link's token where a key would stand. */
    async ask(route: Route, asked: Asked, role: Role, headers: Record<string, string> = {}): Promise<Sent> {
      const path = Object.entries(asked.params ?? {}).reduce(
        (text, [name, value]) => text.replace(`:${name}`, encodeURIComponent(value)),
        route.path,
      )
      const query = asked.query ? `?${new URLSearchParams(asked.query)}` : ''
      const person = people[role as (typeof signedIn)[number]]
      const cookie =
        person &&
        (asked.freshSession ? (await centre.as(usernames[role as keyof typeof usernames])).cookie : person.cookie)
      const bearer = { device: pendant.key, kiosk: kioskKey, link: token }[role as string]
      const reply = await centre.app.inject({
        method: route.method,
        url: `/api/v1${path}${query}`,
        remoteAddress: asked.from ?? `10.77.0.${roles.indexOf(role)}`, // not this machine, to which the demo tells more
        headers: {
          host: 'yihu.test',
          origin: 'http://yihu.test',
          ...(cookie && { cookie }),
          ...(bearer && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        ...(route.method !== 'GET' && { payload: (asked.body ?? {}) as object }),
      })
      const type = String(reply.headers['content-type'])
      const json = /json/.test(type)
      return { status: reply.statusCode, type, body: json ? reply.json() : {}, text: json ? reply.body : '' }
    },
    async close() {
      await centre.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return world
}
let counter = 10_000_000
export type World = Awaited<ReturnType<typeof buildWorld>>
