import type { FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import type { z } from 'zod'
import { audit } from '../access/audit.ts'
import { hotlineRoutes as api, type NuisanceView, type nuisanceForm } from '../contracts/hotlines.ts'
import type { Caller } from '../platform/caller.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { loadCall } from './store.ts'

type Row = Omit<NuisanceView, 'since' | 'expiresAt'> & { since: Date; expiresAt: Date }

const selected = `SELECT n.id, n.number, n.reason, a.name AS "byName", n.since, n.expires_at AS "expiresAt"
  FROM nuisance n JOIN account a ON a.id = n.account_id`
const view = (row: Row): NuisanceView => ({
  ...row,
  since: row.since.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
})

/** Those that are marked now, in the areas of who asks. */
async function listNuisances({ db, clock }: Parts, caller: Caller): Promise<NuisanceView[]> {
  const scope = caller.pathsFor('supervise').map((path) => `${path}%`)
  const rows = await db.query<Row>(
    `${selected} WHERE n.expires_at > $1 AND n.area_path LIKE ANY ($2) ORDER BY n.expires_at`,
    [clock.now(), scope],
  )
  return rows.map(view)
}

/**
 * The calls of this number come last from now on. Its owner can still say by a key that it is urgent. The number of a life
 * line, of whoever has it, is never marked: one true call among a hundred is worth them all.
 */
async function markNuisance(
  parts: Parts,
  caller: Caller,
  callId: string,
  { reason, hours }: z.output<typeof nuisanceForm>,
): Promise<NuisanceView | Refusal> {
  const { db, clock } = parts
  const call = await loadCall(db, callId)
  if (!call || !caller.may('supervise', call.areaPath)) return refuse('not-found')
  if (!call.number) return refuse('no-number', 'A withheld number cannot be marked.')
  const [life] = await db.query('SELECT 1 FROM resident WHERE phone = $1 AND line_class = 1 AND active LIMIT 1', [
    call.number,
  ])
  if (life) return refuse('life-line', 'This is the number of a life line: each of its calls is answered.')
  const now = clock.now()
  const [row] = await db.query<{ id: string }>(
    `INSERT INTO nuisance (id, number, area_path, reason, account_id, since, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (number) DO UPDATE SET area_path = excluded.area_path, reason = excluded.reason, account_id = excluded.account_id,
       since = excluded.since, expires_at = excluded.expires_at RETURNING id`,
    [v7(), call.number, call.areaPath, reason, caller.id, now, after(now, minutes(hours * 60))],
  )
  const id = row?.id as string
  await audit(parts, { accountId: caller.id, action: 'create', subjectKind: 'nuisance', subjectId: id, reason })
  const [marked] = await db.query<Row>(`${selected} WHERE n.id = $1`, [id])
  return view(marked as Row)
}

async function endNuisance(parts: Parts, caller: Caller, id: string): Promise<Record<string, never> | Refusal> {
  const [row] = await parts.db.query<{ areaPath: string }>(
    'SELECT area_path AS "areaPath" FROM nuisance WHERE id = $1',
    [id],
  )
  if (!row || !caller.may('supervise', row.areaPath)) return refuse('not-found')
  await parts.db.query('DELETE FROM nuisance WHERE id = $1', [id])
  await audit(parts, { accountId: caller.id, action: 'change', subjectKind: 'nuisance', subjectId: id })
  return {}
}

export function nuisanceRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.nuisances, async ({ caller }) => ({ items: await listNuisances(parts, caller), next: null }))
  serve(app, api.markNuisance, ({ caller, params, body }) => markNuisance(parts, caller, params.id, body))
  serve(app, api.endNuisance, ({ caller, params }) => endNuisance(parts, caller, params.id))
}
