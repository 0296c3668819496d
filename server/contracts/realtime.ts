import { z } from 'zod'

/** A push is a hint: harmless when lost, repeated or out of order. `row` holds nothing personal. */
export const push = z.object({
  id: z.string(),
  version: z.number().int(),
  seq: z.number().int(),
  row: z.unknown().optional(),
})
export type Push<Row = unknown> = { id: string; version: number; seq: number; row?: Row }

/** incident.changed → IncidentRow · offer.changed → OfferView · assignment.changed → {incidentId, status} · presence.changed → PresenceView · alert.raised → Alert */
export const pushNames = [
  'incident.changed',
  'offer.changed',
  'assignment.changed',
  'presence.changed',
  'call.changed',
  'alert.raised',
] as const
export type PushName = (typeof pushNames)[number]

/**
 * Console → server, on socket.io path /realtime:
 * - connects with its session cookie (or `auth: {responder: token}` for a responder page);
 * - emits `beat` every 15 s with an acknowledgement `{serverTime}`: keeps the claims and the presence alive.
 * Server → console: the pushes above, and `pulse {serverTime}` every 2 s; 3 s without one = show "disconnected".
 */
export const beatEveryMs = 15_000
export const pulseEveryMs = 2_000
export const staleAfterMs = 45_000
export type Pulse = { serverTime: string }
