import type { OutTarget } from '../contracts/calls.ts'
import { isEmergencyNumber, spokenProtocols } from '../contracts/vocabulary.ts'
import type { VoiceAddress } from '../contracts/voice.ts'
import { ownNumberSql } from '../devices/own-number.ts'
import { changeIncident } from '../incidents/change.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isDomestic, phoneFault, toE164 } from '../platform/phone.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { type CallAnswer, noHeadset, onACall, scopeOf } from './commands.ts'
import { hostOfLine } from './hosts.ts'
import type { StoredCall } from './model.ts'
import { ringOut } from './ring-out.ts'
import { holdOperatorLeg, talkingCall } from './store.ts'

/** As it was typed: an emergency service, or a number of this country. */
function outsideNumber(text: string): string | undefined {
  const number = isEmergencyNumber(text) ? text : toE164(text)
  return number && isDomestic(number) ? number : undefined
}

/** What was typed behind a number is not left out without a word: who rings the switchboard must know that they do. */
export function unfitNumber(to: OutTarget): Refusal | undefined {
  if (!('number' in to) || isEmergencyNumber(to.number) || !phoneFault(to.number)?.startsWith('has-extension')) return
  return refuse('has-extension', 'Leave the extension out, ring, and press it as keys when they answer.')
}

/** Where a target can be rung, and how it is called; undefined when it is not in this operator's reach. */
export async function addressOf(
  db: Pick<Tx, 'query'>,
  incident: Stored,
  to: OutTarget,
): Promise<{ address: VoiceAddress | { operator: string }; label: string; contactId: string | null } | undefined> {
  if ('unit' in to) return unitOf(db, incident, to.unit)
  if ('operatorId' in to) {
    const [row] = await db.query<{ name: string }>(
      `SELECT name FROM account a WHERE id = $1 AND active AND EXISTS (SELECT 1 FROM account_role r JOIN area ON area.id = r.area_id
         WHERE r.account_id = a.id AND r.role IN ('operator', 'supervisor', 'dispatcher') AND $2 LIKE area.path || '%')`,
      [to.operatorId, incident.areaPath],
    )
    return row && { address: { operator: to.operatorId }, label: row.name, contactId: null }
  }
  if ('contactId' in to) {
    const [row] = await db.query<{ name: string; phone: string }>(
      'SELECT name, phone FROM contact WHERE id = $1 AND resident_id = $2',
      [to.contactId, incident.residentId],
    )
    return row && { address: { phone: row.phone }, label: row.name, contactId: to.contactId }
  }
  if ('residentId' in to) {
    const [row] = await db.query<{ name: string; phone: string }>(
      `SELECT r.name, r.phone FROM resident r WHERE r.id = $1 AND r.phone IS NOT NULL AND EXISTS (
         SELECT 1 FROM outage o JOIN outage_device l ON l.outage_id = o.id JOIN device d ON d.id = l.device_id
         WHERE o.incident_id = $2 AND d.resident_id = r.id)`,
      [to.residentId, incident.id],
    )
    return row && { address: { phone: row.phone }, label: row.name, contactId: null }
  }
  if ('responderId' in to) {
    const [row] = await db.query<{ name: string; phone: string }>(
      `SELECT r.name, r.phone FROM responder r WHERE r.id = $1 AND EXISTS (SELECT 1 FROM assignment s WHERE s.responder_id = r.id AND s.incident_id = $2)`,
      [to.responderId, incident.id],
    )
    return row && { address: { phone: row.phone }, label: row.name, contactId: null }
  }
  if ('number' in to) {
    const number = outsideNumber(to.number)
    return number === undefined ? undefined : { address: { phone: number }, label: number, contactId: null }
  }
  const [row] = await db.query<{ name: string; phone: string | null; kiosk: string | null }>(
    `SELECT coalesce(r.name, '') AS name, coalesce((SELECT c.number FROM call c WHERE c.incident_id = i.id AND c.direction = 'in' AND c.number IS NOT NULL ORDER BY c.offered_at DESC LIMIT 1), r.phone) AS phone,
       (SELECT c.device_id FROM call c JOIN device d ON d.id = c.device_id AND d.kind = 'kiosk' WHERE c.incident_id = i.id ORDER BY c.offered_at DESC LIMIT 1) AS kiosk
     FROM incident i LEFT JOIN resident r ON r.id = i.resident_id WHERE i.id = $1`,
    [incident.id],
  )
  if (row?.kiosk && !row.phone) return { address: { kiosk: row.kiosk }, label: row.name, contactId: null }
  return row?.phone ? { address: { phone: row.phone }, label: row.name, contactId: null } : undefined
}

/** A device of this incident's resident, or whose incident it is; its own number is what it said, or is known by. */
async function unitOf(db: Pick<Tx, 'query'>, incident: Stored, deviceId: string) {
  const [row] = await db.query<{ id: string; label: string; number: string | null }>(
    `SELECT id, coalesce(nullif(room, ''), account) AS label, ${ownNumberSql} AS number FROM device
     WHERE id = $1 AND revoked_at IS NULL AND protocol = ANY ($2) AND (resident_id = $3 OR id = $4)`,
    [deviceId, spokenProtocols, incident.residentId, incident.deviceId],
  )
  return row && { address: { unit: row.id, number: row.number }, label: row.label, contactId: null }
}

/** Can it be rung now: open somewhere, and in no conversation at any media host? */
export async function canRing(parts: Parts, tx: Pick<Tx, 'query'>, address: VoiceAddress): Promise<boolean> {
  // A unit is one and the same, by whichever number it is rung.
  const same = 'unit' in address ? `leg.address->>'unit' = $1` : 'leg.address = $1'
  const talking = await tx.query(
    `SELECT 1 FROM call_leg leg JOIN call ON call.id = leg.call_id WHERE leg.status IN ('early', 'up') AND ${same} AND call.status <> 'ended' LIMIT 1`,
    ['unit' in address ? address.unit : JSON.stringify(address)],
  )
  return talking.length === 0 && (await parts.voice.reaches(address))
}

/** Writes a call out, ringing; the job places it. Inside the transaction that decided it. */
export async function placeCall(
  parts: Parts,
  tx: Tx,
  incident: Stored,
  operatorId: string,
  to: { address: VoiceAddress; contactId: string | null; label: string },
): Promise<StoredCall> {
  const locale = incident.language === 'en' ? 'en' : 'zh-CN'
  // Where the operator's line is already, so that it need not move.
  return ringOut(parts, tx, incident, { ...to, locale, operatorId }, await hostOfLine(tx, operatorId))
}

export const placedFact = (call: StoredCall, at: Date, actor: string, unit = false): Fact => ({
  at,
  actor,
  type: 'call-placed',
  data: {
    callId: call.id,
    to: unit ? 'unit' : call.contactId ? 'contact' : call.deviceId ? 'kiosk' : 'resident',
    contactId: call.contactId,
  },
})

/** Calls the resident (or the number that called), a contact or the alarm unit from an incident in hand. */
export async function callOut(parts: Parts, caller: Caller, incidentId: string, to: OutTarget): CallAnswer {
  let placed: StoredCall | undefined
  const changed = await changeIncident(parts, {
    id: incidentId,
    inScope: scopeOf(caller),
    decide: async (incident, tx) => {
      if (incident.ownerId !== caller.id) return refuse('not-owner', 'Take the incident first.')
      if (incident.status !== 'triage' && incident.status !== 'response')
        return refuse('not-in-hand', 'It is resolved. Open a new incident for a new call.')
      const unfit = unfitNumber(to)
      if (unfit) return unfit
      if (!(await holdOperatorLeg(tx, caller.id))) return noHeadset
      if (await talkingCall(tx, caller.id)) return onACall
      const target = await addressOf(tx, incident, to)
      if (!target || 'operator' in target.address) return refuse('no-number', 'There is no number to call.')
      if (!(await canRing(parts, tx, target.address)))
        return refuse('not-reachable', 'Their telephone cannot be rung from here. Dial the number by hand.')
      placed = await placeCall(parts, tx, incident, caller.id, { ...target, address: target.address })
      return { facts: [placedFact(placed, parts.clock.now(), actorOf.operator(caller.id), 'unit' in to)] }
    },
  })
  return isRefusal(changed) ? changed : (placed as StoredCall)
}
