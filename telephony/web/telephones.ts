import type { Socket } from 'socket.io'
import type { Party, VoiceAddress } from '../../server/contracts/voice.ts'

export type Telephones = {
  add(key: string, socket: Socket): void
  remove(key: string, socket: Socket): void
  at(key: string): Socket[]
}

/** One name for one telephone, however often it is open. One without a number is only ever itself. */
export function keyOf(party: Party, socketId: string): string {
  if (party.kind === 'operator') return `operator:${party.accountId}`
  if (party.kind === 'kiosk') return addressKey({ kiosk: party.deviceId })
  return party.number === null ? `socket:${socketId}` : addressKey({ phone: party.number })
}

export const addressKey = (to: VoiceAddress): string => ('phone' in to ? `phone:${to.phone}` : `kiosk:${to.kiosk}`)

/** The web telephones that are open now, by name: whom we can ring. */
export function createTelephones(): Telephones {
  const open = new Map<string, Set<Socket>>()
  return {
    add(key, socket) {
      open.set(key, (open.get(key) ?? new Set()).add(socket))
    },
    remove(key, socket) {
      const sockets = open.get(key)
      sockets?.delete(socket)
      if (sockets?.size === 0) open.delete(key)
    },
    at: (key) => [...(open.get(key) ?? [])],
  }
}
