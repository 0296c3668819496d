import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { sampleRateHz } from './frame.ts'
import { fromMuLaw } from './g711.ts'

/**
 * A recording on disk: the magic, then sealed chunks of [length u32be][nonce 12][ciphertext][tag 16], AES-256-GCM, with
 * the chunk's number (u64be) as additional data, so that chunks cannot change places. Inside: stereo mu-law, left and
 * right byte by byte.
 */
export const magic = Buffer.from('YIHUREC1', 'latin1')
const nonceBytes = 12
const tagBytes = 16
const headBytes = 4 + nonceBytes
// A longer one was not written by us; do not reserve memory for a number that somebody made up.
const chunkBytesMax = 1024 * 1024

export const stereoBytesPerMs = (sampleRateHz * 2) / 1_000

function numbered(chunk: number): Buffer {
  const aad = Buffer.alloc(8)
  aad.writeBigUInt64BE(BigInt(chunk))
  return aad
}

/** One chunk as it goes to disk. */
export function sealChunk(key: Uint8Array, chunk: number, plain: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(numbered(chunk))
  const length = Buffer.alloc(4)
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  length.writeUInt32BE(sealed.length)
  return Buffer.concat([length, nonce, sealed, cipher.getAuthTag()])
}

type SealedChunk = { nonce: Buffer; sealed: Buffer; tag: Buffer; end: number }

/** Walks over whole chunks; the rest of one that was being written when the power failed is left out. */
async function* walk(handle: FileHandle): AsyncGenerator<SealedChunk> {
  const read = async (at: number, length: number) => {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at)
    return bytesRead === length ? buffer : undefined
  }
  const start = await read(0, magic.length)
  if (!start) return
  if (!start.equals(magic)) throw new Error('not a recording')
  for (let at = magic.length; ; ) {
    const head = await read(at, headBytes)
    if (!head) return
    const length = head.readUInt32BE()
    if (length > chunkBytesMax) throw new Error('recording damaged')
    const body = await read(at + headBytes, length + tagBytes)
    if (!body) return
    at += headBytes + length + tagBytes
    yield { nonce: head.subarray(4), sealed: body.subarray(0, length), tag: body.subarray(length), end: at }
  }
}

/** Decrypted stereo mu-law, a second or less at a time. Throws when the key is wrong or a chunk was changed or moved. */
export async function* readRecording(file: string, key: Uint8Array): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r')
  try {
    let chunk = 0
    for await (const { nonce, sealed, tag } of walk(handle)) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      decipher.setAAD(numbered(chunk++)).setAuthTag(tag)
      yield Buffer.concat([decipher.update(sealed), decipher.final()])
    }
  } finally {
    await handle.close()
  }
}

/** How far a file holds whole chunks: how many, their sound in bytes, and where the next one goes. */
export async function measure(handle: FileHandle): Promise<{ chunks: number; plainBytes: number; end: number }> {
  const found = { chunks: 0, plainBytes: 0, end: 0 }
  for await (const { sealed, end } of walk(handle)) {
    found.chunks++
    found.plainBytes += sealed.length
    found.end = end
  }
  return found
}

// 20 ms: the finest that a waveform as wide as a screen can show of a call of some minutes.
const blockBytes = stereoBytesPerMs * 20

/** The loudest sample of left and right, 0 to 1, in each of `buckets` equal parts of a recording, for a waveform. */
export async function peaksOf(chunks: AsyncIterable<Uint8Array>, buckets: number): Promise<[number, number][]> {
  const blocks: [number, number][] = []
  for await (const chunk of chunks) {
    const samples = fromMuLaw(chunk)
    for (let at = 0; at < samples.length; at += blockBytes) {
      const block: [number, number] = [0, 0]
      for (let i = at; i < Math.min(at + blockBytes, samples.length); i++) {
        const side = (i & 1) as 0 | 1
        block[side] = Math.max(block[side], Math.abs(samples[i] as number) / 32_768)
      }
      blocks.push(block)
    }
  }
  return Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * blocks.length) / buckets)
    const until = Math.max(from + 1, Math.floor(((bucket + 1) * blocks.length) / buckets))
    return blocks
      .slice(from, until)
      .reduce<[number, number]>(([l, r], [left, right]) => [Math.max(l, left), Math.max(r, right)], [0, 0])
  })
}
