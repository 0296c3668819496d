import { randomBytes } from 'node:crypto'
import { RtpHeader, SrtpSession } from 'werift'
import { readRtp } from './packet.ts'
import { keyBytes } from './sdp.ts'

const aesKeyBytes = 16
const aesCounterSha1 = 1 // the library's name for AES_CM_128_HMAC_SHA1_80
const headerBytes = 12

export const newKey = (): Buffer => randomBytes(keyBytes)

export type Sealing = {
  seal(packet: Buffer): Buffer
  /** Undefined when it was not sealed with their key. */
  open(packet: Buffer): Buffer | undefined
}

/** SRTP with keys that both sides said in their descriptions [RFC 4568]. */
export function sealWith(own: Buffer, theirs: Buffer): Sealing {
  const session = new SrtpSession({
    keys: {
      localMasterKey: own.subarray(0, aesKeyBytes),
      localMasterSalt: own.subarray(aesKeyBytes),
      remoteMasterKey: theirs.subarray(0, aesKeyBytes),
      remoteMasterSalt: theirs.subarray(aesKeyBytes),
    },
    profile: aesCounterSha1,
  })
  return {
    seal: (packet) => session.encrypt(packet.subarray(headerBytes), RtpHeader.deSerialize(packet)),
    open(packet) {
      if (!readRtp(packet)) return undefined
      try {
        return session.decrypt(packet)
      } catch {
        return undefined
      }
    },
  }
}
