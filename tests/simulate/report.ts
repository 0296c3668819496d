import type { Db } from '../../server/platform/db.ts'
import { quantile } from '../bench/figures.ts'
import type { Ran } from './run.ts'

type Waited = { class: number; waitedMs: number | null; openMs: number }
type Counted = { name: string; n: number }

const targetsSeconds = [15, 60, 180]
const shares = [0.5, 0.75, 0.9, 0.95, 0.99, 1]

/** The plain table of what happened, from the rows of the database and from what people noted. */
export async function report(db: Db, ran: Ran): Promise<string[]> {
  const { scenario, notes } = ran
  const now = ran.clock.now()
  const waited = await db.query<Waited>(
    `SELECT i.class, (extract(epoch FROM (SELECT min(f.at) FROM fact f WHERE f.incident_id = i.id AND f.type = 'answered') - i.opened_at) * 1000)::float8 AS "waitedMs",
       (extract(epoch FROM $1 - i.opened_at) * 1000)::float8 AS "openMs" FROM incident i`,
    [now],
  )
  const count = async (sql: string) => db.query<Counted>(sql)
  const [statuses, facts, offers, assignments, steps, outcomes] = await Promise.all([
    count(`SELECT status AS name, count(*)::int AS n FROM incident GROUP BY 1 ORDER BY 1`),
    count(`SELECT type AS name, count(*)::int AS n FROM fact GROUP BY 1 ORDER BY 1`),
    count(`SELECT status AS name, count(*)::int AS n FROM offer GROUP BY 1 ORDER BY 1`),
    count(`SELECT status AS name, count(*)::int AS n FROM assignment GROUP BY 1 ORDER BY 1`),
    count(`SELECT data->>'step' AS name, count(*)::int AS n FROM fact WHERE type = 'escalated' GROUP BY 1 ORDER BY 1`),
    count(
      `SELECT disposition AS name, count(*)::int AS n FROM incident WHERE disposition IS NOT NULL GROUP BY 1 ORDER BY 2 DESC`,
    ),
  ])
  const of = (list: Counted[], name: string) => list.find((one) => one.name === name)?.n ?? 0
  const sum = (list: Counted[]) => list.reduce((all, { n }) => all + n, 0)
  const said = (list: Counted[]) => list.map(({ name, n }) => `${n} ${name}`).join(', ') || 'none'
  const asked = await count(
    `SELECT x.name, count(*)::int AS n FROM assignment s CROSS JOIN LATERAL (VALUES ('accepted', s.accepted_at), ('en route', s.en_route_at), ('on scene', s.on_scene_at)) AS x(name, at)
     WHERE x.at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC`,
  )
  const open = waited.filter((one) => one.waitedMs === null).length
  const line = (name: string, text: string) => `${name.padEnd(26)}${text}`
  return [
    `${scenario.residents} residents, ${scenario.minutes} virtual minutes, ${scenario.operators} operators, seed ${scenario.seed}, ${scenario.profile}, ${scenario.pressesPerHour} presses an hour each`,
    line(
      'presses',
      `${notes.presses} (${notes.signals} signals with repeated presses and lost answers, ${notes.sentAgain} sent again)`,
    ),
    line('alarms acknowledged', String(notes.acknowledged.size)),
    line('incidents', `${waited.length}: ${said(statuses)}`),
    ...['all', 'class 1', 'class 2 and 3', 'class 4 and 5'].map((name) =>
      line(`answered, ${name}`, answered(waited, name)),
    ),
    ...['all', 'class 1', 'class 2 and 3', 'class 4 and 5'].map((name) => line(`waited, ${name}`, curve(waited, name))),
    line(
      'offers',
      `${sum(offers)}: ${said(offers)}; heard ${notes.heardByPush} by push, ${notes.heardByAsking} only by asking`,
    ),
    line(
      'assignments',
      `${sum(assignments)} requested in ${of(facts, 'wave-sent')} waves: ${said(asked)}; at the end ${said(assignments)}`,
    ),
    line('waves exhausted', String(of(facts, 'waves-exhausted'))),
    line('escalations', steps.map(({ name, n }) => `step ${name}: ${n}`).join(', ') || 'none'),
    line('held, returned by itself', `${of(facts, 'held')}, ${of(facts, 'returned')}`),
    line(
      'consoles lost',
      `${notes.gone}; claims stale ${of(facts, 'claim-stale')}, taken back ${of(facts, 'requeued')}; breaks ${notes.breaks}`,
    ),
    line('outcomes', said(outcomes)),
    line('still unanswered', `${open} (nobody calls in this simulation, so nobody hangs up)`),
    line('ledger breaches', `${notes.breaches} (asked ${notes.ledgerAsked} times over the API)`),
    line('refusals', [...notes.refusals].map(([what, n]) => `${n} ${what}`).join(', ') || 'none'),
    line('requests', `${notes.requests} over HTTP; the clock stopped ${ran.stops} times`),
    line(
      'time',
      `${(ran.virtualMs / 60_000).toFixed(1)} virtual minutes in ${(ran.realMs / 60_000).toFixed(1)} real ones (${(ran.virtualMs / ran.realMs).toFixed(0)} times as fast)`,
    ),
  ]
}

const groups: Record<string, (one: Waited) => boolean> = {
  all: () => true,
  'class 1': (one) => one.class === 1,
  'class 2 and 3': (one) => one.class === 2 || one.class === 3,
  'class 4 and 5': (one) => one.class >= 4,
}
const group = (waited: Waited[], name: string) => waited.filter(groups[name] as (one: Waited) => boolean)

/** Of those answered and those who have waited longer than the target, like on the wallboard. */
function answered(waited: Waited[], name: string): string {
  const list = group(waited, name)
  const parts = targetsSeconds.map((target) => {
    const counted = list.filter((one) => one.waitedMs !== null || one.openMs > target * 1000)
    const within = counted.filter((one) => one.waitedMs !== null && one.waitedMs <= target * 1000)
    return `${target} s: ${counted.length === 0 ? '–' : `${((within.length / counted.length) * 100).toFixed(1)}%`}`
  })
  return `${parts.join('  ')}  (of ${list.length})`
}

function curve(waited: Waited[], name: string): string {
  const ms = group(waited, name).flatMap((one) => one.waitedMs ?? [])
  return shares
    .map((share) => `${share === 1 ? 'max' : `p${share * 100}`} ${(quantile(ms, share) / 1000).toFixed(1)} s`)
    .join('  ')
}
