import { z } from 'zod'
import type { CallRow } from './calls.ts'
import type { AssignmentView, IncidentRow } from './incidents.ts'
import type { Alert, OfferView, PresenceView } from './queue.ts'

/** A push is a hint: harmless when lost, repeated or out of order. `row` holds nothing personal. */
export type Push<Row = unknown> = { id: string; version: number; seq: number; row?: Row }

/** What travels by each name. */
export type Pushes = {
  'incident.changed': Push<IncidentRow>
  'offer.changed': Push<OfferView>
  /** To the helper's page without the incident, which it does not know. */
  'assignment.changed': Push<Pick<AssignmentView, 'status'> & { incidentId?: string }>
  /** Of a colleague; to oneself alone, that the own telephone came or went. */
  'presence.changed': Push<PresenceView | { line: boolean }>
  'call.changed': Push<CallRow>
  'alert.raised': Alert
  /** The id of my test call. */
  'campaign.changed': Push<never>
  /** The id of a call to everybody. */
  'all-hands.changed': Push<never>
}
export type PushName = keyof Pushes

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
