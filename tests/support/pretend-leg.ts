import type { Ways } from '../../telephony/media/core.ts'
import { toMuLaw } from '../../telephony/media/g711.ts'
import type { LegEvents, Opening } from '../../telephony/media/leg.ts'
import { createReceiver } from '../../telephony/media/receiver.ts'
import { tone } from './tones.ts'

export type PretendLeg = {
  events: LegEvents
  sent: Uint8Array[]
  closed: boolean
  /** Another packet of its tone arrives. */
  say(): void
}

/** Legs without a network, for tests of the core: each offer is the tone in Hz that this telephone sends. */
export function pretendLegs() {
  const legs: PretendLeg[] = []
  const open = (offer: string, events: LegEvents): Opening => {
    const receiver = createReceiver({ law: 'mu', soundType: 0, eventTypes: new Set([126]), onKey: events.key })
    const sound = toMuLaw(tone(Number(offer), 1_000))
    let sequence = 0
    const leg: PretendLeg = {
      events,
      sent: [],
      closed: false,
      say() {
        const at = (sequence * 160) % sound.length
        receiver.accept(0, { sequence, timestamp: sequence * 160, payload: sound.subarray(at, at + 160) })
        sequence++
      },
    }
    legs.push(leg)
    return {
      leg: {
        receiver,
        send: (frame) => leg.sent.push(frame),
        pause: () => {},
        flush: () => {},
        hear: receiver.hear,
        connectTicksMax: 15 * 50,
        silentTicksMax: 2 * 50,
        close: () => {
          leg.closed = true
        },
      },
      answer: Number.isNaN(Number(offer)) ? Promise.reject(new Error('bad')) : Promise.resolve('answer'),
    }
  }
  const ways: Ways = {
    web: open,
    rtp: { answer: ({ sdp }, events) => open(sdp, events), offer: (_, events) => open('0', events) },
    stream: { expect: (token, events) => open(token, events) },
  }
  return { legs, ways }
}
