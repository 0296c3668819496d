import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Clock } from '../../server/platform/clock.ts'
import type { Db } from '../../server/platform/db.ts'
import { readEnv } from '../../server/platform/env.ts'
import { type Product, startProduct } from '../../server/wiring/product.ts'
import { freePort, portsOff } from '../support/ports.ts'
import { type Demo, readDemo } from '../support/product.ts'

export type Centre = {
  products: Product[]
  urls: string[]
  /** The processes that sweep. */
  workers: Product[]
  /** For reading the rows. */
  db: Db
  demo: Demo
  close(): Promise<void>
}
export type Profile = 'embedded' | 'scale-out'

const silent = { note: () => {}, onLost: () => {} }
// Voice is left out: nobody calls in a simulation of presses, and media does not run faster than real time.
const roles = 'web,worker'

/** The whole product in this process, its database beside it. */
async function startEmbedded(clock: Clock): Promise<Centre> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-simulate-'))
  const env = readEnv({
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    ROLES: roles,
    LOG_LEVEL: 'error',
    ...portsOff,
  })
  const product = await startProduct({ env, clock, ...silent })
  return {
    products: [product],
    urls: [product.url],
    workers: [product],
    demo: readDemo(dataDir),
    db: product.parts.db,
    async close() {
      await product.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/**
 * Two web and one worker of the product, each with its own connections, over PostgreSQL and Redis: what they share goes
 * through these as between processes; only the clock is one. In a database of its own, and on a Redis that must be empty.
 */
async function startScaleOut(clock: Clock, server: { databaseUrl: string; redisUrl: string }): Promise<Centre> {
  const redis = new Redis(server.redisUrl, { maxRetriesPerRequest: 1 })
  if ((await redis.dbsize()) > 0) {
    redis.disconnect()
    throw new Error('REDIS_URL must name an empty database: it is emptied again after the simulation')
  }
  const name = `simulate_${randomUUID().slice(0, 8)}`
  await administer(server.databaseUrl, `CREATE DATABASE ${name}`)
  const databaseUrl = Object.assign(new URL(server.databaseUrl), { pathname: `/${name}` }).href
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-simulate-'))
  const shared = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: server.redisUrl,
    FIELD_KEY: randomBytes(32).toString('hex'),
    DATA_DIR: dataDir,
    DEMO: '1',
    LOG_LEVEL: 'error',
  }
  const products: Product[] = []
  const close = async () => {
    for (const product of products.reverse()) await product.stop()
    await redis.flushdb()
    redis.disconnect()
    await administer(server.databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`)
    rmSync(dataDir, { recursive: true, force: true })
  }
  const start = async (ROLES: string) => {
    const env = readEnv({ ...shared, ...portsOff, ROLES, PORT: String(await freePort()) })
    const product = await startProduct({ env, clock, ...silent })
    products.push(product)
    return product
  }
  try {
    const first = await start('web')
    const second = await start('web')
    const worker = await start('worker')
    return {
      products: [...products],
      urls: [first.url, second.url],
      workers: [worker],
      db: first.parts.db,
      demo: readDemo(dataDir),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function administer(url: string, sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(sql).finally(() => admin.end())
}

export function startCentre(profile: Profile, clock: Clock, env: NodeJS.ProcessEnv): Promise<Centre> {
  if (profile === 'embedded') return startEmbedded(clock)
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = env
  if (!databaseUrl || !redisUrl) throw new Error('scale-out needs DATABASE_URL and REDIS_URL')
  return startScaleOut(clock, { databaseUrl, redisUrl })
}
