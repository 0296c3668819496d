import type { OpeningHours } from '../contracts/hotlines.ts'
import type { Language } from '../contracts/vocabulary.ts'
import type { Party, PromptLocale, VoiceAddress } from '../contracts/voice.ts'
import { ownNumberSql } from '../devices/own-number.ts'
import { stateAt } from '../hotlines/hours.ts'
import { urgentByKey } from '../incidents/after-call.ts'
import { commitFacts } from '../incidents/change.ts'
import { actorOf } from '../incidents/model.ts'
import { type Who as Need, openOrAttach } from '../incidents/open-or-attach.ts'
import type { Stored } from '../incidents/store.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { toE164 } from '../platform/phone.ts'
import { homeSql } from '../platform/place.ts'
import { stampHost } from './hosts.ts'
import { type Call, type StoredCall, untouchedCall } from './model.ts'
import { handOnCall } from './move.ts'
import { insertCall, insertLeg, loadCall } from './store.ts'

/** A call is an everyday need until somebody knows better; the resident's line class may raise it. */
const callClass = 3
/** A call of a resident's alarm unit. */
const pressedClass = 2
/** The number is marked as nuisance: after all others, unless a key says that it is urgent. */
const lastClass = 5

export type Arrival = {
  callId: string
  legId: string | null
  party: Party
  medium: 'voice' | 'text'
  line: string
  locale: PromptLocale
}

/** Whose need it is, as far as the number tells. Several residents on one number, or none: the operator finds out. */
type Who = Need & {
  number: string | null
  /** Where they are rung, should the call have to be known again by it. */
  address: VoiceAddress
}

/**
 * A call comes in: call, leg, incident (opened, or the open one attached to), fact and timers commit together, before the
 * caller hears the first tone. The same call again changes nothing.
 */
export async function openFromCall(
  parts: Parts,
  arrival: Arrival,
  also?: (tx: Tx) => Promise<void>,
): Promise<StoredCall> {
  const known = await loadCall(parts.db, arrival.callId)
  if (known) return known
  return parts.db.transaction(async (tx) => {
    const hotline = await hotlineOf(tx, arrival.line)
    const locale = hotline?.locale ?? arrival.locale
    const now = parts.clock.now()
    const who = await whoCalls(tx, { ...arrival, locale }, hotline, now)
    const data = {
      alarmIds: [],
      deviceId: who.deviceId,
      callId: arrival.callId,
      kind: 'call',
      class: who.class,
      signals: 1,
    }
    const incident = await openOrAttach(parts, tx, who, data, `call:${arrival.callId}`)
    const number = arrival.medium === 'voice' ? hotline : undefined
    const { open, until } = number ? stateAt(number.hours, now) : { open: true, until: null }
    const closed = !open && mayBeClosed(incident)
    const call = await insertCall(tx, {
      // As it stands in the list: by that its own words and keys are found.
      ...newCall({ ...arrival, locale, line: hotline?.number ?? arrival.line }, who, incident, now),
      aside: closed ? 'closed' : null,
      overflowMinutes: number?.overflowMinutes ?? null,
    })
    if (closed)
      await commitFacts(parts, tx, incident, [
        {
          at: now,
          actor: actorOf.system,
          type: 'out-of-hours',
          data: { callId: call.id, until: until?.toISOString() ?? null },
        },
      ])
    if (arrival.medium === 'voice') await stampHost(tx, call.id, parts.bus.id)
    if (arrival.legId) {
      await insertLeg(
        tx,
        { callId: call.id, legId: arrival.legId, side: 'caller', address: who.address, label: '', status: 'early' },
        now,
      )
    }
    await also?.(tx)
    await handOnCall(parts, tx, call)
    tx.afterCommit(() => parts.metrics.calls.inc({ medium: call.medium }))
    return call
  })
}

/** The hours of a number never stand before a life, nor before what is urgent already or in somebody's hand. */
const mayBeClosed = (incident: Stored) => incident.status === 'waiting' && incident.class > urgentByKey

function newCall(arrival: Arrival, who: Who, incident: Stored, now: Date): Call {
  const text = arrival.medium === 'text'
  return {
    ...untouchedCall,
    id: arrival.callId,
    incidentId: incident.id,
    direction: 'in',
    medium: arrival.medium,
    status: text ? 'queued' : 'offered',
    line: arrival.line,
    number: who.number,
    verified: arrival.party.kind === 'phone' ? (arrival.party.verified ?? null) : null,
    deviceId: who.deviceId,
    areaPath: incident.areaPath,
    locale: arrival.locale,
    offeredAt: now,
    queuedAt: now,
    waitingSince: now,
    seenAt: text ? now : null,
  }
}

type Place = Pick<Who, 'areaId' | 'areaPath' | 'lat' | 'lon'>

async function whoCalls(
  tx: Tx,
  { party, locale, callId }: Arrival,
  hotline: Hotline | undefined,
  now: Date,
): Promise<Who> {
  const language = locale === 'en' ? 'en' : 'zh'
  if (party.kind === 'kiosk') {
    const [at] = await tx.query<Place & { kind: string }>(
      `SELECT d.kind, area.id AS "areaId", area.path AS "areaPath", area.lat, area.lon FROM device d JOIN area ON area.id = d.area_id WHERE d.id = $1`,
      [party.deviceId],
    )
    if (!at) throw new Error('the device is not known')
    if (at.kind !== 'kiosk') return fromDevice(tx, party.deviceId, language)
    // Each call of a kiosk is somebody else's.
    return {
      ...at,
      subject: `call:${callId}`,
      residentId: null,
      deviceId: party.deviceId,
      number: null,
      address: { kiosk: party.deviceId },
      class: callClass,
      language,
    }
  }
  const number = party.kind === 'phone' && party.number ? (toE164(party.number) ?? party.number) : null
  const address = { phone: number ?? '' }
  const residents = number ? await residentsWith(tx, number) : []
  const nuisance = number !== null && (await isNuisance(tx, number, now))
  const classOf = (lineClass: number) => (nuisance && lineClass > 1 ? lastClass : Math.min(callClass, lineClass))
  const one = residents.length === 1 ? residents[0] : undefined
  if (one) {
    const { id, lineClass, languages, ...at } = one
    return {
      ...at,
      subject: `resident:${id}`,
      residentId: id,
      deviceId: null,
      number,
      address,
      class: classOf(lineClass),
      language: languages[0] ?? language,
    }
  }
  const [district] = await tx.query<Place>(
    `SELECT id AS "areaId", path AS "areaPath", NULL::float8 AS lat, NULL::float8 AS lon FROM area
     WHERE CASE WHEN $1::uuid IS NULL THEN parent_id IS NULL ELSE id = $1 END ORDER BY path LIMIT 1`,
    [hotline?.areaId ?? null],
  )
  if (!district) throw new Error('there is no area')
  const at = residents[0]
    ? { areaId: residents[0].areaId, areaPath: residents[0].areaPath, lat: residents[0].lat, lon: residents[0].lon }
    : district
  const gravest = classOf(Math.min(callClass, ...residents.map((resident) => resident.lineClass)))
  return {
    ...at,
    subject: number ? `number:${number}` : `call:${callId}`,
    residentId: null,
    deviceId: null,
    number,
    address,
    class: gravest,
    language,
  }
}

/** The unit of a resident calls: its alarm has come before, and the call belongs to that. */
async function fromDevice(tx: Tx, deviceId: string, language: Language): Promise<Who> {
  const [row] = await tx.query<
    Place & {
      subject: string
      residentId: string | null
      lineClass: number | null
      languages: Language[] | null
      ownNumber: string | null
    }
  >(
    `SELECT coalesce('resident:' || d.resident_id, 'device:' || d.id) AS subject, d.resident_id AS "residentId", r.line_class AS "lineClass",
       r.languages, ${ownNumberSql} AS "ownNumber", area.id AS "areaId", area.path AS "areaPath", coalesce(${homeSql('lat', 'h', 'area')}, area.lat) AS lat, coalesce(${homeSql('lon', 'h', 'area')}, area.lon) AS lon
     FROM device d JOIN area ON area.id = d.area_id LEFT JOIN resident r ON r.id = d.resident_id LEFT JOIN household h ON h.id = r.household_id
     WHERE d.id = $1`,
    [deviceId],
  )
  if (!row) throw new Error('the device is not known')
  const { lineClass, languages, ownNumber, ...who } = row
  // Whoever calls from a unit has pressed it.
  return {
    ...who,
    deviceId,
    number: null,
    address: { unit: deviceId, number: ownNumber },
    class: Math.min(pressedClass, lineClass ?? pressedClass),
    language: languages?.[0] ?? language,
  }
}

type Hotline = { number: string } & {
  areaId: string
  locale: PromptLocale
  hours: OpeningHours
  overflowMinutes: number
}

/** The number that was dialled, if it stands in the list. */
async function hotlineOf(db: Pick<Db, 'query'>, line: string): Promise<Hotline | undefined> {
  const [row] = await db.query<Hotline>(
    `SELECT number, area_id AS "areaId", locale, hours, overflow_minutes AS "overflowMinutes" FROM hotline
     WHERE active AND number = ANY ($1) LIMIT 1`,
    [[line, toE164(line) ?? line]],
  )
  return row
}

async function isNuisance(db: Pick<Db, 'query'>, number: string, now: Date): Promise<boolean> {
  return (await db.query('SELECT 1 FROM nuisance WHERE number = $1 AND expires_at > $2', [number, now])).length > 0
}

function residentsWith(db: Pick<Db, 'query'>, number: string) {
  return db.query<Place & { id: string; lineClass: number; languages: Language[] }>(
    `SELECT r.id, r.line_class AS "lineClass", r.languages, r.area_id AS "areaId", area.path AS "areaPath", ${homeSql('lat', 'h', 'area')} AS lat, ${homeSql('lon', 'h', 'area')} AS lon
     FROM resident r JOIN household h ON h.id = r.household_id JOIN area ON area.id = r.area_id
     WHERE r.phone = $1 AND r.active ORDER BY r.id LIMIT 20`,
    [number],
  )
}
