import { audit, auditLook } from '../access/audit.ts'
import type { AlarmIntake } from '../alarms/open-from-alarm.ts'
import { ourWords } from '../contracts/alarms.ts'
import type { TestCallView, testCallAnswers } from '../contracts/campaigns.ts'
import type { Caller } from '../platform/caller.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { callingAt, forgottenMs } from './campaigns.ts'

/** From "please press now" on; longer, and a press in need might be taken for it. */
const awaitMs = minutes(10)
const laterMs = minutes(120)

/** Whoever is in an operator's hands, or waits with more than a word of their device, is not rung for a test meanwhile. */
const inNeed = `EXISTS (SELECT 1 FROM incident i WHERE i.subject = 'resident:' || r.id
  AND (i.status IN ('triage', 'response') OR (i.status = 'waiting' AND i.kind NOT IN ('line', 'low-battery', 'mains', 'fault', 'tamper'))))`

type Dates = 'lastGoodTestAt' | 'listeningUntil' | 'doneAt'
type Row = Omit<TestCallView, Dates> & {
  lastGoodTestAt: Date | null
  listeningAt: Date | null
  doneAt: Date | null
  takenBy: string | null
  takenAt: Date | null
  deviceId: string
  areaPath: string
}

const select = `SELECT t.id, t.campaign_id AS "campaignId", t.resident_id AS "residentId", coalesce(nullif(r.name_to_use, ''), r.name) AS name, r.phone,
  r.area_id AS "areaId", r.languages, r.hearing, r.risks, d.kind AS "deviceKind", d.room, d.last_good_test_at AS "lastGoodTestAt",
  t.listening_at AS "listeningAt", t.result, t.done_at AS "doneAt", t.taken_by AS "takenBy", t.taken_at AS "takenAt", t.device_id AS "deviceId", a.path AS "areaPath"
  FROM test_call t JOIN resident r ON r.id = t.resident_id JOIN device d ON d.id = t.device_id JOIN area a ON a.id = r.area_id`

function view(row: Row): TestCallView {
  const { takenBy: _, takenAt: __, deviceId: ___, areaPath: ____, listeningAt, lastGoodTestAt, doneAt, ...rest } = row
  return {
    ...rest,
    lastGoodTestAt: lastGoodTestAt?.toISOString() ?? null,
    listeningUntil: listeningAt && !doneAt ? after(listeningAt, awaitMs).toISOString() : null,
    doneAt: doneAt?.toISOString() ?? null,
  }
}
const scope = (caller: Caller) => caller.pathsFor('handle-incident').map((path) => `${path}%`)

/** One of mine; what another operator has is theirs, and outside of my areas there is nothing. */
async function mine(tx: Pick<Tx, 'query'>, caller: Caller, id: string, lock = ''): Promise<Row | Refusal> {
  const [row] = await tx.query<Row>(`${select} WHERE t.id = $1 ${lock}`, [id])
  if (!row || !caller.may('handle-incident', row.areaPath)) return refuse('not-found')
  return row.takenBy === caller.id ? row : refuse('not-owner', 'Another operator calls them.')
}
const look = (parts: Parts, caller: Caller, { residentId }: { residentId: string }) =>
  auditLook(parts, { accountId: caller.id, subjectKind: 'resident', subjectId: residentId })

/** The next for this operator: nobody has two at once, and nobody is rung by two. */
export async function nextTestCall(
  parts: Parts,
  caller: Caller,
  campaignId: string,
): Promise<{ call: TestCallView | null } | Refusal> {
  const now = parts.clock.now()
  const found = await parts.db.transaction<{ row: Row | undefined } | Refusal>(async (tx) => {
    // Their own two clicks take turns.
    await tx.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [caller.id])
    const there = await tx.query(
      `SELECT 1 FROM test_call t JOIN resident r ON r.id = t.resident_id JOIN area a ON a.id = r.area_id
       WHERE t.campaign_id = $1 AND a.path LIKE ANY ($2) LIMIT 1`,
      [campaignId, scope(caller)],
    )
    if (there.length === 0) return refuse('not-found')
    const [held] = await tx.query<Row>(`${select} WHERE t.taken_by = $1 AND t.done_at IS NULL`, [caller.id])
    if (held) return { row: held }
    if (!callingAt(parts).open) return refuse('out-of-hours', 'Nobody is called for a test at this hour.')
    const [taken] = await tx.query<{ id: string }>(
      `UPDATE test_call SET taken_by = $2, taken_at = $3, listening_at = NULL WHERE id = (
         SELECT t.id FROM test_call t JOIN resident r ON r.id = t.resident_id JOIN area a ON a.id = r.area_id
         WHERE t.campaign_id = (SELECT id FROM campaign WHERE id = $1 AND stopped_at IS NULL) AND t.done_at IS NULL AND t.due_at <= $3 AND (t.taken_by IS NULL OR t.taken_at < $4) AND a.path LIKE ANY ($5) AND NOT ${inNeed}
         ORDER BY t.position LIMIT 1 FOR UPDATE OF t SKIP LOCKED) RETURNING id`,
      [campaignId, caller.id, now, after(now, -forgottenMs), scope(caller)],
    )
    return { row: taken && (await tx.query<Row>(`${select} WHERE t.id = $1`, [taken.id]))[0] }
  })
  if (isRefusal(found)) return found
  if (found.row) await look(parts, caller, found.row)
  return { call: found.row ? view(found.row) : null }
}

export async function readTestCall(parts: Parts, caller: Caller, id: string): Promise<TestCallView | Refusal> {
  const row = await mine(parts.db, caller, id)
  if (isRefusal(row)) return row
  await look(parts, caller, row)
  return view(row)
}

/**
 * They are on the line and are asked to press. Only from now on, and not from the moment somebody dials them, is a press a
 * test: whoever falls on the way to the telephone and presses must be heard.
 */
export async function awaitPress(parts: Parts, caller: Caller, id: string): Promise<TestCallView | Refusal> {
  const now = parts.clock.now()
  const awaited = await parts.db.transaction<Row | Refusal>(async (tx) => {
    const row = await mine(tx, caller, id, 'FOR UPDATE OF t')
    if (isRefusal(row)) return row
    if (row.doneAt) return refuse('test-call-over', 'It is done. Take the next one.')
    await tx.query('UPDATE test_call SET listening_at = $2 WHERE id = $1', [id, now])
    await tx.query('UPDATE device SET test_call_until = $2 WHERE id = $1', [row.deviceId, after(now, awaitMs)])
    return { ...row, listeningAt: now }
  })
  if (isRefusal(awaited)) return awaited
  // Their next press is a test by the word of this operator.
  const { deviceId: subjectId } = awaited
  await audit(parts, { accountId: caller.id, action: 'await-press', subjectKind: 'device', subjectId })
  return view(awaited)
}

/** No press came. A button that was pressed and is not heard is a fault, and somebody mends it. */
export async function endTestCall(
  parts: Parts,
  intake: AlarmIntake,
  caller: Caller,
  id: string,
  result: (typeof testCallAnswers)[number],
): Promise<TestCallView | Refusal> {
  const now = parts.clock.now()
  // Told before it is written down as told: should the second fail, the operator says it again, and it goes with the same matter.
  if (result === 'device-faulty') {
    const row = await mine(parts.db, caller, id)
    if (isRefusal(row)) return row
    if (!row.doneAt) await tellFaulty(parts, intake, row.deviceId)
  }
  const ended = await parts.db.transaction<Row | Refusal>(async (tx) => {
    const row = await mine(tx, caller, id, 'FOR UPDATE OF t')
    if (isRefusal(row)) return row
    // The press was there first.
    if (row.doneAt) return refuse('test-call-over', 'It is done. Take the next one.')
    await tx.query('UPDATE device SET test_call_until = NULL WHERE id = $1', [row.deviceId])
    if (result === 'later')
      await tx.query(
        'UPDATE test_call SET taken_by = NULL, taken_at = NULL, listening_at = NULL, due_at = $2 WHERE id = $1',
        [id, after(now, laterMs)],
      )
    else
      await tx.query('UPDATE test_call SET result = $2, done_at = $3, done_by = $4 WHERE id = $1', [
        id,
        result,
        now,
        caller.id,
      ])
    return result === 'later' ? { ...row, listeningAt: null } : { ...row, result, doneAt: now }
  })
  return isRefusal(ended) ? ended : view(ended)
}

/** As a word of our own about the device, like that of supervision: below zero, and of class 4. */
async function tellFaulty(parts: Parts, intake: AlarmIntake, deviceId: string): Promise<void> {
  const now = parts.clock.now()
  await intake.receive({
    deviceId,
    type: 'fault',
    sequence: -now.getTime(),
    receivedAt: now,
    class: 4,
    said: ourWords('unheard-in-test-call'),
  })
}

/** The awaited press has come (a test since then is stored with the device): its call is done by itself, and its operator sees it. */
export async function endTestCalls(parts: Parts, deviceIds: string[]): Promise<void> {
  const ended = await parts.db.query<{ id: string; takenBy: string }>(
    `UPDATE test_call t SET result = 'pressed', done_at = d.last_good_test_at FROM device d
     WHERE d.id = ANY ($1::uuid[]) AND t.device_id = d.id AND t.done_at IS NULL AND d.last_good_test_at >= t.listening_at
     RETURNING t.id, t.taken_by AS "takenBy"`,
    [deviceIds],
  )
  for (const { id, takenBy } of ended)
    parts.realtime.toOperator(takenBy, 'campaign.changed', { id, version: 1, seq: 0 })
}
