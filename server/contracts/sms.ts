/**
 * Messages to telephones and from them. The rooms know a gateway only as this; Twilio is one, and another can be put in its
 * place. What a gateway tells may come twice and in any order.
 */
export type SmsGateway = {
  /** Sends a text once. A refusal is for good, by its code; what may do later is thrown. */
  send(message: { to: string; body: string; reference: string }): Promise<{ id: string } | { refused: SmsRefusal }>
}

/** `opted-out`: they have written STOP. `not-reachable`: no telephone that takes messages. `not-allowed`: our account may not. */
export type SmsRefusal = 'opted-out' | 'not-reachable' | 'not-allowed'

/** A message that came. `id` is the gateway's name for it, by which one that comes twice is known. */
export type SmsHeard = {
  id: string
  from: string
  /** Our number that they wrote to. */
  to: string
  text: string
  /** Pictures and sounds with it, which nobody here can see. */
  media: number
  /** A word by which they choose whether they are written to; the gateway has answered it and keeps it. */
  keyword: 'stop' | 'start' | null
}

type SmsState = 'sent' | 'delivered' | 'failed'
/** `reference` is that of the order. */
export type SmsReported = { reference: string; state: SmsState; refused: SmsRefusal | null }

/** Where a gateway brings what it hears; each resolves when it is stored. */
export type SmsIn = {
  heard(message: SmsHeard): Promise<void>
  reported(report: SmsReported): Promise<void>
}
