import type { LegEnd } from '../../server/contracts/voice.ts'
import type { Receiver } from './receiver.ts'

/**
 * One connection to one telephone, whatever carries it (WebRTC, SIP, a media stream). It knows how to pass packets and
 * nothing of rooms, prompts or calls. A leg's place survives its connection: see seat.ts.
 */
export type Leg = {
  readonly receiver: Receiver
  /** 20 ms of mu-law for this tick. Never waits; a packet that cannot be sent is gone. */
  send(frame: Uint8Array): void
  /** Nothing is sent for so many ticks; the other side's clock goes on all the same. */
  pause(ticks: number): void
  /** How many ticks without a packet are borne, and how many until it is up; without it those of a browser. */
  patience?(): { silentTicks: number; connectTicks: number }
  /** They offer again over the same connection; the answer, or a throw when it cannot be. */
  renegotiate?(sdp: string): string
  /** The other side knows our word: with its answer to our offer, or (null) it has ours. */
  accept?(sdp: string | null): void
  /** Presses keys towards the other side. */
  press?(keys: string): void
  /** Ends the connection without an event. May be repeated. */
  close(): void
}

export type LegEvents = {
  /** Connected, and the first packet came. Once. */
  up(): void
  /** The connection ended by itself. Once. */
  down(because: LegEnd): void
  key(key: string): void
}

/** A connection being opened: the leg is there at once; the answer to the offer follows, or is refused. */
export type Opening = { leg: Leg; answer: Promise<string> }
export type OpenLeg = (offer: string, events: LegEvents) => Opening
