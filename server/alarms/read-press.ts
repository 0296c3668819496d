import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { alarmSignal } from '../contracts/alarms.ts'

// A press is a few hundred bytes; of more than this only the beginning is looked at.
const pressBytesMax = 16_384
const saidMax = 200

/** The same bytes have the same number: 48 bits of SHA-256, which fit a number. */
const numberOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest().readUIntBE(0, 6)
const sequence = alarmSignal.shape.sequence

/**
 * What a device has sent, in a shape that is never refused: whoever shows a right key may be in need, whatever their device makes
 * of its words. Without a number that can be read what was sent is its name; what is no JSON is an unknown signal. `unreadable` is
 * there when something essential could not be read.
 */
export function readPress(bytes: Buffer): Record<string, unknown> {
  const sent = objectIn(bytes)
  if (sent && sequence.safeParse(sent['sequence']).success) return sent
  const unreadable = bytes.toString('utf8', 0, saidMax).replace(/\p{C}/gu, ' ').trim()
  return { type: 'unknown', ...sent, sequence: numberOf(bytes), unreadable }
}

function objectIn(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const sent: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof sent === 'object' && sent !== null && !Array.isArray(sent)
      ? (sent as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The beginning of a body, whatever its kind and its length; the rest is not waited for. */
export async function beginningOf(payload: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of payload.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer)
    length += (part as Buffer).length
    if (length > pressBytesMax) break
  }
  return Buffer.concat(parts).subarray(0, pressBytesMax)
}
