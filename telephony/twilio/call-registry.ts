import type { LegId } from '../../server/contracts/voice.ts'
import { endOf, further, type Reported } from './status.ts'

/**
 * A call that runs at Twilio. `leg`: our end is there, or about to be. `lost`: our end broke off, and they may still be
 * there. `put-down`: we ended it, and its end is not reported yet. `overflow`: they were given to the overflow number, so
 * Twilio's end stays. `over`: its end was reported.
 */
export type TwilioCall = {
  /** None until Twilio has said what it calls the call that we ordered. */
  callSid: string | undefined
  /** None until the call that comes in has been taken. */
  legId: LegId | undefined
  readonly direction: 'in' | 'out'
  /** They withhold their number. */
  readonly withheld: boolean
  /** What the first webhook of a call that comes in is answered; sent again it is the same. */
  answer?: Promise<string>
  state: 'leg' | 'lost' | 'put-down' | 'overflow' | 'over'
  reported: Reported
  /** When anything was last heard of it, ms. */
  heardAt: number
}

// Twilio sends a webhook again within seconds; one that comes minutes later is still told what was told before.
const keptMs = 10 * 60_000
// Their end follows ours within moments.
const leftMsMax = 15_000
// No telephone rings for longer: a report was lost.
const ringMsMax = 90_000
// A call that runs is asked for now and then: both the end of its sound and its report may be lost.
const quietMsMax = 5 * 60_000

/** The calls at Twilio, found by what Twilio calls them and by what we do. */
export type CallRegistry = {
  of(callSid: string): TwilioCall | undefined
  ofLeg(legId: LegId): TwilioCall | undefined
  add(call: Pick<TwilioCall, 'callSid' | 'legId' | 'direction' | 'withheld'>): TwilioCall
  move(call: TwilioCall, to: 'lost' | 'put-down' | 'overflow' | 'over'): void
  /** What Twilio says of it. True when by this it is over, and was not before. */
  report(call: TwilioCall, heard: Reported): boolean
  /** Those whose end should have been reported by now. */
  silent(): TwilioCall[]
  /** Takes away what nobody asks for any more. */
  tidy(): void
}

export function createCallRegistry(now: () => Date): CallRegistry {
  const calls = new Set<TwilioCall>()
  const ms = () => now().getTime()
  const find = (is: (call: TwilioCall) => boolean) => [...calls].find(is)
  return {
    of: (callSid) => find((call) => call.callSid === callSid),
    ofLeg: (legId) => find((call) => call.legId === legId),
    add(given) {
      const call: TwilioCall = { ...given, state: 'leg', reported: { status: 'queued', sequence: -1 }, heardAt: ms() }
      calls.add(call)
      return call
    },
    move(call, to) {
      if (call.state === 'over') return
      call.state = to
      call.heardAt = ms()
    },
    report(call, heard) {
      call.heardAt = ms()
      call.reported = further(call.reported, heard)
      if (call.state === 'over' || endOf(call.reported.status) === undefined) return false
      call.state = 'over'
      return true
    },
    silent: () => [...calls].filter((call) => call.callSid && ms() - call.heardAt > patience(call)),
    tidy() {
      for (const call of calls) if (call.state === 'over' && ms() - call.heardAt > keptMs) calls.delete(call)
    },
  }
}

function patience(call: TwilioCall): number {
  if (call.state === 'over') return Number.POSITIVE_INFINITY
  if (call.state === 'put-down' || call.state === 'lost') return leftMsMax
  return call.direction === 'out' && call.reported.status !== 'in-progress' ? ringMsMax : quietMsMax
}
