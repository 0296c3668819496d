import { isIP, isIPv6 } from 'node:net'
import { type Crypto, readCrypto, writeCrypto } from './crypto-line.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
export type Law = 'mu' | 'A'

/** What the other side describes [RFC 4566], as far as a telephone call needs it. */
export type Described = {
  /** All media lines, since an answer has to name each [RFC 3264 6]; `taken` is the one we speak on. */
  lines: { kind: string; protocol: string; types: string }[]
  taken: number
  /** Where they want packets; null when they want none (hold of old telephones) or give a name instead of an address. */
  address: string | null
  port: number
  ipv6: boolean
  /** The types they name for each law; the first is what we send. */
  sounds: [{ type: number; law: Law }, ...{ type: number; law: Law }[]]
  eventType: number | undefined
  /** What they do. */
  direction: Direction
  /** The lines that we can take, in their order; empty when it is not secure. */
  cryptos: Crypto[]
}

const bytesMax = 20_000
const linesMax = 16
const token = /^[\w!#$%&'*+.^`{|}~/-]+$/
const directions = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive'])
const staticTypes: Record<string, string> = { 0: 'PCMU/8000', 8: 'PCMA/8000' }

type Section = { media: string[]; lines: string[] }

function sections(sdp: string): { session: string[]; media: Section[] } {
  const session: string[] = []
  const media: Section[] = []
  for (const line of sdp.split(/\r\n|\n|\r/)) {
    if (line.startsWith('m=')) media.push({ media: line.slice(2).trim().split(/\s+/), lines: [] })
    else (media.at(-1)?.lines ?? session).push(line.trim())
  }
  return { session, media }
}

const valuesOf = (lines: string[], name: string) =>
  lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length))

function connectionOf(lines: string[]): string | undefined {
  const [, family, address] = /^IN\s+(IP[46])\s+([^\s/]+)/i.exec(valuesOf(lines, 'c=')[0] ?? '') ?? []
  return family && address && (family.toUpperCase() === 'IP6') === (isIPv6(address) || address.includes(':'))
    ? address
    : undefined
}

const directionOf = (lines: string[]) =>
  lines.flatMap((line) =>
    line.startsWith('a=') && directions.has(line.slice(2)) ? [line.slice(2) as Direction] : [],
  )[0]

/** What is heard on this line, if we could speak on it. */
function readAudio({ media, lines }: Section, session: string[]): Omit<Described, 'lines' | 'taken'> | undefined {
  const [kind, portText, protocol, ...types] = media
  const port = Number(/^(\d{1,5})(?:\/1)?$/.exec(portText ?? '')?.[1])
  if (kind !== 'audio' || !(port > 0 && port <= 65_535) || !/^RTP\/S?AVPF?$/.test(protocol ?? '')) return undefined
  const names = new Map(valuesOf(lines, 'a=rtpmap:').map((value) => value.split(/\s+/, 2) as [string, string]))
  const named = types.flatMap((type) => {
    const name = (names.get(type) ?? staticTypes[type] ?? '').toUpperCase().replace(/\/1$/, '')
    return /^\d{1,3}$/.test(type) && Number(type) < 128 ? [{ type: Number(type), name }] : []
  })
  const [first, ...others] = named.flatMap(({ type, name }) =>
    name === 'PCMU/8000' || name === 'PCMA/8000' ? [{ type, law: (name === 'PCMU/8000' ? 'mu' : 'A') as Law }] : [],
  )
  const address = connectionOf(lines) ?? connectionOf(session)
  const cryptos = valuesOf(lines, 'a=crypto:').flatMap((value) => readCrypto(value) ?? [])
  const secure = (protocol ?? '').startsWith('RTP/S')
  if (!first || address === undefined || (secure && cryptos.length === 0)) return undefined
  const given = directionOf(lines) ?? directionOf(session) ?? 'sendrecv'
  // The hold of RFC 2543: nothing is to be sent there [RFC 3264 8.4].
  const onHold = address === '0.0.0.0' || address === '::'
  const deaf = { sendrecv: 'sendonly', recvonly: 'inactive', sendonly: 'sendonly', inactive: 'inactive' } as const
  return {
    address: onHold || isIP(address) === 0 ? null : address,
    port,
    ipv6: isIPv6(address),
    sounds: [first, ...others],
    eventType: named.find(({ name }) => name === 'TELEPHONE-EVENT/8000')?.type,
    direction: onHold ? deaf[given] : given,
    cryptos: secure ? cryptos : [],
  }
}

/** Reads an offer or an answer; undefined when there is nothing in it on which we could talk. Sealed goes before plain. */
export function readSdp(sdp: string): Described | undefined {
  if (sdp.length > bytesMax || !/^\s*v=0\s/.test(sdp)) return undefined
  const { session, media } = sections(sdp)
  if (media.length === 0 || media.length > linesMax) return undefined
  // They go back to the other side in our answer: nothing that could be more than one word.
  if (media.some((one) => one.media.length < 4 || !one.media.every((word) => token.test(word)))) return undefined
  const heard = media.map((one) => readAudio(one, session))
  const sealed = heard.findIndex((one) => one && one.cryptos.length > 0)
  const taken = sealed >= 0 ? sealed : heard.findIndex((one) => one !== undefined)
  const found = heard[taken]
  if (!found) return undefined
  const lines = media.map(({ media: [kind = '', , protocol = '', ...types] }) => ({
    kind,
    protocol,
    types: types.join(' '),
  }))
  return { ...found, lines, taken }
}

/** Our own side of one conversation. */
export type Own = { address: string; port: number; sessionId: number; version: number }

const answering = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const

function write({ address, port: _, sessionId, version }: Own, media: string[]): string {
  const at = `IN ${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`
  return [`v=0`, `o=- ${sessionId} ${version} ${at}`, 's=-', `c=${at}`, 't=0 0', ...media, ''].join('\r\n')
}

const soundName = { mu: 'PCMU/8000', A: 'PCMA/8000' }
const eventLines = (type: number) => [`a=rtpmap:${type} telephone-event/8000`, `a=fmtp:${type} 0-15`]

/** The answer: the first law of theirs, their own number for keys, and nothing that they did not offer. */
export function writeAnswer(theirs: Described, own: Own, crypto: Crypto | undefined): string {
  const [{ type, law }] = theirs.sounds
  const media = theirs.lines.flatMap(({ kind, protocol, types }, index) => {
    if (index !== theirs.taken) return [`m=${kind} 0 ${protocol} ${types}`]
    const events = theirs.eventType === undefined ? [] : [theirs.eventType]
    return [
      `m=audio ${own.port} ${protocol} ${[type, ...events].join(' ')}`,
      `a=rtpmap:${type} ${soundName[law]}`,
      ...events.flatMap(eventLines),
      'a=ptime:20',
      `a=${answering[theirs.direction]}`,
      ...(crypto ? [writeCrypto(crypto)] : []),
    ]
  })
  return write(own, media)
}

const offeredEventType = 101 // what most telephones call it

/** Our offer: both laws and keys; sealed or plain, never both. */
export function writeOffer(own: Own, cryptos: Crypto[]): string {
  return write(own, [
    `m=audio ${own.port} ${cryptos.length > 0 ? 'RTP/SAVP' : 'RTP/AVP'} 0 8 ${offeredEventType}`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    ...eventLines(offeredEventType),
    'a=ptime:20',
    'a=sendrecv',
    ...cryptos.map(writeCrypto),
  ])
}
