import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'

const withinMs = minutes(60)
/** Different people whom somebody may look at in an hour without a leader hearing of it, beside those of whom they had a call. */
export const looksAnHourMax = 100
/** A call is found by a name that many bear, and followed up by contacts and neighbours. */
const looksForEachMatter = 30

export type ManyLooks = { accountId: string; name: string; people: number; at: Date; areaId: string }

/** Who has looked at more people than their work of this hour explains. */
export function manyLooks({ db, clock }: Pick<Parts, 'db' | 'clock'>, paths: string[]): Promise<ManyLooks[]> {
  const now = clock.now()
  return db.query<ManyLooks>(
    `WITH looked AS (
       SELECT account_id, at, unnest(named)::text AS who FROM audit WHERE at > $1 AND named IS NOT NULL AND subject_kind IN ('resident-list', 'household-list', 'device-list')
       UNION ALL SELECT account_id, at, subject_id FROM audit WHERE at > $1 AND action IN ('look', 'reveal-access') AND subject_kind IN ('resident', 'household', 'device')
     ), counted AS (
       SELECT account_id, count(DISTINCT who)::int AS people, max(at) AS at FROM looked WHERE account_id IS NOT NULL GROUP BY account_id HAVING count(DISTINCT who) > $2
     )
     SELECT c.account_id AS "accountId", a.name, c.people, c.at, (SELECT r.area_id FROM account_role r WHERE r.account_id = a.id LIMIT 1) AS "areaId"
     FROM counted c JOIN account a ON a.id = c.account_id
     WHERE c.people > $2 + $3 * (SELECT count(*) FROM incident i WHERE i.owner_id = a.id AND i.answered_at > $1)
       AND EXISTS (SELECT 1 FROM account_role r JOIN area ON area.id = r.area_id WHERE r.account_id = a.id AND area.path LIKE ANY ($4))
     ORDER BY c.people DESC`,
    [after(now, -withinMs), looksAnHourMax, looksForEachMatter, paths.map((path) => `${path}%`)],
  )
}
