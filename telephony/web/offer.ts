/** A browser gathers some ten candidates; each one that we accept is an address to which we send packets unasked. */
const candidatesMax = 24

export type OfferRead =
  | { ok: true; sdp: string; eventTypes: number[] }
  | { ok: false; reason: 'not-audio-only' | 'no-mu-law' | 'not-encrypted' }

/**
 * Looks at an offer before the WebRTC stack does: one audio line and nothing else, mu-law in it, and only so many
 * candidates. Telephone events at other clock rates (Chromium offers 48 kHz too) are taken out: they belong to other codecs.
 */
export function readOffer(sdp: string): OfferRead {
  const lines = sdp.split(/\r?\n/).filter(Boolean)
  const media = lines.filter((line) => line.startsWith('m='))
  const audio = media[0]
  if (media.length !== 1 || !audio?.startsWith('m=audio ')) return { ok: false, reason: 'not-audio-only' }
  const types = audio.split(' ').slice(3)
  if (!types.includes('0')) return { ok: false, reason: 'no-mu-law' }
  if (!lines.some((line) => line.startsWith('a=fingerprint:'))) return { ok: false, reason: 'not-encrypted' }
  const events = lines.flatMap((line) => {
    const found = /^a=rtpmap:(\d+) telephone-event\/(\d+)/i.exec(line)
    return found ? [{ type: found[1] as string, hz: Number(found[2]) }] : []
  })
  const kept = ['0', ...events.filter(({ hz }) => hz === 8_000).map(({ type }) => type)].filter((type) =>
    types.includes(type),
  )
  let candidates = 0
  const sdpKept = lines
    .map((line) => (line === audio ? [...audio.split(' ').slice(0, 3), ...kept].join(' ') : line))
    .filter((line) => {
      if (line.startsWith('a=candidate:')) return ++candidates <= candidatesMax
      const described = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1]
      return described === undefined || kept.includes(described)
    })
  return { ok: true, sdp: `${sdpKept.join('\r\n')}\r\n`, eventTypes: kept.slice(1).map(Number) }
}
