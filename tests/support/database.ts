import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { seedDemo } from '../../prisma/seed.ts'
import { connectDb, connectPrisma } from '../../server/platform/db.ts'
import { migrate } from '../../server/platform/migrate.ts'
import { startEmbeddedPostgres } from '../../server/platform/postgres/start.ts'
import { makeSeal } from '../../server/platform/seal.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    adminUrl: string
    demo: string
  }
}

export const testFieldKey = '11'.repeat(32)
/** The moment at which every test's world begins. */
export const testStart = new Date('2026-11-24T02:00:00Z')

/** One real PostgreSQL for all room tests, with a seeded district as the template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'yihu-rooms-'))
  const given = process.env['TEST_DATABASE_URL']
  const embedded = given ? undefined : await startEmbeddedPostgres({ dataDir: dir, note: () => {} })
  const adminUrl = given ?? (embedded?.url as string)
  const template = new URL(adminUrl)
  template.pathname = '/yihu_template'
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  // What these tests end is processes, never the machine: what was written need not be on the disk to be there. Half the time of a copy.
  for (const setting of ['fsync = off', 'full_page_writes = off', "max_wal_size = '8GB'", "checkpoint_timeout = '1h'"])
    await admin.query(`ALTER SYSTEM SET ${setting}`)
  await admin.query('SELECT pg_reload_conf()')
  await admin.query('DROP DATABASE IF EXISTS yihu_template')
  await admin.query('CREATE DATABASE yihu_template')
  await admin.end()
  await migrate(template.href, join(import.meta.dirname, '../../prisma/migrations'), () => {})
  const db = connectDb(template.href)
  const prisma = connectPrisma(template.href)
  await seedDemo({
    db,
    prisma,
    seal: makeSeal(testFieldKey),
    dataDir: dir,
    baseUrl: 'http://127.0.0.1',
    now: testStart,
    note: () => {},
  })
  await prisma.$disconnect()
  await db.close()
  project.provide('adminUrl', adminUrl)
  project.provide('demo', readFileSync(join(dir, 'demo.json'), 'utf8'))
  return async () => {
    await embedded?.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
