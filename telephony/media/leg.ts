import type { LegEnd } from '../../server/contracts/voice.ts'
import type { Receiver } from './receiver.ts'

/**
 * One connection to one telephone, whatever carries it (WebRTC, SIP, a media stream). It knows how to pass packets and
 * nothing of rooms, prompts or calls. A leg's place survives its connection: see slot.ts.
 */
export type Leg = {
  readonly receiver: Receiver
  /** What it says in this tick; asked every tick from the first, also before it is up. Its clock for whatever it waits for. */
  hear(): Int16Array
  /** 20 ms of mu-law for this tick. Never waits; a packet that cannot be sent is gone. */
  send(frame: Uint8Array): void
  /** Nothing is sent for so many ticks; the other side's clock goes on all the same. */
  pause(ticks: number): void
  /** Something else is heard from now on: what was sent and waits somewhere to be heard is not worth hearing. */
  flush(): void
  /** Ends the connection without an event. May be repeated. */
  close(): void
  /** So many ticks it may take to come up, and be up without a packet. */
  readonly connectTicksMax: number
  readonly silentTicksMax: number
  /** Of a leg whose offers and answers go on while the connection stays. */
  readonly negotiation?: Negotiation
}

export type Negotiation = {
  /** Another offer of theirs; ours in return. Rejects when it is not understood, and all stays as it was. */
  answer(sdp: string): Promise<string>
  /** Their answer to our offer. */
  accept(sdp: string): Promise<void>
  /** Presses these keys at the far end, each so long; false when it takes no keys. */
  press(keys: string, pressMs?: number): boolean
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

/** Legs that are negotiated by offer and answer over another way than the media: SIP. */
export type RtpLegs = {
  /** They offer, we answer. `at`: our address as the signalling knows it. */
  answer(order: { sdp: string; at?: string | undefined; asTones?: boolean | undefined }, events: LegEvents): Opening
  /** We offer; the leg waits for their answer. */
  offer(order: { secure: boolean; at?: string | undefined }, events: LegEvents): Opening
}
/** Legs that come by themselves and bring a token. */
export type ExpectLeg = (token: string, events: LegEvents) => Opening

/** Not their offer is wrong, but we have no room. */
export class Overloaded extends Error {}
