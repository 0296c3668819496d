import type { FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import { audit } from '../access/audit.ts'
import { type AllHandsView, allHandsRoutes as api } from '../contracts/all-hands.ts'
import { claimStaleAfterMs } from '../incidents/timers.ts'
import type { Caller } from '../platform/caller.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'

// A storm that lasts longer is called again; a call that was forgotten does not stand for ever.
const lastsMs = minutes(30)

type Row = { id: string; areaId: string; areaPath: string; byName: string; text: string; at: Date; seenBy: string[] }
const sql = `SELECT h.id, h.area_id AS "areaId", h.area_path AS "areaPath", a.name AS "byName", h.text, h.called_at AS at, h.seen_by AS "seenBy"
  FROM all_hands h JOIN account a ON a.id = h.called_by WHERE h.ended_at IS NULL AND h.called_at > $1`
/** Whoever looks after the whole of it, or after a part of it. */
const concerns = (path: string, paths: string[]): boolean =>
  paths.some((own) => path.startsWith(own) || own.startsWith(path))

const view = ({ id, areaId, byName, text, at, seenBy }: Row, caller: Caller): AllHandsView => ({
  id,
  areaId,
  byName,
  text,
  at: at.toISOString(),
  seenBy: seenBy.length,
  seen: seenBy.includes(caller.id),
})

async function load(tx: Pick<Tx, 'query'>, id: string, now: Date): Promise<Row | undefined> {
  return (await tx.query<Row>(`${sql} AND h.id = $2`, [after(now, -lastsMs), id]))[0]
}

/** A hint to each console that is alive there; it asks, and asks by itself every few seconds. */
async function tell(parts: Parts, tx: Tx, row: Row): Promise<void> {
  const there = await tx.query<{ id: string }>(
    `SELECT DISTINCT p.account_id AS id FROM presence p JOIN account_role r ON r.account_id = p.account_id JOIN area a ON a.id = r.area_id
     WHERE p.seen_at > $2 AND (a.path LIKE $1 || '%' OR $1 LIKE a.path || '%')`,
    [row.areaPath, after(parts.clock.now(), -claimStaleAfterMs)],
  )
  tx.afterCommit(() => {
    for (const { id } of there) parts.realtime.toOperator(id, 'all-hands.changed', { id: row.id, version: 1, seq: 0 })
  })
}

export async function callAllHands(
  parts: Parts,
  caller: Caller,
  said: { areaId: string; text: string },
): Promise<AllHandsView | Refusal> {
  const now = parts.clock.now()
  return parts.db.transaction(async (tx) => {
    const [area] = await tx.query<{ path: string }>('SELECT path FROM area WHERE id = $1', [said.areaId])
    if (!area || !caller.may('supervise', area.path)) return refuse('not-found')
    const id = v7()
    await tx.query(
      'INSERT INTO all_hands (id, area_id, area_path, called_by, text, called_at) VALUES ($1, $2, $3, $4, $5, $6)',
      [id, said.areaId, area.path, caller.id, said.text, now],
    )
    await audit(
      { db: tx, clock: parts.clock },
      {
        accountId: caller.id,
        action: 'create',
        subjectKind: 'all-hands',
        subjectId: id,
        reason: said.text,
      },
    )
    const row = (await load(tx, id, now)) as Row
    await tell(parts, tx, row)
    return view(row, caller)
  })
}

/** Said once or twice, it is seen once. */
export async function seeAllHands(parts: Parts, caller: Caller, id: string): Promise<AllHandsView | Refusal> {
  return parts.db.transaction(async (tx) => {
    const row = await load(tx, id, parts.clock.now())
    if (!row || !concerns(row.areaPath, caller.pathsFor('handle-incident'))) return refuse('not-found')
    const seen = await tx.query(
      'UPDATE all_hands SET seen_by = seen_by || $2::uuid WHERE id = $1 AND NOT $2::uuid = ANY (seen_by) RETURNING 1',
      [id, caller.id],
    )
    if (seen.length > 0) await tell(parts, tx, row)
    return view((await load(tx, id, parts.clock.now())) as Row, caller)
  })
}

export async function endAllHands(parts: Parts, caller: Caller, id: string): Promise<AllHandsView | Refusal> {
  const now = parts.clock.now()
  return parts.db.transaction(async (tx) => {
    const row = await load(tx, id, now)
    if (!row || !caller.may('supervise', row.areaPath)) return refuse('not-found')
    await tx.query('UPDATE all_hands SET ended_at = $2 WHERE id = $1', [id, now])
    await audit(
      { db: tx, clock: parts.clock },
      {
        accountId: caller.id,
        action: 'change',
        subjectKind: 'all-hands',
        subjectId: id,
      },
    )
    await tell(parts, tx, row)
    return view(row, caller)
  })
}

export function allHandsDoors(app: FastifyInstance, parts: Parts): void {
  serve(app, api.allHands, async ({ caller }) => {
    const paths = caller.pathsFor('handle-incident')
    const rows = await parts.db.query<Row>(`${sql} ORDER BY h.called_at DESC LIMIT 20`, [
      after(parts.clock.now(), -lastsMs),
    ])
    return {
      items: rows.filter((row) => concerns(row.areaPath, paths)).map((row) => view(row, caller)),
      next: null,
    }
  })
  serve(app, api.callAllHands, async ({ caller, body }) => callAllHands(parts, caller, body))
  serve(app, api.seeAllHands, async ({ caller, params }) => seeAllHands(parts, caller, params.id))
  serve(app, api.endAllHands, async ({ caller, params }) => endAllHands(parts, caller, params.id))
}
