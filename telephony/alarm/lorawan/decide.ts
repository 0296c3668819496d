import type { Said } from '../hand-over.ts'
import { numberOf } from '../number-of.ts'
import { type Payload, readMilesight } from './payload.ts'
import type { Uplink } from './uplink.ts'

/**
 * What an uplink says. Its name for ever is its session and counter, so that the same by another gateway, or told twice, is one.
 * Bytes that nobody can read are an unknown signal, and never nothing.
 */
export function decide(uplink: Uplink, decoder: (bytes: Buffer) => Payload = readMilesight): Said {
  const payload = decoder(uplink.bytes)
  if (payload.known && !payload.press) return { is: 'heard', battery: payload.battery, stamp: { at: uplink.at } }
  return {
    is: 'alarm',
    signal: {
      sequence: numberOf([uplink.devEui, uplink.session, uplink.fCnt].join(' ')),
      type: payload.press ? 'button' : 'unknown',
      said: `LoRaWAN ${uplink.fPort} ${payload.said}`.trim().slice(0, 300),
      stamp: { at: uplink.at },
      pressedAt: uplink.at,
      battery: payload.battery,
      position: undefined,
    },
  }
}
