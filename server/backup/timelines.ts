import type pg from 'pg'

/**
 * Incidents whose timeline is not what was written: a fact that was changed, put in or taken out, at the end too. The chain
 * is followed from the first fact, and the incident's row must hold the hash of the last.
 */
export async function brokenTimelines(
  db: Pick<pg.Client, 'query'>,
): Promise<{ incidents: number; facts: number; broken: string[] }> {
  const { rows } = await db.query<{ incidents: string; facts: string; broken: string[] }>(
    `WITH followed AS (
       SELECT incident_id, seq, hash, row_number() OVER chain AS place,
         hash = fact_chain(coalesce(lag(hash) OVER chain, ''), type, fact_digest(at, actor, data)) AS holds
       FROM fact WINDOW chain AS (PARTITION BY incident_id ORDER BY seq)
     ), told AS (
       SELECT incident_id, count(*) AS facts, bool_and(holds AND place = seq) AS holds, (array_agg(hash ORDER BY seq DESC))[1] AS last
       FROM followed GROUP BY incident_id
     )
     SELECT count(*) AS incidents, coalesce(sum(t.facts), 0) AS facts,
       coalesce(array_agg(i.id::text) FILTER (WHERE NOT coalesce(t.holds AND t.last = i.head AND t.facts = i.version, false)), '{}') AS broken
     FROM incident i LEFT JOIN told t ON t.incident_id = i.id`,
  )
  const [row] = rows
  return { incidents: Number(row?.incidents), facts: Number(row?.facts), broken: row?.broken ?? [] }
}
