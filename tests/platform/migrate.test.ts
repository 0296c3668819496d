import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { migrate } from '../../server/platform/migrate.ts'

let folder: string
let url: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-migrations-'))
  write('1_first', 'CREATE TABLE one (n int);')
  const name = `m_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: inject('adminUrl') })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  url = Object.assign(new URL(inject('adminUrl')), { pathname: `/${name}` }).href
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}
const run = () => migrate(url, folder, () => {})

test('three that start together apply each migration once', async () => {
  const applied = await Promise.all([run(), run(), run()])
  expect(applied.flatMap((one) => one.applied)).toEqual(['1_first'])
  expect((await run()).applied).toEqual([])
})
test('of those that start together one builds the index of a table in use, and none waits for the other for ever', async () => {
  write('2_index', '-- yihu: no transaction\nCREATE INDEX CONCURRENTLY one_n ON one (n);')
  const applied = await Promise.all([run(), run(), run()])
  expect(applied.flatMap((one) => one.applied)).toEqual(['1_first', '2_index'])
})
test('a migration that was edited after it had been applied is refused', async () => {
  await run()
  write('1_first', 'CREATE TABLE one (n bigint);')
  await expect(run()).rejects.toThrow(/was edited/)
})
test('a failing one is rolled back whole, and applied when it is mended', async () => {
  write('2_second', 'CREATE TABLE two (n int); SELECT nonsense;')
  await expect(run()).rejects.toThrow(/2_second failed and was rolled back/)
  write('2_second', 'CREATE TABLE two (n int);')
  expect((await run()).applied).toEqual(['2_second'])
})
test('a database of a newer version is refused in words', async () => {
  write('2_second', 'CREATE TABLE two (n int);')
  await run()
  rmSync(join(folder, '2_second'), { recursive: true })
  await expect(run()).rejects.toThrow(/start the newer version/)
})
test('the tables of the schema for Prisma are the tables of the migrations', async () => {
  cpSync(join(import.meta.dirname, '../../prisma/migrations'), join(folder, 'real'), { recursive: true })
  await migrate(url, join(folder, 'real'), () => {})
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ t: string; c: string }>(
    `SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_%'`,
  )
  await client.end()
  const { readFileSync } = await import('node:fs')
  const schema = readFileSync(join(import.meta.dirname, '../../prisma/schema.prisma'), 'utf8')
  const camel = (text: string) => text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  const missing = rows.filter(({ t, c }) => {
    const model = schema.split('\nmodel ').find((one) => one.includes(`@@map("${t}")`)) ?? ''
    return !new RegExp(`^\\s+${camel(c)}\\s`, 'm').test(model)
  })
  expect(missing).toEqual([])
})
test('a centre without the fictional district has what the ladder sends a helper for, from its first start', async () => {
  await migrate(url, join(import.meta.dirname, '../../prisma/migrations'), () => {})
  const db = new pg.Client({ connectionString: url })
  await db.connect()
  const { rows } = await db.query(`SELECT code, skill FROM catalogue_item WHERE active`)
  await db.end()
  expect(rows).toEqual([{ code: 'no-answer', skill: 'first-aid' }])
})
