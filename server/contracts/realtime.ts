import { z } from 'zod'

/** A push is a hint: harmless when lost, repeated or out of order. `row` holds nothing personal. */
export type Push<Row = unknown> = { id: string; version: number; seq: number; row?: Row }

/** incident.changed → IncidentRow · offer.changed → OfferView · assignment.changed → {incidentId, status} · presence.changed → PresenceView · alert.raised → Alert · campaign.changed: the id of my test call · all-hands.changed: the id of a call to everybody */
export const pushNames = [
  'incident.changed',
  'offer.changed',
  'assignment.changed',
  'presence.changed',
  'call.changed',
  'alert.raised',
  'campaign.changed',
  'all-hands.changed',
] as const
export type PushName = (typeof pushNames)[number]

/**
 * What somebody is typing in a conversation, whole, as it stands now; empty when they sent or deleted it. From a console, a
 * kiosk or a web telephone, which knows its conversation by its number alone, and to the other side; a hint that nobody keeps. [EN 301 549 6.2.4] asks that it is there within a second.
 */
export const typing = z.object({ callId: z.uuid().optional(), text: z.string().max(1000) })
export type Typing = { callId: string; text: string }
export const typingEveryMs = 300

/**
 * Console → server, on socket.io path /realtime:
 * - connects with its session cookie (or `auth: {responder: token}` for a responder page);
 * - emits `beat` every 15 s with an acknowledgement `{serverTime}`: keeps the claims and the presence alive.
 * - emits `typing` while they write, as a kiosk does.
 * Server → console: the pushes above, `typing` to the two of a conversation, and `pulse {serverTime}` every 2 s; 3 s without one = show "disconnected".
 */
export const beatEveryMs = 15_000
export const pulseEveryMs = 2_000
export const staleAfterMs = 45_000
export type Pulse = { serverTime: string }
