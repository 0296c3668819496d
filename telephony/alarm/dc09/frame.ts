/** [SIA DC-09] as alarm-devices.md 3.1 has it from open sources: LF, CRC, length, `"ID"`, sequence, receiver, line, account, data, CR. */
export type Frame = {
  /** `ADM-CID`, `SIA-DCS`, `NULL` or one that we do not know. */
  id: string
  encrypted: boolean
  /** 0001 … 9999. */
  sequence: string
  /** As they stood, `R1`, `L0`, or empty: an answer repeats them. */
  receiver: string
  line: string
  account: string
  /** What follows the account's `[`: in hex when it is encrypted. */
  body: string
  /** Some panels send the CRC as two bytes instead of four letters, and want it back so. */
  binaryCrc: boolean
}

export type Broken = { broken: 'crc' | 'length' | 'syntax' }

const lf = 0x0a
const cr = 0x0d
const quote = 0x22
const head = /^"(\*?)([A-Z][A-Z0-9-]{1,15})"(\d{4})(R[0-9A-F]{1,6})?(L[0-9A-F]{0,6})?(?:#([0-9A-F]{3,16}))?\[/

/** CRC-16, reflected polynomial 0xA001, from 0; of `123456789` it is BB3D. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

/** Reads what stood between LF and CR, both left out. */
export function readFrame(bytes: Buffer): Frame | Broken {
  const start = bytes.indexOf(quote)
  if (start !== 8 && start !== 6) return { broken: 'syntax' }
  const binaryCrc = start === 6
  const text = bytes.subarray(start)
  const sent = binaryCrc ? bytes.readUInt16BE(0) : Number.parseInt(bytes.toString('latin1', 0, 4), 16)
  const length = bytes.toString('latin1', start - 4, start)
  if (!/^0[0-9A-Fa-f]{3}$/.test(length) || Number.parseInt(length, 16) !== text.length) return { broken: 'length' }
  if (sent !== crc16(text)) return { broken: 'crc' }
  const whole = text.toString('latin1')
  const found = head.exec(whole)
  if (!found) return { broken: 'syntax' }
  const [all, star, id = '', sequence = '', receiver = '', line = '', account = ''] = found
  return { id, encrypted: star === '*', sequence, receiver, line, account, body: whole.slice(all.length), binaryCrc }
}

/** A frame of ours, ready to be sent. */
export function writeFrame(text: string, binaryCrc = false): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  const crc = crc16(bytes)
  const sum = binaryCrc
    ? Buffer.from([crc >> 8, crc & 0xff])
    : Buffer.from(crc.toString(16).toUpperCase().padStart(4, '0'), 'latin1')
  const length = Buffer.from(`0${bytes.length.toString(16).toUpperCase().padStart(3, '0')}`, 'latin1')
  return Buffer.concat([Buffer.from([lf]), sum, length, bytes, Buffer.from([cr])])
}

/**
 * Takes the whole frames off the front of a stream: what stands between LF and CR each, without LF or NUL before it. `rest` waits
 * for more. A line without LF is given as it is, to be counted as garbage. Two bytes of a binary CRC may look like LF or CR:
 * a CR in the first three bytes ends nothing.
 */
export function splitFrames(bytes: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = []
  let rest = bytes
  for (;;) {
    let from = 0
    while (from < rest.length && (rest[from] === 0 || rest[from] === cr)) from++
    if (rest[from] === lf) from++
    const end = rest.indexOf(cr, from + 3)
    if (end < 0) return { frames, rest }
    frames.push(rest.subarray(from, end))
    rest = rest.subarray(end + 1)
  }
}
