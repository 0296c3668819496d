import type { CallId, LegEnd, LegId } from '../server/contracts/voice.ts'

/** A way to telephones outside: SIP trunks and telephones, Twilio. */
export type Carrier = {
  /** Could this number (E.164) be rung now? */
  reaches(number: string): boolean
  /** Rings it; the leg is among the legs when this says so, and its events follow. Ordered twice it rings once. */
  place(order: { callId: CallId; legId: LegId; number: string }): Promise<'ringing' | 'unreachable' | 'overloaded'>
  /** Alarm units that have registered here, by their device. */
  units?: {
    has(deviceId: string): boolean
    place(order: { callId: CallId; legId: LegId; deviceId: string }): Promise<'ringing' | 'unreachable' | 'overloaded'>
  }
  stop(): Promise<void>
}

/** The far end of a leg that a carrier brought: told once that the leg is over, whoever ended it. */
export type FarEnd = { end(because: LegEnd): void }

/** Where something is told that nobody waits for; never with personal data. */
export type Log = { warn(what: object, message: string): void; info(what: object, message: string): void }
