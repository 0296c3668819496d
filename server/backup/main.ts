import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readEnv } from '../platform/env.ts'
import { exitPlainly } from '../platform/exit-plainly.ts'
import { StartFault } from '../platform/start-fault.ts'
import { passphraseFile, passphraseOf } from './passphrase.ts'
import { checkArchive } from './read-archive.ts'
import { restoreBackup } from './restore.ts'
import { connect, reach, takeBackup } from './take.ts'
import { brokenTimelines } from './timelines.ts'

// Run as dist/server/backup.js, from anywhere.
const migrations = join(import.meta.dirname, '../../prisma/migrations')
const note = (line: string) => console.log(line)

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      overwrite: { type: 'boolean', default: false },
      open: { type: 'boolean', default: false },
    },
  })
  const [command, file] = positionals
  const env = readEnv(process.env)
  const passphrase = values.open ? undefined : passphraseOf(env.dataDir, process.env['BACKUP_PASSPHRASE'], command)
  if (command === 'verify') return file ? verifyFile(file, passphrase) : verifyCentre(env)
  if (env.databaseUrl)
    throw new StartFault(
      'This is for the embedded database. For DATABASE_URL use pg_dump and a copy of DATA_DIR; see server/operations/backup.md.',
    )
  if (command === 'backup') return backup(env, values.to, passphrase)
  if (command === 'restore' && file) return restore(env, file, passphrase, values.overwrite)
  throw new StartFault('Say which backup: npm run restore -- FILE [--overwrite]')
}

type Env = ReturnType<typeof readEnv>

async function backup(env: Env, to: string | undefined, passphrase: string | undefined): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  const file = resolve(to ?? join('backups', `yihu-${time}.tar${passphrase ? '.age' : ''}`))
  const { tables, recordings } = await takeBackup({ env, file, passphrase, note })
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  note(`${file}: ${tables.length} tables, ${rows} rows, ${recordings.kept} recordings; read again and whole.`)
  note(
    passphrase
      ? `It is locked and holds the field key. What opens it is BACKUP_PASSPHRASE, or the line in ${passphraseFile(env.dataDir)}: keep a copy of that on another machine, for without it the backup is lost.`
      : 'It is NOT locked: names and addresses stand in it open. The field key is NOT in it: keep DATA_DIR/field.key elsewhere, for without it notes, door codes and recordings are lost. Without --open both are solved.',
  )
}

async function restore(env: Env, file: string, passphrase: string | undefined, overwrite: boolean): Promise<void> {
  const done = await restoreBackup({ env, file, passphrase, overwrite, migrations, note })
  const rows = done.manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  note(
    `${env.dataDir}: ${rows} rows, ${done.manifest.recordings.kept} recordings, ${done.incidents} timelines verified.`,
  )
  if (done.movedTo) note(`What was there before is in ${done.movedTo}.`)
  note('Start it with npm start. Everybody signs in anew; what was open rings again.')
}

async function verifyFile(file: string, passphrase: string | undefined): Promise<void> {
  const { takenAt, entries } = await checkArchive(file, passphrase)
  note(`${file} is whole: ${entries.length} parts of ${takenAt}.`)
}

async function verifyCentre({ databaseUrl, dataDir }: Env): Promise<void> {
  const database = databaseUrl ? await reachExternal(databaseUrl) : await reach(dataDir)
  const { incidents, facts, broken } = await brokenTimelines(database.client).finally(() => database.close())
  for (const id of broken) console.error(`incident ${id}: the timeline was changed, or is not whole`)
  note(`${incidents} timelines, ${facts} facts: ${broken.length === 0 ? 'all verified' : `${broken.length} broken`}`)
  if (broken.length > 0) process.exitCode = 1
}

async function reachExternal(url: string): ReturnType<typeof reach> {
  const client = await connect(url)
  if (!client) throw new StartFault('The database of DATABASE_URL does not answer: start it, or correct DATABASE_URL.')
  return { client, close: () => client.end() }
}

await main().catch(exitPlainly)
