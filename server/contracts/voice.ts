/**
 * The one way in which the rooms of the server speak to telephony. A carrier (web, SIP, Twilio) lies behind it and cannot
 * be told apart. Every command may be repeated; every event may come twice, late or out of order.
 */
export type LegId = string
export type CallId = string

export type PlaceCall = {
  callId: CallId
  to: { phone: string } | { device: string } | { kiosk: string }
  fromArea: string
}

export type Voice = {
  /** Can this address be reached at all, now, by any way in? */
  reaches(to: PlaceCall['to']): boolean
  place(call: PlaceCall): Promise<{ legId: LegId }>
  answer(legId: LegId): Promise<void>
  play(legId: LegId, prompt: { key: string; locale: string; repeat: boolean }): Promise<void>
  collect(legId: LegId, keys: { max: number; timeoutMs: number }): Promise<void>
  bridge(callId: CallId, legs: LegId[]): Promise<void>
  hold(callId: CallId, legId: LegId): Promise<void>
  transfer(callId: CallId, to: PlaceCall['to']): Promise<{ legId: LegId }>
  record(callId: CallId, on: boolean): Promise<void>
  hangUp(legId: LegId, reason: string): Promise<void>
}

export type VoiceEvent =
  | { type: 'offered'; callId: CallId; legId: LegId; from: string | null; line: string; at: Date }
  | { type: 'dtmf'; callId: CallId; legId: LegId; key: string; at: Date }
  | { type: 'media-up'; callId: CallId; legId: LegId; at: Date }
  | { type: 'media-lost'; callId: CallId; legId: LegId; at: Date }
  | { type: 'remote-hangup'; callId: CallId; legId: LegId; reason: string; at: Date }
