import { createHash } from 'node:crypto'
import type { Said } from '../hand-over.ts'
import { type Payload, readMilesight } from './payload.ts'
import type { Uplink } from './uplink.ts'

/**
 * What an uplink says. Its name for ever is its session and counter, so that the same by another gateway, or told twice, is one.
 * Bytes that nobody can read are an unknown signal, and never nothing.
 */
export function decide(uplink: Uplink, decoder: (bytes: Buffer) => Payload = readMilesight): Said {
  const payload = decoder(uplink.bytes)
  if (payload.known && !payload.press) return { is: 'heard', battery: payload.battery }
  return {
    is: 'alarm',
    signal: {
      sequence: numberOf(uplink),
      type: payload.press ? 'button' : 'unknown',
      said: `LoRaWAN ${uplink.fPort} ${payload.said}`.trim().slice(0, 300),
      pressedAt: uplink.at,
      battery: payload.battery,
      position: undefined,
    },
  }
}

/** 48 bits of SHA-256, which fit a number. */
const numberOf = ({ devEui, session, fCnt }: Uplink): number =>
  createHash('sha256').update([devEui, session, fCnt].join(' ')).digest().readUIntBE(0, 6)
