import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedDemo } from '../../prisma/seed.ts'
import { connectDb, connectPrisma, type Db } from '../../server/platform/db.ts'
import { migrate } from '../../server/platform/migrate.ts'
import { startEmbeddedPostgres } from '../../server/platform/postgres/start.ts'
import { makeSeal } from '../../server/platform/seal.ts'

/** The address of the database in a data directory, for looking at it beside the server that runs. */
export function databaseOf(dataDir: string): string {
  const { port, password } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as Record<string, string>
  return `postgres://yihu:${password}@127.0.0.1:${port}/yihu`
}

/** The embedded PostgreSQL with the product's tables and the fictional district, for a row that needs no server beside it. */
export async function startDatabase(): Promise<{ db: Db; url: string; dataDir: string; close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-bench-'))
  const note = () => {}
  const postgres = await startEmbeddedPostgres({ dataDir, note })
  await migrate(postgres.url, join(import.meta.dirname, '../../prisma/migrations'), note)
  const db = connectDb(postgres.url)
  const prisma = connectPrisma(postgres.url)
  const seal = makeSeal(randomBytes(32).toString('hex'))
  await seedDemo({ db, prisma, seal, dataDir, baseUrl: 'http://127.0.0.1', now: new Date(), note })
  await prisma.$disconnect()
  return {
    db,
    url: postgres.url,
    dataDir,
    async close() {
      await db.close()
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
