import type { PresenceView } from '../contracts/queue.ts'
import type { Language, PresenceStatus } from '../contracts/vocabulary.ts'
import { beatClaims } from '../incidents/commands.ts'
import { claimStaleAfterMs } from '../incidents/timers.ts'
import type { Caller } from '../platform/caller.ts'
import { after } from '../platform/clock.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'

type Row = {
  id: string
  name: string
  chosen: 'available' | 'break' | 'away'
  reason: string | null
  since: Date
  seenAt: Date
  languages: Language[]
  skills: PresenceView['skills']
  active: number
  wrappingUp: number
  owned: number
  version: number
  seq: number
}

const presenceSql = `
  SELECT a.id, a.name, coalesce(p.status, 'away') AS chosen, p.reason, coalesce(p.since, 'epoch') AS since, coalesce(p.seen_at, 'epoch') AS "seenAt",
    a.languages, a.skills, coalesce(p.version, 0) AS version, coalesce(p.seq, 0) AS seq,
    (count(i.id) FILTER (WHERE i.status = 'triage' AND i.held_until IS NULL))::int AS active,
    (count(i.id) FILTER (WHERE i.status = 'wrap-up'))::int AS "wrappingUp", count(i.id)::int AS owned
  FROM account a LEFT JOIN presence p ON p.account_id = a.id LEFT JOIN incident i ON i.owner_id = a.id AND i.status <> 'closed'
  WHERE a.active AND EXISTS (SELECT 1 FROM account_role r JOIN area ON area.id = r.area_id
    WHERE r.account_id = a.id AND r.role IN ('operator', 'supervisor', 'dispatcher') AND (area.path LIKE ANY ($1) OR $2::uuid = a.id))
    AND ($2::uuid IS NULL OR a.id = $2)
  GROUP BY a.id, p.account_id ORDER BY a.name`

/** What an operator does follows from what they work on; waiting for a helper keeps nobody busy. Only breaks and leaving are said. */
function statusOf(row: Row): PresenceStatus {
  if (row.active > 0) return 'on-call'
  if (row.wrappingUp > 0) return 'wrap-up'
  return row.chosen
}

function view(row: Row, now: Date): PresenceView {
  const { id, name, reason, languages, skills, owned, version, seq } = row
  const live = row.seenAt > after(now, -claimStaleAfterMs)
  return {
    id,
    name,
    status: live ? statusOf(row) : 'away',
    reason,
    since: row.since.toISOString(),
    live,
    languages,
    skills,
    owned,
    version,
    seq,
  }
}

export async function listPresence(parts: Parts, paths: string[]): Promise<PresenceView[]> {
  const rows = await parts.db.query<Row>(presenceSql, [paths.map((path) => `${path}%`), null])
  return rows.map((row) => view(row, parts.clock.now()))
}

export async function onePresence(parts: Parts, accountId: string): Promise<PresenceView> {
  const [row] = await parts.db.query<Row>(presenceSql, [['/%'], accountId])
  if (!row) throw new Error('no presence for this account')
  return view(row, parts.clock.now())
}

/** Available puts the operator at the end of the line of idle ones and looks at the queue at once. */
export async function setPresence(
  parts: Parts,
  caller: Caller,
  said: { status: 'available' | 'break' | 'away'; reason: string | null },
): Promise<PresenceView> {
  const now = parts.clock.now()
  await parts.db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO presence (account_id, status, reason, since, idle_since, seen_at) VALUES ($1, $2, $3, $4, $4, $4)
       ON CONFLICT (account_id) DO UPDATE SET status = $2, reason = $3, since = $4, seen_at = $4,
         idle_since = CASE WHEN presence.status = 'available' THEN presence.idle_since ELSE $4 END,
         version = presence.version + 1, seq = nextval('change_seq')`,
      [caller.id, said.status, said.status === 'break' ? said.reason : null, now],
    )
    if (said.status === 'available') await enqueue(tx, 'route-incident', 'queue', now)
    tx.afterCommit(() => parts.outbox.kick())
  })
  const shown = await onePresence(parts, caller.id)
  for (const role of caller.roles)
    parts.realtime.toArea(role.areaPath, 'presence.changed', {
      id: shown.id,
      version: shown.version,
      seq: shown.seq,
      row: shown,
    })
  return shown
}

/** The console's heartbeat: the operator is there, and so are their claims. One who comes back after a silence is rung again. */
export async function beat(parts: Parts, accountId: string): Promise<void> {
  const now = parts.clock.now()
  const [before] = await parts.db.query<{ wasGone: boolean }>(
    `WITH old AS (SELECT seen_at FROM presence WHERE account_id = $1)
     INSERT INTO presence (account_id, status, since, idle_since, seen_at) VALUES ($1, 'away', $2, $2, $2)
     ON CONFLICT (account_id) DO UPDATE SET seen_at = $2
     RETURNING coalesce((SELECT seen_at FROM old) < $3, false) AND status = 'available' AS "wasGone"`,
    [accountId, now, after(now, -claimStaleAfterMs)],
  )
  await beatClaims(parts, accountId)
  if (before?.wasGone) {
    await parts.db.transaction((tx) => enqueue(tx, 'route-incident', 'queue', now))
    parts.outbox.kick()
  }
}
