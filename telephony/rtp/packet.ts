export type RtpPacket = { type: number; sequence: number; timestamp: number; ssrc: number; payload: Uint8Array }

const headerBytes = 12

/**
 * One RTP packet [RFC 3550 5.1]; undefined for RTCP, STUN and whatever else comes to an open port. CSRC list, extension and
 * padding are taken off.
 */
export function readRtp(bytes: Buffer): RtpPacket | undefined {
  if (bytes.length < headerBytes || bytes[0] === undefined || bytes[0] >> 6 !== 2) return undefined
  const type = (bytes[1] as number) & 0x7f
  // RTCP on the same port [RFC 5761 4] has types that look like these.
  if (type >= 64 && type <= 95) return undefined
  let start = headerBytes + (bytes[0] & 0x0f) * 4
  if (bytes[0] & 0x10) {
    if (start + 4 > bytes.length) return undefined
    start += 4 + bytes.readUInt16BE(start + 2) * 4
  }
  const padding = bytes[0] & 0x20 ? (bytes.at(-1) ?? 0) : 0
  const end = bytes.length - padding
  if (start > end) return undefined
  return {
    type,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, end),
  }
}

export function writeRtp(packet: RtpPacket, marker: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + packet.payload.length)
  bytes[0] = 0x80
  bytes[1] = (marker ? 0x80 : 0) | packet.type
  bytes.writeUInt16BE(packet.sequence, 2)
  bytes.writeUInt32BE(packet.timestamp, 4)
  bytes.writeUInt32BE(packet.ssrc, 8)
  bytes.set(packet.payload, headerBytes)
  return bytes
}
