import type { Stored } from '../incidents/store.ts'
import type { Tx } from '../platform/db.ts'
import { cancel, enqueue } from '../platform/outbox.ts'
import { isGoing } from './machine.ts'
import type { Assignment } from './model.ts'

/** Somebody who was asked, and whose answer is worth waiting for. */
export const isAwaited = ({ status, undeliveredAt }: Pick<Assignment, 'status' | 'undeliveredAt'>): boolean =>
  status === 'requested' && undeliveredAt === null

/** How many helpers are wanted in all, those who go already included. */
export async function neededFor(tx: Pick<Tx, 'query'>, incidentId: string): Promise<number> {
  const [row] = await tx.query<{ needed: number }>(
    `SELECT (data->>'needed')::int AS needed FROM fact WHERE incident_id = $1 AND type = 'dispatched' ORDER BY seq DESC LIMIT 1`,
    [incidentId],
  )
  return row?.needed ?? 1
}

/** Nobody of the wave is left to answer: the next one is asked now and not when its time is up. */
export async function askOn(tx: Tx, incident: Stored, all: Assignment[], endedId: string, now: Date): Promise<void> {
  const others = all.filter((assignment) => assignment.id !== endedId)
  if (others.some(isAwaited)) return
  const came = others.filter(({ status }) => isGoing(status) || status === 'cleared').length
  if (came >= (await neededFor(tx, incident.id))) return
  await cancel(tx, 'next-wave', incident.id)
  await enqueue(tx, 'next-wave', incident.id, now)
}
