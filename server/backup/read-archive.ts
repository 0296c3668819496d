import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Decrypter } from 'age-encryption'
import { extract } from 'tar-stream'
import { StartFault } from '../platform/start-fault.ts'
import { format, keyName, type Manifest, manifestName, manifestShape, sealName, tableEntry } from './manifest.ts'

const ageHeader = 'age-encryption.org/v1'

/** Hands each entry to `take`, in their order; one that is not read to its end is skipped. */
export async function readArchive(
  file: string,
  passphrase: string | undefined,
  take: (name: string, content: Readable) => Promise<void>,
): Promise<void> {
  const source = await opened(file, passphrase)
  const tar = extract()
  const piped = pipeline(source, tar)
  piped.catch(() => {}) // awaited below; an earlier fault comes first
  for await (const entry of tar) {
    const content = Readable.from(entry as AsyncIterable<Uint8Array>)
    await take((entry as unknown as { header: { name: string } }).header.name, content)
    // One that is not wanted is read all the same: behind it comes the next.
    if (!content.readableEnded) for await (const _ of content);
  }
  await piped
}

async function opened(file: string, passphrase: string | undefined): Promise<Readable> {
  const handle = await open(file, 'r').catch(() => {
    throw new StartFault(`There is no backup ${file} that this user may read.`)
  })
  const head = Buffer.alloc(ageHeader.length)
  await handle.read(head, 0, head.length, 0).finally(() => handle.close())
  const plain = createReadStream(file)
  if (head.toString('latin1') !== ageHeader) return plain
  if (!passphrase) throw new StartFault(`${file} is locked with a passphrase: set BACKUP_PASSPHRASE.`)
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    const stream = await decrypter.decrypt(Readable.toWeb(plain) as unknown as ReadableStream<Uint8Array>)
    return Readable.fromWeb(stream as unknown as Parameters<typeof Readable.fromWeb>[0])
  } catch {
    plain.destroy()
    throw new StartFault(`${file} does not open with this BACKUP_PASSPHRASE, or its head is damaged.`)
  }
}

/** Answers the manifest when the backup is whole; see `readWhole`. */
export const checkArchive = async (file: string, passphrase: string | undefined): Promise<Manifest> =>
  (await readWhole(file, passphrase)).manifest

/**
 * Reads a backup to its end: every entry with its checksum, every table with its rows. Answers the manifest and, from a
 * locked one, the key; or throws one plain sentence naming what is wrong. Nothing is restored before this has passed.
 */
export async function readWhole(
  file: string,
  passphrase: string | undefined,
): Promise<{ manifest: Manifest; key: string | undefined }> {
  const damaged = (what: string) => new StartFault(`The backup ${file} is damaged (${what}): use another one.`)
  const found = new Map<string, { bytes: number; sha256: string }>()
  const rows = new Map<string, number>()
  let text = Buffer.alloc(0)
  let seal = ''
  let key: string | undefined
  try {
    await readArchive(file, passphrase, async (name, content) => {
      if (name === manifestName) text = await buffer(content)
      else if (name === sealName) seal = (await buffer(content)).toString()
      else if (name === keyName) {
        const bytes = await buffer(content)
        key = bytes.toString().trim()
        found.set(name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      } else {
        const table = tableEntry.exec(name)?.[1]
        const read = table ? await measureTable(content) : { ...(await measure(content)), rows: 0 }
        found.set(name, read)
        if (table) rows.set(table, (rows.get(table) ?? 0) + read.rows)
      }
    })
  } catch (error) {
    if (error instanceof StartFault) throw error
    throw damaged((error as Error).message)
  }
  if (text.length === 0) throw damaged('it ends too early')
  if (createHash('sha256').update(text).digest('hex') !== seal) throw damaged(manifestName)
  const said = JSON.parse(text.toString()) as { format: number }
  if (said.format > format)
    throw new StartFault(`The backup ${file} was made by a newer version: restore it with that version of the program.`)
  const manifest = manifestShape.parse(said)
  for (const { name, bytes, sha256 } of manifest.entries) {
    const there = found.get(name)
    if (there?.bytes !== bytes || there.sha256 !== sha256) throw damaged(name)
  }
  if (found.size !== manifest.entries.length) throw damaged('more is in it than it says')
  for (const table of manifest.tables) if ((rows.get(table.name) ?? 0) !== table.rows) throw damaged(table.name)
  return { manifest, key }
}

type Measured = { bytes: number; sha256: string }

async function* measured(content: Readable, into: Measured): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of content) {
    into.bytes += (chunk as Uint8Array).length
    hash.update(chunk as Uint8Array)
    yield chunk as Uint8Array
  }
  into.sha256 = hash.digest('hex')
}

async function measure(content: Readable): Promise<Measured> {
  const into = { bytes: 0, sha256: '' }
  for await (const _ of measured(content, into)) {
    // read to its end
  }
  return into
}

/** COPY writes one line for each row, and a line break within a value as two letters. */
async function measureTable(content: Readable): Promise<Measured & { rows: number }> {
  const into = { bytes: 0, sha256: '' }
  let rows = 0
  await pipeline(measured(content, into), createGunzip(), async (lines: AsyncIterable<Buffer>) => {
    for await (const chunk of lines) rows += countLines(chunk)
  })
  return { ...into, rows }
}

const lineBreak = 0x0a
export function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, at + 1)) lines += 1
  return lines
}
