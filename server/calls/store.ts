import { type LegEnd, operatorLegId } from '../contracts/voice.ts'
import type { Db, Tx } from '../platform/db.ts'
import { keepTimers } from '../platform/outbox.ts'
import type { Call, CallLeg, StoredCall } from './model.ts'
import { callTimersOf } from './timers.ts'

type Asks = Pick<Db, 'query'>

const fields: Record<keyof Omit<StoredCall, 'id'>, string> = {
  incidentId: 'incident_id',
  direction: 'direction',
  medium: 'medium',
  status: 'status',
  line: 'line',
  number: 'number',
  verified: 'verified',
  deviceId: 'device_id',
  contactId: 'contact_id',
  areaPath: 'area_path',
  locale: 'locale',
  operatorId: 'operator_id',
  offeredAt: 'offered_at',
  greetedAt: 'greeted_at',
  noticedAt: 'noticed_at',
  queuedAt: 'queued_at',
  waitingSince: 'waiting_since',
  answeredAt: 'answered_at',
  heldAt: 'held_at',
  seenAt: 'seen_at',
  aside: 'aside',
  asideAt: 'aside_at',
  overflowMinutes: 'overflow_minutes',
  overflowAt: 'overflow_at',
  announced: 'announced',
  broken: 'broken',
  keyed: 'keyed',
  keyedAt: 'keyed_at',
  askedAt: 'asked_at',
  surveyUntil: 'survey_until',
  rating: 'rating',
  asks: 'asks',
  asksId: 'asks_id',
  reply: 'reply',
  outcome: 'outcome',
  endedAt: 'ended_at',
  endedBecause: 'ended_because',
  version: 'version',
  seq: 'seq',
}
export const callColumns = [
  'call.id',
  ...Object.entries(fields).map(([name, column]) => `call.${column} AS "${name}"`),
].join(', ')
const legColumns = `leg.call_id AS "callId", leg.leg_id AS "legId", leg.side, leg.mode, leg.address, leg.label, leg.status, leg.created_at AS "createdAt",
  leg.up_at AS "upAt", leg.ended_at AS "endedAt", leg.ended_because AS "endedBecause"`

/** A new call with the timer that its first state needs. Twice is once. */
export async function insertCall(tx: Tx, call: Call): Promise<StoredCall> {
  const names = Object.keys(fields).filter((name) => name !== 'version' && name !== 'seq') as (keyof Call)[]
  const [row] = await tx.query<StoredCall>(
    `INSERT INTO call (id, ${names.map((name) => fields[name as keyof typeof fields]).join(', ')})
     VALUES ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')}) RETURNING ${callColumns}`,
    [call.id, ...names.map((name) => call[name])],
    'insert-call',
  )
  await keepTimers(tx, call.id, [], callTimersOf(call))
  return row as StoredCall
}

/** One call, locked. Its incident's row is locked before, always in this order. */
export async function lockCall(tx: Tx, id: string): Promise<StoredCall | undefined> {
  const [row] = await tx.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE id = $1 FOR UPDATE`,
    [id],
    'lock-call',
  )
  return row
}

export async function loadCall(db: Asks, id: string): Promise<StoredCall | undefined> {
  const [row] = await db.query<StoredCall>(`SELECT ${callColumns} FROM call WHERE id = $1`, [id], 'load-call')
  return row
}

/** The calls of these incidents that have not ended, locked. */
export function lockLive(tx: Tx, incidentId: string): Promise<StoredCall[]> {
  return tx.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE incident_id = $1 AND status <> 'ended' ORDER BY id FOR UPDATE`,
    [incidentId],
    'lock-live-calls',
  )
}

export function callsOf(db: Asks, incidentId: string): Promise<StoredCall[]> {
  return db.query<StoredCall>(`SELECT ${callColumns} FROM call WHERE incident_id = $1 ORDER BY offered_at DESC`, [
    incidentId,
  ])
}

/** Writes what a move changes, and keeps the call's timers in step with its new state. */
export async function saveCall(tx: Tx, before: StoredCall, changes: Partial<Call>): Promise<StoredCall> {
  const names = Object.keys(changes) as (keyof typeof fields)[]
  const [row] = await tx.query<StoredCall>(
    `UPDATE call SET ${names.map((name, i) => `${fields[name]} = $${i + 2}`).join(', ')}, version = version + 1, seq = nextval('change_seq')
     WHERE id = $1 RETURNING ${callColumns}`,
    [before.id, ...names.map((name) => changes[name as keyof Call])],
  )
  const saved = row as StoredCall
  await keepTimers(tx, saved.id, callTimersOf(before), callTimersOf(saved))
  return saved
}

export async function insertLeg(
  tx: Tx,
  leg: Pick<CallLeg, 'callId' | 'legId' | 'side' | 'address' | 'label' | 'status'> & Partial<Pick<CallLeg, 'mode'>>,
  at: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO call_leg (call_id, leg_id, side, address, label, status, created_at, up_at, mode) VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $6 = 'up' THEN $7::timestamptz END, $8)
     ON CONFLICT (call_id, leg_id) DO UPDATE SET side = excluded.side, mode = excluded.mode, status = excluded.status, label = excluded.label, created_at = excluded.created_at, up_at = excluded.up_at, ended_at = NULL, ended_because = NULL`,
    [leg.callId, leg.legId, leg.side, JSON.stringify(leg.address), leg.label, leg.status, at, leg.mode ?? null],
  )
}

export function legsOf(db: Asks, callId: string): Promise<CallLeg[]> {
  return db.query<CallLeg>(`SELECT ${legColumns} FROM call_leg leg WHERE leg.call_id = $1 ORDER BY leg.created_at`, [
    callId,
  ])
}

/** Their incidents ring at operators, or ring no longer: what the callers hear stays the same, the status is told. */
export function ringCalls(tx: Pick<Tx, 'query'>, incidentIds: string[], rings: boolean): Promise<StoredCall[]> {
  return tx.query<StoredCall>(
    `UPDATE call SET status = $2, version = version + 1, seq = nextval('change_seq')
     WHERE incident_id = ANY ($1) AND status = $3 AND (direction = 'in' OR answered_at IS NOT NULL) RETURNING ${callColumns}`,
    [incidentIds, ...(rings ? ['ringing', 'queued'] : ['queued', 'ringing'])],
  )
}

/** The call in which this leg is alive, with the leg. */
export async function callOfLeg(
  db: Asks,
  legId: string,
): Promise<{ callId: string; incidentId: string; side: CallLeg['side'] } | undefined> {
  const [row] = await db.query<{ callId: string; incidentId: string; side: CallLeg['side'] }>(
    `SELECT leg.call_id AS "callId", call.incident_id AS "incidentId", leg.side FROM call_leg leg JOIN call ON call.id = leg.call_id
     WHERE leg.leg_id = $1 AND leg.status <> 'down' ORDER BY leg.created_at DESC LIMIT 1`,
    [legId],
  )
  return row
}

/** The call that has just ended for this leg, while its caller is asked how it was. */
export async function surveyedCall(
  db: Asks,
  legId: string,
  now: Date,
): Promise<{ callId: string; side: CallLeg['side'] } | undefined> {
  const [row] = await db.query<{ callId: string; side: CallLeg['side'] }>(
    `SELECT call.id AS "callId", leg.side FROM call_leg leg JOIN call ON call.id = leg.call_id
     WHERE leg.leg_id = $1 AND call.survey_until >= $2 LIMIT 1`,
    [legId, now],
  )
  return row
}

/** A leg goes on: new → early → up → down; backwards never, so that late events change nothing. True when it did. */
export async function moveLeg(
  tx: Pick<Tx, 'query'>,
  leg: { callId: string; legId: string },
  to: 'early' | 'up' | 'down',
  at: Date,
  because: LegEnd | null = null,
): Promise<boolean> {
  const from = { early: ['new'], up: ['new', 'early'], down: ['new', 'early', 'up'] }[to]
  const rows = await tx.query(
    `UPDATE call_leg SET status = $3, up_at = CASE WHEN $3 = 'up' THEN $4 ELSE up_at END,
       ended_at = CASE WHEN $3 = 'down' THEN $4 END, ended_because = $5
     WHERE call_id = $1 AND leg_id = $2 AND status = ANY ($6) RETURNING leg_id`,
    [leg.callId, leg.legId, to, at, because, from],
  )
  return rows.length > 0
}

/** When a call ends, nobody is left in it. */
export async function endLegs(tx: Tx, callId: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE call_leg SET status = 'down', ended_at = $2, ended_because = 'hung-up' WHERE call_id = $1 AND status <> 'down'`,
    [callId, at],
  )
}

/** Nobody listens any more: to this call, or this supervisor to any. Answers the calls in which somebody did. */
export async function endListening(
  tx: Tx,
  of: { callId: string } | { accountId: string },
  at: Date,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `UPDATE call_leg SET status = 'down', ended_at = $2, ended_because = 'hung-up'
     WHERE side = 'listener' AND status <> 'down' AND ${'callId' in of ? 'call_id = $1' : 'leg_id = $1'} RETURNING call_id AS id`,
    ['callId' in of ? of.callId : operatorLegId(of.accountId), at],
  )
  return rows.map((row) => row.id)
}

/** The operator's telephone is there, at this media host. True when that is news. */
export async function saveOperatorLegUp(db: Asks, accountId: string, hostId: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    `INSERT INTO operator_leg (account_id, up, since, media_host_id) VALUES ($1, true, $3, $2)
     ON CONFLICT (account_id) DO UPDATE SET up = true, since = $3, media_host_id = $2
       WHERE NOT operator_leg.up OR operator_leg.media_host_id IS DISTINCT FROM $2 RETURNING account_id`,
    [accountId, hostId, at],
  )
  return rows.length > 0
}

/** It is gone from this media host; one that has moved to another is not. True when that is news. */
export async function saveOperatorLegDown(db: Asks, accountId: string, hostId: string, at: Date): Promise<boolean> {
  const rows = await db.query(
    'UPDATE operator_leg SET up = false, since = $3 WHERE account_id = $1 AND up AND media_host_id IS NOT DISTINCT FROM $2 RETURNING account_id',
    [accountId, hostId, at],
  )
  return rows.length > 0
}

export async function operatorLegUp(db: Asks, accountId: string): Promise<boolean> {
  const [row] = await db.query<{ up: boolean }>('SELECT up FROM operator_leg WHERE account_id = $1', [accountId])
  return row?.up ?? false
}

/** Has this operator's telephone been gone since then, or was it never there? A gap that began later is not yet one. */
export async function operatorLegGone(db: Asks, accountId: string, since: Date): Promise<boolean> {
  const [row] = await db.query<{ up: boolean; since: Date }>(
    'SELECT up, since FROM operator_leg WHERE account_id = $1',
    [accountId],
  )
  return !row || (!row.up && row.since <= since)
}

/** As `operatorLegUp`, with the telephone kept for this transaction: two commands never give one operator two conversations. */
export async function holdOperatorLeg(tx: Tx, accountId: string): Promise<boolean> {
  const [row] = await tx.query<{ up: boolean }>('SELECT up FROM operator_leg WHERE account_id = $1 FOR UPDATE', [
    accountId,
  ])
  return row?.up ?? false
}

/** The call that this operator talks in, if any: their own, or a colleague's into which they came. */
export async function talkingCall(db: Asks, accountId: string): Promise<StoredCall | undefined> {
  const [row] = await db.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE medium = 'voice' AND status <> 'ended' AND (operator_id = $1
       OR EXISTS (SELECT 1 FROM call_leg leg WHERE leg.call_id = call.id AND leg.leg_id = $2 AND leg.status = 'up'))
     ORDER BY operator_id = $1 DESC, offered_at DESC LIMIT 1`,
    [accountId, operatorLegId(accountId)],
  )
  return row
}
