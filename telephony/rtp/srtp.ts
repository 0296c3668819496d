import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { unwrap } from '../media/sequence.ts'
import { rtpHeadBytes } from './packet.ts'

/**
 * SRTP with keys from the SDP [RFC 3711, RFC 4568]. Ours rather than werift's session, which knows the tag of 80 bits only
 * and keeps no memory of packets that were played to it again; the tests hold it against werift and the RFC's own vectors.
 */
export const suites = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 } as const
export type Suite = keyof typeof suites

/** Master key and master salt in one, as an `inline:` key carries them. */
export const masterBytes = 30
const keyBytes = 16
const saltBytes = 14
const ssrcsMax = 8
const replayWindow = 128

/** Key derivation with a rate of zero [RFC 3711 4.3.1]; label 0 cipher, 1 authentication, 2 salt. */
export function derive(master: Buffer, label: number, bytes: number): Buffer {
  const iv = Buffer.alloc(16)
  master.copy(iv, 0, keyBytes, masterBytes)
  iv[7] = (iv[7] as number) ^ label
  return createCipheriv('aes-128-ctr', master.subarray(0, keyBytes), iv).update(Buffer.alloc(bytes))
}

function createKeys(suite: Suite, master: Buffer) {
  const key = derive(master, 0, keyBytes)
  const authKey = derive(master, 1, 20)
  const salt = derive(master, 2, saltBytes)
  const tagBytes = suites[suite]

  /** The same forth and back [4.1.1]. */
  function cipher(ssrc: number, index: number, payload: Uint8Array): Buffer {
    const iv = Buffer.alloc(16)
    iv.writeUInt32BE(ssrc, 4)
    iv.writeUIntBE(index, 8, 6)
    for (let i = 0; i < saltBytes; i++) iv[i] = (iv[i] as number) ^ (salt[i] as number)
    return createCipheriv('aes-128-ctr', key, iv).update(payload)
  }

  function tag(packet: Buffer, index: number): Buffer {
    const rollover = Buffer.alloc(4)
    rollover.writeUInt32BE(Math.floor(index / 0x10000) >>> 0)
    return createHmac('sha1', authKey).update(packet).update(rollover).digest().subarray(0, tagBytes)
  }

  return { cipher, tag, tagBytes }
}

/** Seals what we send: one sender, whose numbers wrap while the key goes on. */
export function createSealer(suite: Suite, master: Buffer): (packet: Buffer) => Buffer {
  const { cipher, tag } = createKeys(suite, master)
  let last: number | undefined
  return (packet) => {
    const sequence = packet.readUInt16BE(2)
    last = last === undefined ? sequence : unwrap(last, sequence, 16)
    const head = rtpHeadBytes(packet) as number
    const sealed = Buffer.concat([
      packet.subarray(0, head),
      cipher(packet.readUInt32BE(8), last, packet.subarray(head)),
    ])
    return Buffer.concat([sealed, tag(sealed, last)])
  }
}

/** Opens what they send; undefined for a wrong key, a changed packet, or one that came before. */
export function createOpener(suite: Suite, master: Buffer): (packet: Buffer) => Buffer | undefined {
  const { cipher, tag, tagBytes } = createKeys(suite, master)
  const senders = new Map<number, { highest: number; seen: Float64Array }>()
  return (packet) => {
    const to = packet.length - tagBytes
    const sealed = packet.subarray(0, Math.max(0, to))
    const head = rtpHeadBytes(sealed)
    if (head === undefined) return undefined
    const ssrc = sealed.readUInt32BE(8)
    const sender = senders.get(ssrc)
    const sequence = sealed.readUInt16BE(2)
    const index = sender ? unwrap(sender.highest, sequence, 16) : sequence
    if (index < 0 || !timingSafeEqual(tag(sealed, index), packet.subarray(to))) return undefined
    const known = sender ?? { highest: index, seen: new Float64Array(replayWindow).fill(-1) }
    if (index <= known.highest - replayWindow || known.seen[index % replayWindow] === index) return undefined
    known.seen[index % replayWindow] = index
    known.highest = Math.max(known.highest, index)
    if (!sender) {
      // Only who has the key gets here; the oldest is forgotten so that even they cannot fill our memory.
      const [oldest] = senders.keys()
      if (senders.size >= ssrcsMax && oldest !== undefined) senders.delete(oldest)
      senders.set(ssrc, known)
    }
    return Buffer.concat([sealed.subarray(0, head), cipher(ssrc, index, sealed.subarray(head))])
  }
}
