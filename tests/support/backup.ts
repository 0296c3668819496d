import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

const root = join(import.meta.dirname, '../..')

/** The built command, as `npm run backup`, `restore` and `verify` start it. */
export function command(args: string[], env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { FIELD_KEY: _, DATABASE_URL: __, ...surroundings } = process.env
  const child = spawn(process.execPath, ['dist/server/backup.js', ...args], {
    cwd: root,
    env: { ...surroundings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
}

/** The embedded database of a data directory whose product runs; its port and password are kept there. */
export async function inDatabase<T>(dataDir: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { port, password } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'))
  const client = new pg.Client({ connectionString: `postgres://yihu:${password}@127.0.0.1:${port}/yihu` })
  await client.connect()
  return work(client).finally(() => client.end())
}
