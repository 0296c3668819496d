import { randomBytes } from 'node:crypto'
import type { Crypto } from './crypto-line.ts'
import { type Described, type Own, readSdp, writeAnswer, writeOffer } from './sdp.ts'
import { createOpener, createSealer, masterBytes, type Suite } from './srtp.ts'

/** What both sides agreed on; packets are read and written by it. */
export type Agreed = {
  theirs: Described
  seal(packet: Buffer): Buffer
  open(packet: Buffer): Buffer | undefined
}

export type Session = {
  /** Our answer to their offer, the first or a later one. Throws when there is nothing to agree on. */
  answer(sdp: string): { agreed: Agreed; sdp: string }
  offer(secure: boolean): string
  /** Their answer to our offer. */
  accept(sdp: string): Agreed
}

const newKey = (tag: string, suite: Suite): Crypto => ({ tag, suite, master: randomBytes(masterBytes) })
const sameKey = (a: Crypto | undefined, b: Crypto | undefined) =>
  a?.suite === b?.suite && a !== undefined && b !== undefined && a.master.equals(b.master)

/**
 * With `asTones` keys are never agreed on as events: a panel presses faster than some gateways can read and press anew.
 * Offer and answer over the life of one leg [RFC 3264]. A re-offer with the same keys goes on with the same ciphers: beginning
 * them anew would use the same key stream twice.
 */
export function createSession({
  asTones = false,
  ...own
}: Omit<Own, 'sessionId' | 'version'> & { asTones?: boolean }): Session {
  const sessionId = randomBytes(6).readUIntBE(0, 6)
  let version = 0
  let offered: Crypto[] = []
  let ours: Crypto | undefined
  let theirKey: Crypto | undefined
  let sealer: ((packet: Buffer) => Buffer) | undefined
  let opener: ((packet: Buffer) => Buffer | undefined) | undefined

  const next = (): Own => ({ ...own, sessionId, version: ++version })
  function understood(sdp: string): Described {
    const theirs = readSdp(sdp)
    if (!theirs) throw new Error('no G.711 that we can take')
    // What we do not answer to is not sent: the keys stay tones.
    return asTones ? { ...theirs, eventType: undefined } : theirs
  }

  function agree(theirs: Described, mine: Crypto | undefined, key: Crypto | undefined): Agreed {
    if (mine && !sameKey(mine, ours)) sealer = createSealer(mine.suite, mine.master)
    if (key && !sameKey(key, theirKey)) opener = createOpener(key.suite, key.master)
    ours = mine
    theirKey = key
    const [seal, open] = [mine && sealer, key && opener]
    return { theirs, seal: seal ?? ((packet) => packet), open: open ?? ((packet) => packet) }
  }

  return {
    answer(sdp) {
      const theirs = understood(sdp)
      const key = theirs.cryptos[0]
      const kept = key && ours?.suite === key.suite ? { ...ours, tag: key.tag } : undefined
      const mine = key && (kept ?? newKey(key.tag, key.suite))
      return { agreed: agree(theirs, mine, key), sdp: writeAnswer(theirs, next(), mine) }
    },
    offer(secure) {
      offered = secure ? [newKey('1', 'AES_CM_128_HMAC_SHA1_80'), newKey('2', 'AES_CM_128_HMAC_SHA1_32')] : []
      return writeOffer(next(), offered)
    },
    accept(sdp) {
      const theirs = understood(sdp)
      const key = theirs.cryptos[0]
      const mine = key && offered.find(({ tag, suite }) => tag === key.tag && suite === key.suite)
      // Plain where we asked for sealed, or a key that fits nothing: as good as no answer.
      if (offered.length > 0 !== (mine !== undefined)) throw new Error('answered without our key')
      return agree(theirs, mine, key)
    },
  }
}
