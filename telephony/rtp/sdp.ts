/** The sound of one side, as its description says it [RFC 8866]. */
export type Description = {
  /** Where it hears; 0.0.0.0 is the hold of old telephones [RFC 3264 8.4]. */
  address: string
  port: number
  /** The first law that we speak too. */
  law: 'mu' | 'A'
  /** Its own number for telephone events at 8 kHz; undefined: it presses keys as tones. */
  eventType: number | undefined
  direction: Direction
  /** SDES [RFC 4568]: the line that was taken, when the sound is encrypted. */
  crypto: Crypto | undefined
  /** All media lines: which of them is the sound, and how the others were named, for they must be refused one by one. */
  lines: string[]
  at: number
}
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
export type Crypto = { tag: number; key: Buffer }

// The one suite that everybody has; its shorter sibling is not in the library that encrypts for us.
export const suite = 'AES_CM_128_HMAC_SHA1_80'
/** Key and salt, one after the other [RFC 4568 6.2]. */
export const keyBytes = 30

const sdpBytesMax = 8_000
const directions: Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
const soundTypes = { 0: 'mu', 8: 'A' } as const

/** Reads an offer or an answer liberally; undefined when there is no sound in it that we can speak. */
export function readSdp(sdp: string): Description | undefined {
  if (sdp.length > sdpBytesMax) return undefined
  const all = sdp.split(/\r\n|\n|\r/).filter((line) => /^[a-z]=/.test(line))
  const firstMedia = all.findIndex((line) => line.startsWith('m='))
  if (firstMedia < 0) return undefined
  const session = all.slice(0, firstMedia)
  const sections: string[][] = []
  for (const line of all.slice(firstMedia)) {
    if (line.startsWith('m=')) sections.push([line])
    else sections.at(-1)?.push(line)
  }
  const lines = sections.map(([line]) => line as string)
  for (const [at, section] of sections.entries()) {
    const sound = readSound(session, section)
    if (sound) return { ...sound, lines, at }
  }
  return undefined
}

function readSound(session: string[], section: string[]): Omit<Description, 'lines' | 'at'> | undefined {
  const [, port, profile, types] =
    /^m=audio (\d{1,5})(?:\/\d+)? (RTP\/S?AVPF?) ([\d ]+)$/.exec(section[0]?.trim() ?? '') ?? []
  const offered = types?.trim().split(/ +/).map(Number) ?? []
  const soundType = offered.find((type) => type === 0 || type === 8) as 0 | 8 | undefined
  if (port === undefined || soundType === undefined || Number(port) > 65_535) return undefined
  // A stream that is switched off has port 0 [RFC 3264 8.2].
  if (Number(port) === 0) return undefined
  const address = connection(section) ?? connection(session)
  if (!address) return undefined
  const crypto = section.map(readCrypto).find((one) => one !== undefined)
  if (profile?.startsWith('RTP/SAVP') && !crypto) return undefined
  const event = section
    .map((line) => /^a=rtpmap:(\d{1,3}) telephone-event\/8000/i.exec(line)?.[1])
    .find((type) => type !== undefined && offered.includes(Number(type)))
  return {
    address,
    port: Number(port),
    law: soundTypes[soundType],
    eventType: event === undefined ? undefined : Number(event),
    direction:
      address === '0.0.0.0' || address === '::' ? 'sendonly' : (directed(section) ?? directed(session) ?? 'sendrecv'),
    crypto: profile?.startsWith('RTP/SAVP') ? crypto : undefined,
  }
}

const connection = (lines: string[]): string | undefined =>
  lines
    .map((line) => /^c=IN IP[46] ([0-9A-Fa-f.:]{2,45})(?:\/\d+)*\s*$/.exec(line)?.[1])
    .find((found) => found !== undefined)

const directed = (lines: string[]): Direction | undefined =>
  directions.find((direction) => lines.some((line) => line.trim() === `a=${direction}`))

function readCrypto(line: string): Crypto | undefined {
  const [, tag, key] =
    new RegExp(`^a=crypto:(\\d{1,9}) ${suite} inline:([A-Za-z0-9+/]{40})(?:=*)(?:\\|.*)?\\s*$`).exec(line) ?? []
  if (tag === undefined || key === undefined) return undefined
  return { tag: Number(tag), key: Buffer.from(key, 'base64') }
}

/** What the other side may do, seen from ours. */
export const answerTo = (offered: Direction): Direction =>
  ({ sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' })[offered] as Direction

export type Own = {
  address: string
  port: number
  /** Laws in the order of our liking; an answer has one. */
  laws: ('mu' | 'A')[]
  eventType: number | undefined
  direction: Direction
  crypto: Crypto | undefined
  /** Counts up with each new description of this session [RFC 3264 8]. */
  version: number
  sessionId: number
  /** The media lines of the offer that this answers, and which of them is the sound. */
  answers?: { lines: string[]; at: number }
}

/** Writes our side, strictly: one line of sound; the lines that we do not take get port 0. */
export function writeSdp(own: Own): string {
  const family = own.address.includes(':') ? 'IP6' : 'IP4'
  const types = own.laws.map((law) => (law === 'mu' ? 0 : 8))
  const all = own.eventType === undefined ? types : [...types, own.eventType]
  const sound = [
    `m=audio ${own.port} ${own.crypto ? 'RTP/SAVP' : 'RTP/AVP'} ${all.join(' ')}`,
    ...own.laws.map((law) => (law === 'mu' ? 'a=rtpmap:0 PCMU/8000' : 'a=rtpmap:8 PCMA/8000')),
    ...(own.eventType === undefined
      ? []
      : [`a=rtpmap:${own.eventType} telephone-event/8000`, `a=fmtp:${own.eventType} 0-15`]),
    'a=ptime:20',
    ...(own.crypto ? [`a=crypto:${own.crypto.tag} ${suite} inline:${own.crypto.key.toString('base64')}`] : []),
    `a=${own.direction}`,
  ]
  const refused = (line: string) => [line.replace(/^m=(\S+) \S+ (.*)$/, 'm=$1 0 $2')]
  const media = own.answers
    ? own.answers.lines.flatMap((line, at) => (at === own.answers?.at ? sound : refused(line)))
    : sound
  return [
    'v=0',
    `o=- ${own.sessionId} ${own.version} IN ${family} ${own.address}`,
    's=-',
    `c=IN ${family} ${own.address}`,
    't=0 0',
    ...media,
    '',
  ].join('\r\n')
}
