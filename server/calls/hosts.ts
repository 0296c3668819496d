import type { LegEnd, LegId } from '../contracts/voice.ts'
import type { Db } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { talkingCall } from './store.ts'

type Asks = Pick<Db, 'query'>

/**
 * Each voice call lives at one media host, whose name its row bears; what is done to its sound is done there, by a process
 * that has the database and the media process. The line of an operator follows the call: it is opened anew where the call is.
 */
export type HostWork =
  | { do: 'settle'; callId: string }
  | { do: 'place'; callId: string }
  | { do: 'hang-up'; legId: LegId; because: LegEnd }
  | { do: 'press'; legId: LegId; keys: string; pressMs: number }

export const hostWork = 'host-work'

/** Has it done where the call lives. Rejects when its host does not answer; of a host that is gone nothing is asked, and nothing answered. */
export async function atHost<T = void>(parts: Parts, callId: string, work: HostWork): Promise<T | undefined> {
  const [row] = await parts.db.query<{ hostId: string; alive: boolean }>(
    `SELECT media_host_id AS "hostId", EXISTS (SELECT 1 FROM media_host h WHERE h.id = media_host_id) AS alive
     FROM call WHERE id = $1 AND media_host_id IS NOT NULL`,
    [callId],
  )
  if (!row || !(row.alive || row.hostId === parts.bus.id)) return undefined
  return parts.bus.ask<T>(row.hostId, hostWork, work)
}

/** A leg that is down in the books is hung up; when that is lost, the end of its call does it. */
export function hangUpLeg(parts: Parts, callId: string, legId: LegId, because: LegEnd): void {
  void atHost(parts, callId, { do: 'hang-up', legId, because }).catch(() => {})
}

/** Writes down where a voice call lives; in the transaction that opens it. */
export async function stampHost(tx: Asks, callId: string, hostId: string | undefined): Promise<void> {
  await tx.query('UPDATE call SET media_host_id = $2 WHERE id = $1', [callId, hostId ?? null])
}

/** A host that has room, the emptiest first. */
export async function freeHost(db: Asks): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>('SELECT id FROM media_host ORDER BY legs >= legs_max, legs, id LIMIT 1')
  return row?.id
}

/** Where an operator's line is, unless that host is gone. */
export async function hostOfLine(db: Asks, accountId: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>(
    'SELECT h.id FROM operator_leg l JOIN media_host h ON h.id = l.media_host_id WHERE l.account_id = $1',
    [accountId],
  )
  return row?.id
}

/** Where an operator's line should be: at the call they talk in, else where it was, else where there is room. */
export async function hostForLine(db: Asks, accountId: string): Promise<string | undefined> {
  const call = await talkingCall(db, accountId)
  const [row] = call
    ? await db.query<{ id: string }>('SELECT media_host_id AS id FROM call WHERE id = $1', [call.id])
    : []
  return row?.id ?? (await hostOfLine(db, accountId)) ?? (await freeHost(db))
}

/** Where a caller's or a third's leg lives. */
export async function hostOfLeg(db: Asks, legId: LegId): Promise<string | undefined> {
  const [row] = await db.query<{ id: string | null }>(
    `SELECT c.media_host_id AS id FROM call_leg l JOIN call c ON c.id = l.call_id
     WHERE l.leg_id = $1 AND l.status <> 'down' ORDER BY c.offered_at DESC LIMIT 1`,
    [legId],
  )
  return row?.id ?? undefined
}

/** A host says that it is alive, every second. True when it was not in the books: new, or thought gone. */
export async function beatHost(db: Asks, host: { id: string; legs: number; legsMax: number }): Promise<boolean> {
  const [row] = await db.query<{ anew: boolean }>(
    `INSERT INTO media_host (id, seen_at, legs, legs_max) VALUES ($1, now(), $2, $3)
     ON CONFLICT (id) DO UPDATE SET seen_at = now(), legs = $2, legs_max = $3 RETURNING xmax = 0 AS anew`,
    [host.id, host.legs, host.legsMax],
  )
  return row?.anew ?? false
}

/** From now on nothing is brought to it, and its calls are found to be lost. */
export async function forgetHost(db: Asks, id: string): Promise<void> {
  await db.query('DELETE FROM media_host WHERE id = $1', [id])
}

export async function forgetHosts(db: Asks): Promise<void> {
  await db.query('DELETE FROM media_host')
}

/** Hosts that missed two beats, with how long they are silent. The clock of the database counts: theirs may differ. */
export function silentHosts(db: Asks): Promise<{ id: string; silentMs: number }[]> {
  return db.query(
    `SELECT id, (extract(epoch FROM now() - seen_at) * 1000)::int AS "silentMs" FROM media_host WHERE seen_at < now() - interval '2 seconds'`,
  )
}

/** Voice calls, and lines of operators, without a living host. `own` is not doubted by its own process. */
export async function orphans(db: Asks, own: string): Promise<{ calls: string[]; lines: string[] }> {
  const gone = `coalesce(media_host_id <> $1 AND NOT EXISTS (SELECT 1 FROM media_host h WHERE h.id = media_host_id), true)`
  const calls = await db.query<{ id: string }>(
    `SELECT id FROM call WHERE status <> 'ended' AND medium = 'voice' AND ${gone}`,
    [own],
  )
  const lines = await db.query<{ id: string }>(`SELECT account_id AS id FROM operator_leg WHERE up AND ${gone}`, [own])
  return { calls: calls.map(({ id }) => id), lines: lines.map(({ id }) => id) }
}
