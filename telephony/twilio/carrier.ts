import { randomBytes } from 'node:crypto'
import type { LegId, Party } from '../../server/contracts/voice.ts'
import type { Carrier, FarEnd, Log } from '../ports.ts'
import type { CarrierParts } from '../switching/arrivals.ts'
import { createCallRegistry, type TwilioCall } from './call-registry.ts'
import { callerNumber, type Form, field, type Incoming, readIncoming } from './incoming.ts'
import type { TwilioFault, TwilioRest } from './rest.ts'
import { endOf } from './status.ts'
import { apology, connectStream, hangUp, overflow, urlsOf } from './twiml.ts'

/** Prepares the media for the one stream that will show this token. */
export type ExpectStream = (legId: LegId, token: string) => Promise<{ ok: true } | { refused: string }>

/** Twilio as a carrier, and what its webhooks about calls are answered; the answers are TwiML. */
export type TwilioCarrier = Carrier & {
  /** Somebody calls one of our numbers. The same call again is one call and the same answer. */
  voice(form: Form): Promise<string>
  /** Whom we rang has picked up. */
  connect(legId: LegId): Promise<string>
  /** The stream is over, or the overflow number is, and they are still there: what now? */
  streamOver(form: Form): string
  callStatus(form: Form, legId: LegId | undefined): void
  /** Asks Twilio for the calls whose end should have been reported. */
  sweep(): Promise<void>
}

export type TwilioParts = Pick<CarrierParts, 'legs' | 'arrivals' | 'now'> & {
  rest: TwilioRest
  expectStream: ExpectStream
  baseUrl: string
  /** Our caller id. */
  number: string
  overflowNumber: string | undefined
  log: Pick<Log, 'warn'>
}

// The server lets a call out ring for 30 s and then hangs up by itself; this is for when it cannot.
const ringSeconds = 40
const sweepEveryMs = 10_000
// A round asks for no more: one that is slow must not last until the next.
const askedMax = 20

const newToken = () => randomBytes(24).toString('base64url')

export function twilioCarrier(parts: TwilioParts): TwilioCarrier {
  const { rest, legs, arrivals, expectStream, now, log } = parts
  const urls = urlsOf(parts.baseUrl)
  const registry = createCallRegistry(now)

  const warn = (fault: unknown, words: string) => log.warn({ fault: (fault as Error).message }, words)

  function putDown(callSid: string): void {
    rest.endCall(callSid).catch((fault) => warn(fault, 'call not ended at Twilio; the sweep tries again'))
  }

  /** Our leg is over. The other end is put down, unless their sound broke off: then Twilio asks what now, and they are helped. */
  const farOf = (call: TwilioCall): FarEnd => ({
    end(because) {
      if (call.state !== 'leg') return
      // `not-taken`: the call could not be stored, and its webhook is being answered.
      const brokeOff = call.direction === 'in' && ['lost', 'media-lost', 'not-taken'].includes(because)
      registry.move(call, brokeOff ? 'lost' : 'put-down')
      if (!brokeOff && call.callSid) putDown(call.callSid)
    },
  })

  async function open(legId: LegId, token: string): Promise<{ sdp: string } | { refused: string }> {
    const answer = await expectStream(legId, token)
    return 'refused' in answer ? answer : { sdp: '' }
  }

  async function take(call: TwilioCall, { number, line, locale, verified }: Incoming): Promise<string> {
    const party: Party = { kind: 'phone', number, ...(verified !== null && { verified }) }
    const token = newToken()
    const arrived = await arrivals.admit({
      party,
      line,
      locale,
      far: farOf(call),
      open(legId) {
        call.legId = legId
        return open(legId, token)
      },
    })
    if ('refused' in arrived) {
      log.warn({ refused: arrived.refused }, 'call from Twilio not taken')
      return passOn(call)
    }
    // They hung up, or the media died, while the call was being stored.
    if (call.state === 'over') ended(call)
    return call.state === 'leg' ? connectStream(urls, token) : streamOverOf(call)
  }

  function passOn(call: TwilioCall): string {
    registry.move(call, 'overflow')
    return overflow(urls, parts.overflowNumber, call.withheld ? parts.number : undefined)
  }

  function streamOverOf(call: TwilioCall): string {
    const passedOn = call.state === 'lost' || call.state === 'overflow'
    return passedOn && call.direction === 'in' ? passOn(call) : hangUp()
  }

  /** Over at Twilio: so is our leg. */
  function ended(call: TwilioCall): void {
    const leg = call.legId && legs.get(call.legId)
    if (leg) legs.end(leg, endOf(call.reported.status) ?? 'hung-up')
  }

  async function ask(call: TwilioCall): Promise<void> {
    const callSid = call.callSid as string
    const status = await rest.callStatus(callSid)
    if (registry.report(call, { status, sequence: Number.MAX_SAFE_INTEGER })) ended(call)
    else if (call.state === 'put-down' || call.state === 'lost') await rest.endCall(callSid)
  }

  async function sweep(): Promise<void> {
    for (const call of registry.silent().slice(0, askedMax))
      await ask(call).catch((fault) => warn(fault, 'Twilio does not say how a call stands'))
    registry.tidy()
  }
  const timer = setInterval(() => void sweep(), sweepEveryMs)

  return {
    // Whether somebody is there is found by ringing: Twilio has no list of the numbers that it reaches.
    reaches: (number) => callerNumber(number) !== null,
    async place({ callId, legId, number }) {
      if (registry.ofLeg(legId)) return 'ringing'
      const call = registry.add({ callSid: undefined, legId, direction: 'out', withheld: false })
      const party: Party = { kind: 'phone', number }
      const key = `phone:${number}`
      const leg = legs.add({ legId, callId, party, key, state: 'ringing', at: undefined, far: farOf(call) })
      try {
        const { sid } = await rest.placeCall({
          to: number,
          from: parts.number,
          url: urls.connect(legId),
          statusCallback: urls.callStatus(legId),
          ringSeconds,
        })
        call.callSid = sid
        // Given up while it was being placed: now it rings, and for nobody.
        if (call.state === 'put-down') putDown(sid)
        return 'ringing'
      } catch (fault) {
        warn(fault, 'call not placed by Twilio')
        // It may ring all the same; whoever picks up is put down by `connect`.
        registry.move(call, 'over')
        legs.drop(leg)
        return (fault as TwilioFault).status === 429 ? 'overloaded' : 'unreachable'
      }
    },
    voice(form) {
      const incoming = readIncoming(form)
      if (!incoming) return Promise.resolve(hangUp())
      const { callSid, number } = incoming
      const known = registry.of(callSid)
      if (known?.answer) return known.answer
      const call = known ?? registry.add({ callSid, legId: undefined, direction: 'in', withheld: number === null })
      call.answer = take(call, incoming)
      return call.answer
    },
    async connect(legId) {
      const call = registry.ofLeg(legId)
      const leg = legs.get(legId)
      if (call?.state !== 'leg' || !leg) return hangUp()
      const token = newToken()
      const opened = await open(legId, token).catch((fault: Error) => ({ refused: fault.message }))
      if ('refused' in opened) {
        warn(new Error(opened.refused), 'no media for whom Twilio rang')
        legs.end(leg, 'media-lost')
        return hangUp()
      }
      if (leg.state === 'ringing') leg.state = 'opening'
      return connectStream(urls, token)
    },
    streamOver(form) {
      const dialled = field(form, 'DialCallStatus')
      if (dialled) return dialled === 'completed' ? hangUp() : apology()
      const call = registry.of(field(form, 'CallSid'))
      if (call) {
        const leg = call.legId && legs.get(call.legId)
        if (leg) legs.end(leg, 'lost')
        return streamOverOf(call)
      }
      // A call from before our restart: its leg went with the process, and they are still there.
      if (field(form, 'Direction').startsWith('outbound')) return hangUp()
      const withheld = callerNumber(field(form, 'From')) === null
      return overflow(urls, parts.overflowNumber, withheld ? parts.number : undefined)
    },
    callStatus(form, legId) {
      const callSid = field(form, 'CallSid')
      const call = registry.of(callSid) ?? (legId ? registry.ofLeg(legId) : undefined)
      if (!call) return
      // It may come before Twilio has answered our order.
      call.callSid ??= callSid
      const sequence = Number(field(form, 'SequenceNumber') || 0)
      if (registry.report(call, { status: field(form, 'CallStatus'), sequence })) ended(call)
    },
    sweep,
    async stop() {
      clearInterval(timer)
    },
  }
}
