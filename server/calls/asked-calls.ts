import { v7 } from 'uuid'
import type { PromptLocale } from '../contracts/voice.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { freeHost, hostOfLine } from './hosts.ts'
import { waitsForUs } from './machine.ts'
import type { StoredCall } from './model.ts'
import { handOnCall, move, whom } from './move.ts'
import { ringOut } from './ring-out.ts'
import { callColumns, lockLive } from './store.ts'

export type Asking = {
  asks: NonNullable<StoredCall['asks']>
  /** The assignment, or the area whose on-call telephone it is. */
  asksId: string
  phone: string
  label: string
  locale: PromptLocale
}

/** Rings somebody who is asked by keys. No operator is in it; the job places it, as every call out. Answers its fact. */
export async function placeAsking(parts: Parts, tx: Tx, incident: Stored, asking: Asking): Promise<Fact> {
  const { asks, asksId, phone, label, locale } = asking
  // Where the one is with whom they may talk afterwards.
  const near =
    asks === 'on-call' ? await hostOfWaiting(tx, incident.id) : await hostOfLine(tx, incident.ownerId ?? v7())
  const outgoing = { address: { phone }, label, locale, asks, asksId }
  const call = await ringOut(parts, tx, incident, outgoing, near ?? (await freeHost(tx)))
  const data = { callId: call.id, asks, ...whom(call) }
  return { at: parts.clock.now(), actor: actorOf.system, type: 'asked-by-call', data }
}

async function hostOfWaiting(tx: Pick<Tx, 'query'>, incidentId: string): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string | null }>(
    `SELECT media_host_id AS id FROM call WHERE incident_id = $1 AND medium = 'voice' AND direction = 'in' AND status <> 'ended'
     ORDER BY offered_at DESC LIMIT 1`,
    [incidentId],
  )
  return row?.id ?? undefined
}

/** All calls that asked this one, newest first. */
export const askingCalls = (db: Pick<Tx, 'query'>, asksId: string, incidentId: string): Promise<StoredCall[]> =>
  db.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE asks_id = $1 AND incident_id = $2 ORDER BY offered_at DESC, id DESC`,
    [asksId, incidentId],
  )

/**
 * An on-call telephone that has taken responsibility is brought to the caller who still waits on the line, as a third; the
 * call in which it was asked goes on without it. True when there was somebody, at the same media host.
 */
export async function joinWaiting(parts: Parts, tx: Tx, asked: StoredCall): Promise<Fact | undefined> {
  const rows = await lockLive(tx, asked.incidentId)
  // Only what lives at one media host can be put together.
  const beside = await tx.query<{ id: string }>(
    'SELECT id FROM call WHERE incident_id = $1 AND media_host_id = (SELECT media_host_id FROM call WHERE id = $2)',
    [asked.incidentId, asked.id],
  )
  const there = rows.find(
    (call) => call.medium === 'voice' && waitsForUs(call) && beside.some(({ id }) => id === call.id),
  )
  if (!there) return undefined
  const moved = await tx.query(
    `UPDATE call_leg SET call_id = $2, side = 'third' WHERE call_id = $1 AND status = 'up' RETURNING leg_id`,
    [asked.id, there.id],
  )
  if (moved.length === 0) return undefined
  const joined = await move(parts, tx, there, { say: 'joined' })
  await handOnCall(parts, tx, isRefusal(joined) ? there : joined.call)
  const data = { callId: there.id, asks: 'on-call' as const, ...whom(asked) }
  return { at: parts.clock.now(), actor: actorOf.system, type: 'asked-connected', data }
}
