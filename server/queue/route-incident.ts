import { v7 } from 'uuid'
import { ringCalls } from '../calls/store.ts'
import { callPush } from '../calls/view.ts'
import { alertLeaders } from '../incidents/change.ts'
import { load } from '../incidents/store.ts'
import { claimStaleAfterMs } from '../incidents/timers.ts'
import { after } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { type Choice, chooseOffers, ringTimeoutMs } from './choose.ts'
import type { Offer } from './model.ts'
import { loadNeeds, loadOperators, offerColumns } from './store.ts'
import { offerPush } from './view.ts'

// What is behind them keeps its place and is looked at when the head moves. What rings already stands in the head too, at
// most one for each operator; these come on top, or an operator would sit idle behind what rings at colleagues.
const lookedAtMore = 200
const routerLock = 0x52_4f_55_54

/** For each centre the newest pass, and the one that has not begun yet. */
const newest = new WeakMap<Parts['db'], Promise<void>>()
const notBegun = new WeakMap<Parts['db'], Promise<void>>()

/**
 * Looks at the head of the queue once for all the incidents that asked for it: ten or ten thousand cost one pass. Who asks
 * while a pass is under way shares the one behind it. Running twice finds everything ringing already.
 */
export function routeIncidents(parts: Parts): Promise<void> {
  const shared = notBegun.get(parts.db)
  if (shared) return shared
  const before = newest.get(parts.db) ?? Promise.resolve()
  const mine = before
    .catch(() => {})
    .then(() => {
      notBegun.delete(parts.db)
      return onePass(parts)
    })
  notBegun.set(parts.db, mine)
  newest.set(parts.db, mine)
  return mine
}

/** Routers of all processes take turns, so that two never ring the same operator with two things. */
async function onePass(parts: Parts): Promise<void> {
  const { db, clock, realtime } = parts
  const end = parts.metrics.routeTime.startTimer()
  await db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [routerLock])
    const now = clock.now()
    const operators = (await loadOperators(tx, after(now, -claimStaleAfterMs))).filter(
      (operator) => operator.status === 'available',
    )
    const paths = [...new Set(operators.flatMap((operator) => operator.paths))]
    if (paths.length === 0) return
    const needs = await loadNeeds(tx, lookedAtMore + operators.length, paths, now)
    const choices = chooseOffers(needs, operators)
    if (choices.length === 0) return
    await tx.query('SELECT 1 FROM incident WHERE id = ANY ($1) ORDER BY id FOR SHARE', [
      choices.map((choice) => choice.incidentId),
    ])
    const rung = await ring(tx, choices, now)
    const calls = await ringCalls(
      tx,
      rung.map((offer) => offer.incidentId),
      true,
    )
    tx.afterCommit(() => {
      for (const call of calls) realtime.toArea(call.areaPath, 'call.changed', callPush(call))
      const areaOf = new Map(needs.map((need) => [need.incidentId, need.areaPath]))
      parts.metrics.offersMade.inc(rung.filter((offer) => offer.version === 1).length) // the others grew wider
      const to = clock.now()
      for (const { incidentId, operators } of rung)
        parts.trace.station(incidentId, { name: 'route', from: now, to, about: { operators: operators.length } })
      for (const offer of rung) realtime.toArea(areaOf.get(offer.incidentId) ?? '/', 'offer.changed', offerPush(offer))
      parts.outbox.kick()
    })
  })
  end()
}

type Tx = Parameters<Parameters<Parts['db']['transaction']>[0]>[0]

async function ring(tx: Tx, choices: Choice[], now: Date): Promise<Offer[]> {
  const expiresAt = after(now, ringTimeoutMs)
  const fresh = choices.filter((choice) => choice.extends === null)
  const started = await tx.query<Offer>(
    `WITH input AS (SELECT * FROM jsonb_to_recordset($1) AS t(id uuid, timer uuid, "incidentId" uuid, round int, operators uuid[], reasons jsonb, soft uuid[])),
     offer AS (
       INSERT INTO offer (id, incident_id, round, operators, reasons, soft, created_at, expires_at)
       SELECT input.id, "incidentId", round, operators, reasons, soft, $2, $3 FROM input JOIN incident ON incident.id = "incidentId" AND incident.status = 'waiting'
       FOR SHARE OF incident -- one that is being answered at this moment is waited for, and then rings no more
       ON CONFLICT (incident_id) WHERE status = 'ringing' DO NOTHING RETURNING *),
     timer AS (INSERT INTO outbox (id, kind, subject, due_at) SELECT input.timer, 'expire-offer', offer.id::text, $3 FROM offer JOIN input USING (id))
     SELECT ${offerColumns} FROM offer`,
    [JSON.stringify(fresh.map((choice) => ({ ...choice, id: v7(), timer: v7() }))), now, expiresAt],
  )
  const wider: Offer[] = []
  for (const choice of choices) {
    if (!choice.extends) continue
    wider.push(
      ...(await tx.query<Offer>(
        `UPDATE offer SET operators = $2, reasons = $3, soft = soft || $4::uuid[], version = version + 1, seq = nextval('change_seq')
         WHERE id = $1 AND status = 'ringing' RETURNING ${offerColumns}`,
        [choice.extends, choice.operators, JSON.stringify(choice.reasons), choice.soft],
      )),
    )
  }
  return [...started, ...wider]
}

/** The leaders hear of an incident that nobody takes. */
export async function tellLeaders(parts: Parts, incidentId: string, kind: 'unanswered' | 'hard-limit'): Promise<void> {
  const incident = await load(parts.db, incidentId)
  if (incident) alertLeaders(parts, incident, kind)
}
