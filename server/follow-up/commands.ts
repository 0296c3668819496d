import type { z } from 'zod'
import type { dispatchRoutes as api } from '../contracts/dispatch.ts'
import { alertLeaders, commitFacts } from '../incidents/change.ts'
import { actorOf } from '../incidents/model.ts'
import { openOrAttach } from '../incidents/open-or-attach.ts'
import { lock, type Stored } from '../incidents/store.ts'
import { claimStaleAfterMs } from '../incidents/timers.ts'
import type { Caller } from '../platform/caller.ts'
import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { judgeFollowUp, undoWithinMs } from './choose.ts'

type Said = z.output<typeof api.completeFollowUp.body>
type Told = z.output<typeof api.completeFollowUp.reply>
type Row = {
  incidentId: string
  kind: string
  doneAt: Date | null
  doneBy: string | null
  linkedId: string | null
  result: string | null
}

const gone = refuse('not-found', 'It is done already, or not in your area.')
const no = {
  'asked-by-closer': refuse(
    'asked-by-closer',
    'You closed this one yourself. Leave the question to a colleague who is on duty.',
  ),
  'note-needed': refuse('invalid', 'Write what was not all right: whoever takes it on begins from it.', [
    { path: 'note', message: 'required' },
  ]),
}
/** A complaint is an everyday matter; what it is about may raise it. */
const complaintClass = 3

/** The follow-up with its incident, both locked, the incident first as everywhere. */
async function found(tx: Tx, caller: Caller, id: string): Promise<{ row: Row; incident: Stored } | undefined> {
  // By where the resident lives today, who may have moved since.
  const [of] = await tx.query<{ incidentId: string; areaPath: string }>(
    `SELECT f.incident_id AS "incidentId", area.path AS "areaPath" FROM follow_up f JOIN incident i ON i.id = f.incident_id
     JOIN resident r ON r.id = i.resident_id JOIN area ON area.id = r.area_id WHERE f.id = $1`,
    [id],
  )
  const incident = of && (await lock(tx, of.incidentId))
  if (!incident || !caller.may('handle-incident', of.areaPath)) return undefined
  const [row] = await tx.query<Row>(
    `SELECT incident_id AS "incidentId", kind, done_at AS "doneAt", done_by AS "doneBy", linked_id AS "linkedId", result
     FROM follow_up WHERE id = $1 FOR UPDATE`,
    [id],
  )
  return row && { row, incident }
}

/** Who closed the matter that is asked about; null when its wrap-up ran out. */
async function closerOf(tx: Tx, incidentId: string): Promise<string | null> {
  const [row] = await tx.query<{ actor: string }>(
    `SELECT actor FROM fact WHERE incident_id = $1 AND type = 'closed' ORDER BY seq DESC LIMIT 1`,
    [incidentId],
  )
  return row?.actor.startsWith('operator:') ? row.actor.slice('operator:'.length) : null
}

/** Could a colleague ask instead: somebody whose console is alive, who is not away, and who looks after this area? */
async function othersOnDuty(tx: Tx, operatorId: string, areaPath: string, now: Date): Promise<boolean> {
  const others = await tx.query(
    `SELECT 1 FROM presence p JOIN account a ON a.id = p.account_id AND a.active JOIN account_role r ON r.account_id = a.id
       JOIN area ON area.id = r.area_id
     WHERE p.account_id <> $1 AND p.status = 'available' AND p.seen_at > $2 AND r.role IN ('operator', 'supervisor', 'dispatcher')
       AND $3 LIKE area.path || '%' LIMIT 1`,
    [operatorId, after(now, -claimStaleAfterMs), areaPath],
  )
  return others.length > 0
}

/** The call was made: what came of it stands in the timeline. Who was not satisfied gets a matter of their own, and a leader hears. */
export function completeFollowUp(parts: Parts, caller: Caller, id: string, said: Said): Promise<Told | Refusal> {
  const now = parts.clock.now()
  return parts.db.transaction(async (tx) => {
    const asked = await found(tx, caller, id)
    if (!asked || asked.row.doneAt) return gone
    const { row, incident } = asked
    const judged = judgeFollowUp(
      { kind: row.kind, closedById: await closerOf(tx, incident.id) },
      { ...said, operatorId: caller.id, othersOnDuty: await othersOnDuty(tx, caller.id, incident.areaPath, now) },
    )
    if ('refused' in judged) return no[judged.refused]
    const { byCloser } = judged
    const linked = said.result === 'not-satisfied' ? await openComplaint(parts, tx, caller, incident, said.note) : null
    await tx.query(
      'UPDATE follow_up SET done_at = $2, done_by = $3, result = $4, note = $5, linked_id = $6, by_closer = $7 WHERE id = $1',
      [id, now, caller.id, said.result, said.note, linked?.id ?? null, byCloser],
    )
    const { kind } = row
    await commitFacts(parts, tx, incident, [
      {
        at: now,
        actor: actorOf.operator(caller.id),
        type: 'followed-up',
        data: { followUpId: id, kind, result: said.result, note: said.note, byCloser },
      },
    ])
    return {
      byCloser,
      linkedIncidentId: linked?.id ?? null,
      linkedNumber: linked?.number ?? null,
      undoUntil: after(now, undoWithinMs).toISOString(),
    }
  })
}

/** What they said, as a matter that somebody else takes on; one of theirs that is open already takes it in. */
async function openComplaint(parts: Parts, tx: Tx, caller: Caller, about: Stored, note: string): Promise<Stored> {
  const now = parts.clock.now()
  const actor = actorOf.operator(caller.id)
  const { residentId, deviceId, areaId, areaPath, language, lat, lon } = about
  const who = { residentId, deviceId, areaId, areaPath, language, lat, lon, class: complaintClass }
  const subject = residentId ? `resident:${residentId}` : about.subject
  const signal = { alarmIds: [], deviceId: null, kind: 'not-satisfied', class: complaintClass, signals: 1 }
  const opened = await openOrAttach(parts, tx, { ...who, subject }, signal, actor, about.id)
  const noted = await commitFacts(parts, tx, opened, [{ at: now, actor, type: 'noted', data: { text: note } }])
  tx.afterCommit(() => alertLeaders(parts, noted, 'not-satisfied'))
  return noted
}

/** Pressed by mistake: it is due again. A matter that was opened by it stays, since somebody may be on it; its timeline says so. */
export function undoFollowUp(parts: Parts, caller: Caller, id: string): Promise<Record<string, never> | Refusal> {
  const now = parts.clock.now()
  return parts.db.transaction(async (tx) => {
    const asked = await found(tx, caller, id)
    if (!asked) return refuse('not-found')
    const { row, incident } = asked
    if (!row.doneAt) return {} // undone twice
    if (row.doneBy !== caller.id)
      return refuse('not-owner', 'A colleague has entered it. Ask them, or open the incident.')
    if (row.doneAt < after(now, -undoWithinMs))
      return refuse('too-late-to-undo', 'It was entered a while ago and stays. Write a note into the incident instead.')
    const reopened = await tx.query(
      `UPDATE follow_up f SET done_at = NULL, done_by = NULL, result = NULL, note = '', by_closer = false, linked_id = NULL WHERE id = $1
         AND NOT EXISTS (SELECT 1 FROM follow_up g WHERE g.resident_id = f.resident_id AND g.kind = f.kind AND g.done_at IS NULL) RETURNING 1`,
      [id],
    )
    if (reopened.length === 0) return refuse('too-late-to-undo', 'The same is due again already.')
    const by = { at: now, actor: actorOf.operator(caller.id) }
    await commitFacts(parts, tx, incident, [
      { ...by, type: 'follow-up-undone', data: { followUpId: id, kind: row.kind } },
    ])
    const linked = row.linkedId && (await lock(tx, row.linkedId))
    if (linked && linked.status !== 'closed')
      await commitFacts(parts, tx, linked, [
        { ...by, type: 'follow-up-undone', data: { followUpId: id, kind: row.kind } },
      ])
    return {}
  })
}
