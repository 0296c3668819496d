import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Env } from '../platform/env.ts'
import { startEmbeddedPostgres } from '../platform/postgres/start.ts'
import { StartFault } from '../platform/start-fault.ts'
import { mustBeKey } from './key.ts'
import { beginLoading, finishLoading, loadPart, makeTables, mustBeKnown } from './load.ts'
import { demoName, keyName, type Manifest, recordingEntry, tableEntry } from './manifest.ts'
import { readArchive, readWhole } from './read-archive.ts'
import { connect } from './take.ts'
import { moveInto, mustBeFree, outsideOf } from './target.ts'
import { brokenTimelines } from './timelines.ts'
import { flush } from './write-archive.ts'

type Options = {
  env: Env
  file: string
  passphrase: string | undefined
  overwrite: boolean
  migrations: string
  note: (line: string) => void
}
type Restored = { manifest: Manifest; incidents: number; facts: number; movedTo: string | undefined }

/**
 * Makes a centre of a backup in DATA_DIR, or leaves everything as it was. The backup is read to its end first; the centre
 * is then built beside its place, counted, its timelines verified, and moved there in one step. What was there before is
 * moved aside and never deleted.
 */
export async function restoreBackup(options: Options): Promise<Restored> {
  const { env, file, passphrase, overwrite, migrations, note } = options
  const dataDir = resolve(env.dataDir)
  await mustBeFree(dataDir, overwrite)
  note(`checking ${file} …`)
  const { manifest, key: locked } = await readWhole(file, passphrase)
  await mustBeKnown(manifest, migrations)
  const key = locked ?? env.fieldKey ?? ''
  mustBeKey(key, manifest.keyCheck)

  const making = `${dataDir}.restoring`
  await rm(making, { recursive: true, force: true })
  await rm(await outsideOf(making), { recursive: true, force: true })
  await mkdir(making, { recursive: true, mode: 0o700 })
  try {
    note(`restoring the centre of ${manifest.takenAt} …`)
    const told = await build({ making, file, passphrase, manifest, key, migrations })
    // Minutes have passed: a service manager may have started the centre again meanwhile.
    await mustBeFree(dataDir, overwrite)
    return { manifest, ...told, movedTo: await moveInto(making, dataDir) }
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    await rm(await outsideOf(making), { recursive: true, force: true })
    if (error instanceof StartFault || (error as { code?: string }).code === 'ENOSPC') throw error
    throw new StartFault(`The backup could not be restored, and nothing was changed: ${(error as Error).message}.`)
  }
}

type Building = Pick<Options, 'file' | 'passphrase' | 'migrations'> & {
  making: string
  manifest: Manifest
  key: string
}

async function build({ making, file, passphrase, manifest, key, migrations }: Building) {
  const put = (name: string, content: Readable | string[]) => putFile(join(making, name), content)
  await put(keyName, [key])
  const postgres = await startEmbeddedPostgres({ dataDir: making, note: () => {} })
  try {
    await makeTables(postgres.url, manifest, migrations)
    const client = await connect(postgres.url)
    if (!client) throw new Error('the new database does not answer')
    try {
      await beginLoading(client, manifest)
      await readArchive(file, passphrase, async (name, content) => {
        const table = tableEntry.exec(name)?.[1]
        if (table) await loadPart(client, manifest, table, content)
        else if (recordingEntry.test(name) || name === demoName) await put(name, content)
      })
      await finishLoading(client, manifest)
      const timelines = await brokenTimelines(client)
      if (timelines.broken.length > 0)
        throw new Error(`${timelines.broken.length} timeline(s) do not verify, first ${timelines.broken[0]}`)
      return { incidents: timelines.incidents, facts: timelines.facts }
    } finally {
      await client.end()
    }
  } finally {
    await postgres.stop() // its shutdown puts everything on the disk
  }
}

async function putFile(file: string, content: Readable | string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await pipeline(content, createWriteStream(file, { mode: 0o600, flags: 'wx' }))
  await flush(file)
}
