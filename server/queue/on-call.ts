import { v7 } from 'uuid'
import { askingCalls, placeAsking } from '../calls/asked-calls.ts'
import { canRing } from '../calls/outbound.ts'
import { changeIncident } from '../incidents/change.ts'
import type { Fact } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import { escalationStepsMs, onCallStep } from '../incidents/timers.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { onCallText } from './texts.ts'

/** Nobody is woken for a flat battery or a planned call. */
const onCallClassMax = 3
const onCallAfterMs = escalationStepsMs[onCallStep - 1] as number

type Telephone = { areaId: string; name: string; phone: string }

/** The on-call telephone of the area, or of the nearest area above that has one; never that of whoever is in need. */
async function telephoneFor(
  tx: Pick<Tx, 'query'>,
  { areaPath, residentId }: Pick<Stored, 'areaPath' | 'residentId'>,
): Promise<Telephone | undefined> {
  const [row] = await tx.query<Telephone>(
    `SELECT id AS "areaId", name, on_call_phone AS phone FROM area WHERE $1 LIKE path || '%' AND on_call_phone IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM resident r WHERE r.id = $2 AND r.phone = on_call_phone)
     ORDER BY length(path) DESC LIMIT 1`,
    [areaPath, residentId],
  )
  return row
}

/**
 * At 60 s, and at each later step as long as nobody answers, the on-call telephone of the area is rung and may take the
 * incident by a key. One that cannot be rung from here leaves a message that the leaders see, to be rung by hand.
 */
export async function ringOnCall(parts: Parts, incidentId: string): Promise<void> {
  await changeIncident(parts, {
    id: incidentId,
    decide: async (incident, tx) => {
      const rung: Fact[] = []
      if (incident.status !== 'waiting' || incident.class > onCallClassMax || incident.onCallAt) return { facts: rung }
      const telephone = await telephoneFor(tx, incident)
      if (!telephone) return { facts: rung }
      const calls = await askingCalls(tx, telephone.areaId, incidentId)
      const since = calls.filter((call) => call.offeredAt >= incident.waitingSince)
      // It rings already, was rung in this very step, or has said that it cannot.
      if (since.some((call) => call.status !== 'ended' || call.reply === 'no')) return { facts: rung }
      if (since.length >= incident.escalation - onCallStep + 1 && !incident.limitOpen) return { facts: rung }
      const { areaId, name, phone } = telephone
      if (!(await canRing(parts, tx, { phone }))) {
        await leaveMessage(parts, tx, incident, phone)
        return { facts: rung }
      }
      rung.push(
        await placeAsking(parts, tx, incident, {
          asks: 'on-call',
          asksId: areaId,
          phone,
          label: name,
          locale: 'zh-CN',
        }),
      )
      return { facts: rung }
    },
  })
}

async function leaveMessage(parts: Parts, tx: Tx, incident: Stored, phone: string): Promise<void> {
  const [area] = await tx.query<{ area: string; areaEn: string }>(
    'SELECT name AS area, name_en AS "areaEn" FROM area WHERE id = $1',
    [incident.areaId],
  )
  if (!area) return
  const { number, kind } = incident
  const text = onCallText({ number, kind, class: incident.class, ...area, waitedMs: onCallAfterMs })
  // Once for each time that it waits: the text of a repeated job is the same.
  await tx.query(
    `INSERT INTO message (id, channel, phone, about, text, status, created_at) VALUES ($1, 'voice', $2, $3, $4, 'no-carrier', $5) ON CONFLICT DO NOTHING`,
    [v7(), phone, `incident:${incident.id}`, text, parts.clock.now()],
  )
}
