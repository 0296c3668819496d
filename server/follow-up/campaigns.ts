import { v7 } from 'uuid'
import type { CampaignView } from '../contracts/campaigns.ts'
import { findUnprotected, mostUrgent } from '../devices/unprotected.ts'
import { type OpenState, stateAt } from '../hotlines/hours.ts'
import type { Caller } from '../platform/caller.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'

const shownDays = 30
/** Whoever takes somebody and goes home: after this the next operator has them. Longer than a call takes. */
export const forgottenMs = minutes(20)
const listMax = 50
/** Kinds with something to press. */
const buttons = ['pendant', 'bedside', 'pull-cord', 'one-key-phone', 'fall-sensor']

/** May somebody be called now? By the hours of every day, TEST_CALL_HOURS: nobody is got out of bed for a test. */
export function callingAt({ env, clock }: Pick<Parts, 'env' | 'clock'>): OpenState {
  const week = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, ...env.testCallHours }))
  return stateAt({ week, dates: [] }, clock.now())
}

type Row = Omit<CampaignView, 'createdAt' | 'stoppedAt'> & { createdAt: Date; stoppedAt: Date | null }
const view = ({ createdAt, stoppedAt, ...row }: Row): CampaignView => ({
  ...row,
  createdAt: createdAt.toISOString(),
  stoppedAt: stoppedAt?.toISOString() ?? null,
})

/** Counted are the residents of one's own areas; a campaign without any is not there. */
async function read({ db, clock }: Parts, paths: string[], id?: string): Promise<CampaignView[]> {
  const rows = await db.query<Row>(
    `SELECT c.id, c.area_id AS "areaId", c.reason, c.created_at AS "createdAt", m.name AS "createdBy", c.stopped_at AS "stoppedAt",
       count(*)::int AS "all", (count(*) FILTER (WHERE t.done_at IS NULL))::int AS open,
       (count(*) FILTER (WHERE t.done_at IS NULL AND t.taken_by IS NOT NULL))::int AS taken,
       (count(*) FILTER (WHERE t.result = 'pressed'))::int AS pressed, (count(*) FILTER (WHERE t.result = 'no-answer'))::int AS "noAnswer",
       (count(*) FILTER (WHERE t.result = 'device-faulty'))::int AS faulty
     FROM campaign c JOIN account m ON m.id = c.created_by JOIN test_call t ON t.campaign_id = c.id
     JOIN resident r ON r.id = t.resident_id JOIN area a ON a.id = r.area_id
     WHERE a.path LIKE ANY ($1) AND (c.created_at > $2 OR EXISTS (SELECT 1 FROM test_call o WHERE o.campaign_id = c.id AND o.done_at IS NULL)) AND ($3::uuid IS NULL OR c.id = $3)
     GROUP BY c.id, m.name ORDER BY (count(*) FILTER (WHERE t.done_at IS NULL)) > 0 DESC, c.created_at DESC LIMIT ${listMax}`,
    [paths.map((path) => `${path}%`), after(clock.now(), -minutes(shownDays * 24 * 60)), id ?? null],
  )
  return rows.map(view)
}

export async function listCampaigns(parts: Parts, caller: Caller) {
  const { open, until } = callingAt(parts)
  const items = await read(parts, caller.pathsFor('handle-incident'))
  return { items, next: null, hours: { open, until: until?.toISOString() ?? null } }
}

/** Whoever is being called by another campaign is left to it. */
export async function createCampaign(
  parts: Parts,
  caller: Caller,
  form: { areaId: string; reason: CampaignView['reason']; residentsMax: number },
): Promise<CampaignView | Refusal> {
  const [area] = await parts.db.query<{ path: string }>('SELECT path FROM area WHERE id = $1', [form.areaId])
  if (!area || !caller.may('supervise', area.path))
    return refuse('invalid', 'Choose an area of your own.', [{ path: 'areaId', message: 'not-in-your-area' }])
  const id = v7()
  const now = parts.clock.now()
  const made = await parts.db.transaction(async (tx) => {
    await tx.query('INSERT INTO campaign (id, area_id, reason, created_at, created_by) VALUES ($1, $2, $3, $4, $5)', [
      id,
      form.areaId,
      form.reason,
      now,
      caller.id,
    ])
    const called = await tx.query(
      `${findUnprotected}
       INSERT INTO test_call (id, campaign_id, resident_id, device_id, position, due_at)
       SELECT gen_random_uuid(), $5, chosen.id, chosen.device, chosen.position, $1 FROM (
         SELECT r.id, d.id AS device, row_number() OVER (ORDER BY ${mostUrgent}) AS position FROM found r CROSS JOIN LATERAL (
           SELECT d.id FROM device d WHERE d.resident_id = r.id AND d.state IN ('activated', 'in-service', 'in-test') AND d.kind = ANY ($6)
           ORDER BY (d.silence = 'lost') IS TRUE DESC, d.last_good_test_at NULLS FIRST, d.id LIMIT 1) d
         WHERE NOT EXISTS (SELECT 1 FROM test_call t WHERE t.resident_id = r.id AND t.done_at IS NULL)
         ORDER BY position LIMIT $7) chosen
       ON CONFLICT (resident_id) WHERE done_at IS NULL DO NOTHING RETURNING id`,
      [now, [`${area.path}%`], null, form.reason, id, buttons, form.residentsMax],
    )
    if (called.length === 0)
      return refuse(
        'nobody-for-campaign',
        'There is nobody with a button for this reason who is not being called already.',
      )
    return {}
  })
  if (isRefusal(made)) return made
  const [campaign] = await read(parts, caller.pathsFor('supervise'), id)
  return campaign ?? refuse('not-found')
}

/** Only whoever leads all of its area stops it. */
export async function stopCampaign(parts: Parts, caller: Caller, id: string): Promise<CampaignView | Refusal> {
  const [campaign] = await parts.db.query<{ path: string }>(
    'SELECT a.path FROM campaign c JOIN area a ON a.id = c.area_id WHERE c.id = $1',
    [id],
  )
  if (!campaign || !caller.may('supervise', campaign.path)) return refuse('not-found')
  const now = parts.clock.now()
  await parts.db.query(
    `WITH stopped AS (UPDATE campaign SET stopped_at = coalesce(stopped_at, $2), stopped_by = coalesce(stopped_by, $3) WHERE id = $1)
     UPDATE test_call SET result = 'stopped', done_at = $2, done_by = $3 WHERE campaign_id = $1 AND done_at IS NULL AND (taken_by IS NULL OR taken_at < $4)`,
    [id, now, caller.id, after(now, -forgottenMs)],
  )
  return (await read(parts, caller.pathsFor('supervise'), id))[0] ?? refuse('not-found')
}
