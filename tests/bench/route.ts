import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { steadyClock } from '../../server/platform/clock.ts'
import type { Db } from '../../server/platform/db.ts'
import { readEnv } from '../../server/platform/env.ts'
import { routeIncidents } from '../../server/queue/route-incident.ts'
import { startProduct } from '../../server/wiring/product.ts'
import { freePort } from '../support/ports.ts'
import { enrolCrowd, makeCrowd } from './crowd.ts'
import { quantile } from './figures.ts'

const operators = 500
const waiting = 10_000
const cycles = 20

/**
 * Routing with 500 operators free and 10,000 waiting: the product's own job on real presses. Between two looks everybody
 * who was rung has answered and is free again, so that each look finds the same crowd.
 */
export async function route(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-bench-'))
  // No worker: nobody else routes meanwhile.
  const env = readEnv({ DATA_DIR: dataDir, PORT: String(await freePort()), ROLES: 'web', LOG_LEVEL: 'error' })
  const product = await startProduct({ env, clock: steadyClock(), note: () => {}, onLost: () => {} })
  const { db } = product.parts
  try {
    await enrolCrowd(db, waiting)
    const crowd = makeCrowd(product.url)
    await crowd.pressAll(waiting, 'button')
    crowd.close()
    await seat(db)
    await db.query('DELETE FROM outbox')
    await db.query('ANALYZE')
    const ms: number[] = []
    const rung: number[] = []
    for (let i = 0; i < cycles; i++) {
      await present(db)
      const started = performance.now()
      await routeIncidents(product.parts)
      ms.push(performance.now() - started)
      rung.push(await everybodyAnswers(db))
    }
    const perLook = quantile(rung, 0.5)
    const perSecond = rung.reduce((sum, n) => sum + n, 0) / (ms.reduce((sum, one) => sum + one, 0) / 1000)
    console.log(`\nrouting, ${operators} operators free, ${waiting} waiting (${cycles} looks):`)
    console.log(
      `  ${perSecond.toFixed(0)} offers a second; one look rings ${perLook} of the ${operators} in p50 ${quantile(ms, 0.5).toFixed(0)} ms, max ${quantile(ms, 1).toFixed(0)} ms`,
    )
  } finally {
    await product.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function seat(db: Db): Promise<void> {
  await db.query(
    `WITH one AS (INSERT INTO account (id, username, name, password_hash, locale, languages, skills, capacity, active, failed_logins, version)
       SELECT gen_random_uuid(), 'bench' || n, 'bench', '', 'zh-CN', '{zh}', '{emergency,general,technical}', 3, true, 0, 1 FROM generate_series(1, $1) n RETURNING id),
     role AS (INSERT INTO account_role (account_id, role, area_id) SELECT one.id, 'operator', area.id FROM one, area WHERE area.level = 'district')
     INSERT INTO presence (account_id, status, since, idle_since, seen_at) SELECT id, 'available', now(), now(), now() FROM one`,
    [operators],
  )
}

const present = (db: Db) => db.query('UPDATE presence SET seen_at = now()')

async function everybodyAnswers(db: Db): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `WITH over AS (UPDATE offer SET status = 'accepted', ended_at = now(), accepted_by = operators[1] WHERE status = 'ringing' RETURNING incident_id),
     closed AS (UPDATE incident SET status = 'closed', closed_at = now(), disposition = 'test' WHERE id IN (SELECT incident_id FROM over))
     SELECT count(*)::int AS n FROM over`,
  )
  await db.query('DELETE FROM outbox')
  return row?.n ?? 0
}
