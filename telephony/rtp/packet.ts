const headBytes = 12
const version = 2

export type RtpPacket = {
  marker: boolean
  payloadType: number
  sequence: number
  timestamp: number
  ssrc: number
  payload: Uint8Array
}

/** Where the payload begins, after contributing sources and the extension [RFC 3550 5.1, 5.3.1]; undefined when it is no RTP. */
export function rtpHeadBytes(data: Buffer): number | undefined {
  if (data.length < headBytes || data[0] === undefined || data[0] >> 6 !== version) return undefined
  // RTCP on the same port is told by its second byte, 192 … 223 [RFC 5761 4].
  const second = data[1] as number
  if (second >= 192 && second <= 223) return undefined
  let at = headBytes + 4 * (data[0] & 0x0f)
  if (data[0] & 0x10) {
    if (data.length < at + 4) return undefined
    at += 4 + 4 * data.readUInt16BE(at + 2)
  }
  return at <= data.length ? at : undefined
}

/** Reads a packet; undefined for whatever is not RTP, RTCP included. Its payload is a view into `data`. */
export function readRtp(data: Buffer): RtpPacket | undefined {
  const from = rtpHeadBytes(data)
  if (from === undefined) return undefined
  const padding = (data[0] as number) & 0x20 ? (data[data.length - 1] as number) : 0
  const to = data.length - padding
  if (to < from || (padding === 0 && ((data[0] as number) & 0x20) !== 0)) return undefined
  return {
    marker: ((data[1] as number) & 0x80) !== 0,
    payloadType: (data[1] as number) & 0x7f,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    payload: data.subarray(from, to),
  }
}

/** A plain packet: no sources, no extension, no padding. */
export function writeRtp({ marker, payloadType, sequence, timestamp, ssrc, payload }: RtpPacket): Buffer {
  const data = Buffer.allocUnsafe(headBytes + payload.length)
  data[0] = version << 6
  data[1] = (marker ? 0x80 : 0) | payloadType
  data.writeUInt16BE(sequence, 2)
  data.writeUInt32BE(timestamp, 4)
  data.writeUInt32BE(ssrc, 8)
  data.set(payload, headBytes)
  return data
}
