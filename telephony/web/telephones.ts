import { setTimeout as pause } from 'node:timers/promises'
import type { Server } from 'socket.io'
import {
  operatorLegId,
  type Party,
  type VoiceAddress,
  type VoiceRing,
  type VoiceState,
} from '../../server/contracts/voice.ts'

/** The web telephones that are open now, at whichever server process: socket.io's rooms, one for each telephone. */
export type Telephones = {
  /** `at` is a telephone's room or one connection of it; `except` that one. */
  tell(at: string, name: 'voice.ring' | 'voice.state', message: VoiceRing | VoiceState, except?: string): void
  /** `unknown` is the answer when a process that has just died cannot say. */
  isOpen(at: string, unknown: boolean): Promise<boolean>
}

/** One name for one telephone, however often it is open; an operator's has the name of its leg. One without a number is only ever itself. */
export function keyOf(party: Party, socketId: string): string {
  if (party.kind === 'operator') return operatorLegId(party.accountId)
  if (party.kind === 'kiosk') return addressKey({ kiosk: party.deviceId })
  return party.number === null ? `socket:${socketId}` : addressKey({ phone: party.number })
}

export function addressKey(to: VoiceAddress): string {
  if ('phone' in to) return `phone:${to.phone}`
  return 'kiosk' in to ? `kiosk:${to.kiosk}` : `unit:${to.unit}`
}
export const roomOf = (key: string): string => `telephone:${key}`

// The other processes answer within milliseconds; while one of them has just died they are not waited for.
const askedMsMax = 800

export function telephonesOf(io: Server): Telephones {
  return {
    tell: (at, name, message, except) =>
      void io
        .to(at)
        .except(except ?? [])
        .emit(name, message),
    async isOpen(at, unknown) {
      if (io.of('/').adapter.rooms.has(at)) return true
      const elsewhere = io.in(at).fetchSockets()
      const found = await Promise.race([elsewhere.catch(() => null), pause(askedMsMax, null, { ref: false })])
      return found === null ? unknown : found.length > 0
    },
  }
}
