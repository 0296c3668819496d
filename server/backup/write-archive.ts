import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PassThrough, Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Encrypter } from 'age-encryption'
import { pack } from 'tar-stream'
import { StartFault } from '../platform/start-fault.ts'
import { type Manifest, manifestName, sealName } from './manifest.ts'

export type ArchiveWriter = {
  add(name: string, bytes: Buffer): Promise<void>
  addStream(name: string, bytes: number, source: Readable): Promise<void>
  /** Writes the manifest last, flushes all of it to the disk and gives the file its name. */
  finish(rest: Omit<Manifest, 'entries'>): Promise<Manifest>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

/**
 * A tar file, which any tar opens, and with a passphrase an age file around it (age-encryption.org), which any age opens: a
 * backup must stay readable when this program does not run. It has its name only when it is whole and on the disk.
 */
export async function writeArchive(file: string, passphrase: string | undefined): Promise<ArchiveWriter> {
  if (existsSync(file)) throw new StartFault(`${file} is there already: choose another name; no backup is overwritten.`)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const making = `${file}.part`
  await rm(making, { force: true })
  const tar = pack()
  const plain = new PassThrough()
  tar.pipe(plain)
  const target = createWriteStream(making, { mode: 0o600, flags: 'wx' })
  const written = passphrase ? pipeline(await encrypted(plain, passphrase), target) : pipeline(plain, target)
  written.catch((error) => tar.destroy(error as Error)) // a full disk ends whoever still writes
  const entries: Manifest['entries'] = []

  async function addStream(name: string, bytes: number, source: Readable): Promise<void> {
    const hash = createHash('sha256')
    const through = new Transform({
      transform(chunk: Buffer, _encoding, then) {
        hash.update(chunk)
        then(null, chunk)
      },
    })
    const entry = tar.entry({ name, size: bytes, mode: 0o600, mtime: new Date() })
    await Promise.race([
      pipeline(source, through, entry),
      written.then(() => Promise.reject(new Error('closed early'))),
    ])
    entries.push({ name, bytes, sha256: hash.digest('hex') })
  }
  const add = (name: string, bytes: Buffer) => addStream(name, bytes.length, Readable.from([bytes]))

  return {
    add,
    addStream,
    async finish(rest) {
      const manifest: Manifest = { ...rest, entries: [...entries] }
      const text = Buffer.from(JSON.stringify(manifest, null, 1))
      await add(manifestName, text)
      await add(sealName, Buffer.from(createHash('sha256').update(text).digest('hex')))
      tar.finalize()
      await written
      await flush(making)
      await rename(making, file)
      await flush(dirname(file))
      return manifest
    },
    async abandon() {
      tar.destroy()
      await written.catch(() => {})
      await rm(making, { force: true })
    },
  }
}

async function encrypted(plain: Readable, passphrase: string): Promise<Readable> {
  const encrypter = new Encrypter()
  encrypter.setPassphrase(passphrase)
  const stream = await encrypter.encrypt(Readable.toWeb(plain) as unknown as ReadableStream<Uint8Array>)
  return Readable.fromWeb(stream as unknown as Parameters<typeof Readable.fromWeb>[0])
}

/** What is renamed or written is on the disk only after this. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
