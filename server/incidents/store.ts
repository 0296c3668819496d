import type { Db, Tx } from '../platform/db.ts'
import { evolve } from './evolve.ts'
import type { Fact, Incident } from './model.ts'

/** A row with what the database adds: its number for people, the version and the place in the stream of changes. */
export type Stored = Incident & { number: number; version: number; seq: number }

const fields: Record<keyof Omit<Stored, 'id'>, string> = {
  status: 'status',
  kind: 'kind',
  class: 'class',
  subject: 'subject',
  residentId: 'resident_id',
  deviceId: 'device_id',
  areaId: 'area_id',
  areaPath: 'area_path',
  language: 'language',
  openedAt: 'opened_at',
  queuedAt: 'queued_at',
  waitingSince: 'waiting_since',
  rankAt: 'rank_at',
  signals: 'signals',
  escalation: 'escalation',
  limitOpen: 'limit_open',
  previousId: 'previous_id',
  stickyOperatorId: 'sticky_operator_id',
  ownerId: 'owner_id',
  answeredAt: 'answered_at',
  claimedAt: 'claimed_at',
  claimAt: 'claim_at',
  claimStale: 'claim_stale',
  claimSeen: 'claim_seen',
  heldUntil: 'held_until',
  holdReason: 'hold_reason',
  catalogueCode: 'catalogue_code',
  answers: 'answers',
  assignmentsOpen: 'assignments_open',
  promiseAt: 'promise_at',
  resolvedAt: 'resolved_at',
  wrapUpUntil: 'wrap_up_until',
  disposition: 'disposition',
  note: 'note',
  closedAt: 'closed_at',
  number: 'number',
  version: 'version',
  seq: 'seq',
  lat: 'lat',
  lon: 'lon',
  callBack: 'call_back',
  ladderRung: 'ladder_rung',
  ladderUntil: 'ladder_until',
  onCallAt: 'on_call_at',
  quietUntil: 'quiet_until',
  offeredTo: 'offered_to',
  notTakenBy: 'not_taken_by',
  fileClosed: 'file_closed',
}

export const columns = [
  'incident.id',
  ...Object.entries(fields).map(([name, column]) => `incident.${column} AS "${name}"`),
].join(', ')

const rowFields = [
  'status',
  'kind',
  'class',
  'areaId',
  'areaPath',
  'language',
  'queuedAt',
  'rankAt',
  'signals',
  'escalation',
  'limitOpen',
  'previousId',
  'ownerId',
  'claimStale',
  'claimedAt',
  'heldUntil',
  'catalogueCode',
  'assignmentsOpen',
  'promiseAt',
  'wrapUpUntil',
  'callBack',
  'ladderUntil',
  'onCallAt',
  'quietUntil',
  'offeredTo',
  'notTakenBy',
  'fileClosed',
  'number',
  'version',
  'seq',
] as const
/** What a list row shows. The board reads no more: half as wide, ten thousand are sorted in memory and not on disk. */
export type RowStored = Pick<Stored, 'id' | (typeof rowFields)[number]>
export const rowColumns = ['incident.id', ...rowFields.map((name) => `incident.${fields[name]} AS "${name}"`)].join(
  ', ',
)

// What facts can change; everything else is written once, when the incident opens.
const changing = [
  'status',
  'kind',
  'class',
  'subject',
  'residentId',
  'language',
  'areaId',
  'areaPath',
  'lat',
  'lon',
  'callBack',
  'ladderRung',
  'ladderUntil',
  'onCallAt',
  'quietUntil',
  'offeredTo',
  'notTakenBy',
  'fileClosed',
  'waitingSince',
  'rankAt',
  'signals',
  'escalation',
  'limitOpen',
  'stickyOperatorId',
  'ownerId',
  'answeredAt',
  'claimedAt',
  'claimAt',
  'claimStale',
  'claimSeen',
  'heldUntil',
  'holdReason',
  'catalogueCode',
  'answers',
  'assignmentsOpen',
  'promiseAt',
  'resolvedAt',
  'wrapUpUntil',
  'disposition',
  'note',
  'closedAt',
] as const

const sets = changing.map((name, i) => `${fields[name]} = $${i + 7}`).join(', ')
const saveSql = `
  WITH next AS (SELECT fact_digest($3, $4, $5::jsonb) AS digest),
  changed AS (
    UPDATE incident SET ${sets}, version = version + 1, seq = nextval('change_seq'), changed_xid = pg_current_xact_id(),
      digest = next.digest, head = fact_chain(head, $6, next.digest)
    FROM next WHERE id = $1 AND version = $2 RETURNING id, version, seq, head),
  said AS (
    INSERT INTO fact (incident_id, seq, type, at, actor, data, hash) SELECT id, version, $6, $3, $4, $5::jsonb, head FROM changed)
  SELECT version, seq FROM changed`

/** One incident, locked until the transaction ends, so that two commands on it take turns. */
export async function lock(tx: Tx, id: string): Promise<Stored | undefined> {
  const [row] = await tx.query<Stored>(
    `SELECT ${columns} FROM incident WHERE id = $1 FOR UPDATE`,
    [id],
    'lock-incident',
  )
  return row
}

/** Several at once, in one order. Those that others hold are left out: a batch never waits for an operator, nor for another batch. */
export function lockFree(tx: Tx, ids: string[]): Promise<Stored[]> {
  return tx.query<Stored>(`SELECT ${columns} FROM incident WHERE id = ANY ($1) ORDER BY id FOR UPDATE SKIP LOCKED`, [
    ids,
  ])
}

export async function load(db: Pick<Db, 'query'>, id: string): Promise<Stored | undefined> {
  const [row] = await db.query<Stored>(`SELECT ${columns} FROM incident WHERE id = $1`, [id], 'load-incident')
  return row
}

/** Appends the facts and writes what they make of the row. Throws when the row is not at the version that was loaded. */
export async function save(tx: Tx, before: Stored, facts: Fact[]): Promise<Stored> {
  let row = before
  for (const fact of facts) {
    const next = evolve(row, fact)
    const values = changing.map((name) => (name === 'answers' ? JSON.stringify(next.answers) : next[name]))
    const [saved] = await tx.query<{ version: number; seq: number }>(
      saveSql,
      [row.id, row.version, fact.at, fact.actor, JSON.stringify(fact.data), fact.type, ...values],
      'save-fact',
    )
    if (!saved) throw new Error('the incident changed under its lock')
    row = { ...row, ...next, ...saved }
  }
  return row
}

/** Facts as written, oldest first, with the chain checked by the database's own digest. */
export function facts(
  db: Pick<Db, 'query'>,
  id: string,
): Promise<(Fact & { seq: number; hash: string; holds: boolean })[]> {
  return db.query(
    `SELECT seq, type, at, actor, data, encode(hash, 'hex') AS hash,
       hash = fact_chain(coalesce(lag(hash) OVER (ORDER BY seq), ''), type, fact_digest(at, actor, data)) AS holds
     FROM fact WHERE incident_id = $1 ORDER BY seq`,
    [id],
  )
}
