import type { LegId } from '../../contracts/voice.ts'
import type { Parts } from '../../platform/parts.ts'
import type { AskedOf } from '../asking.ts'
import { atHost } from '../hosts.ts'
import { waitsForUs } from '../machine.ts'
import { menuOf } from '../menu.ts'
import type { StoredCall } from '../model.ts'
import { placeInLine } from '../place.ts'
import { legsOf, loadCall } from '../store.ts'
import { clearDown } from '../unit-keys.ts'
import { mediaOf } from './choose.ts'
import { recordingOf } from './recordings.ts'

// A leg whose end nobody asked the media for leaves its name behind; such are taken away from time to time.
const soundingMax = 1_000
/** What was last carried out, so that a sound that plays on is not started again. */
const sounding = new Map<LegId, string>()
const inTurn = new Map<string, Promise<void>>()

/** Makes the media what the call's row says, where the call lives: after a commit at once, and by the job `settle-call` if that was lost. */
export const syncMedia = (parts: Parts, callId: string): Promise<void> =>
  atHost(parts, callId, { do: 'settle', callId })

/** The same at its host, reading the row again. One call at a time in turn, so that the newest state is carried out last. */
export function syncHere(parts: Parts, callId: string): Promise<void> {
  const next = (inTurn.get(callId) ?? Promise.resolve()).catch(() => {}).then(() => carryOut(parts, callId))
  inTurn.set(callId, next)
  void next.catch(() => {}).then(() => inTurn.get(callId) === next && inTurn.delete(callId))
  return next
}

async function carryOut(parts: Parts, callId: string): Promise<void> {
  const { db, voice } = parts
  const call = await loadCall(db, callId)
  if (call?.medium !== 'voice') return
  const legs = await legsOf(db, callId)
  const media = mediaOf(call, legs, {
    position: await positionOf(parts, call),
    enrolled: await isEnrolled(parts, call),
    menu: waitsForUs(call) && (await menuOf(db, call)).length > 0,
    asked: await askedOf(parts, call),
  })
  for (const sound of media.alone) {
    if (sounding.get(sound.legId) === sound.token) continue
    await voice.play(sound.legId, { ...sound, token: `${sound.token}|${callId}` })
    sounding.set(sound.legId, sound.token)
  }
  for (const legId of media.room) sounding.delete(legId)
  if (sounding.size > soundingMax)
    for (const legId of sounding.keys()) if (voice.legState(legId) === 'gone') sounding.delete(legId)
  await voice.bridge(callId, media.room, media.only)
  const recordingId = await recordingOf(parts, call, media.record !== null)
  const { silentMsMax } = media
  const to =
    recordingId && media.record ? { recordingId, left: media.record, ...(silentMsMax && { silentMsMax }) } : null
  await voice.record(callId, to)
  const clearing = media.hangUp.length > 0 && (await clearsDown(parts, call)) ? clearDown : undefined
  for (const legId of media.hangUp) {
    sounding.delete(legId)
    const isUnit = legs.some((leg) => leg.legId === legId && leg.side === 'caller')
    await voice.hangUp(legId, 'hung-up', isUnit ? clearing : undefined)
  }
}

/** The place in the line; whoever waits for nobody of ours is asked for nothing. */
export const positionOf = async ({ db, clock }: Pick<Parts, 'db' | 'clock'>, call: StoredCall): Promise<number> =>
  waitsForUs(call) ? placeInLine(db, call.incidentId, clock.now()) : 1

async function askedOf({ db, clock }: Pick<Parts, 'db' | 'clock'>, call: StoredCall): Promise<AskedOf> {
  const [row] = call.asks
    ? await db.query<{ class: number; since: Date; taken: boolean }>(
        `SELECT class, waiting_since AS since, $2 = 'on-call' OR EXISTS (SELECT 1 FROM assignment s WHERE s.incident_id = incident.id
           AND s.status IN ('accepted', 'en-route', 'on-scene', 'cleared')) AS taken FROM incident WHERE id = $1`,
        [call.incidentId, call.asks],
      )
    : []
  const waitedMs = row ? clock.now().getTime() - row.since.getTime() : 0
  return { class: row?.class ?? 3, waitedMs, taken: row?.taken ?? false }
}

/** Is this the resident's own number, or their own unit? Who answers there gave consent with their enrolment. */
async function isEnrolled({ db }: Pick<Parts, 'db'>, call: StoredCall): Promise<boolean> {
  if (call.direction === 'in' || !(call.number || call.deviceId)) return false
  const rows = await db.query(
    `SELECT 1 FROM incident i JOIN resident r ON r.id = i.resident_id WHERE i.id = $1
       AND (r.phone = $2 OR EXISTS (SELECT 1 FROM device d WHERE d.id = $3 AND d.resident_id = r.id AND d.kind <> 'kiosk'))`,
    [call.incidentId, call.number, call.deviceId],
  )
  return rows.length > 0
}

/** A call with a unit that takes a hang-up without its word for a failed call, and would call again. */
async function clearsDown({ db }: Pick<Parts, 'db'>, { deviceId }: StoredCall): Promise<boolean> {
  if (!deviceId) return false
  return (await db.query(`SELECT 1 FROM device WHERE id = $1 AND protocol = 'scaip'`, [deviceId])).length > 0
}
