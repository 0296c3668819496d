import type { Caller } from './caller.ts'

/** `lost`: they did not answer us, or the session ran out. `refused` comes with their status. `stopped`: this edge ends. */
export type CallEnd = 'hung-up' | 'declined' | 'no-answer' | 'lost' | 'refused' | 'stopped'

/** What a call in either direction has. A handler that is set after the end is told of it at once. */
export type CallParts = {
  readonly id: string
  /** They offer again: hold, or sound from elsewhere. What it resolves to is the answer; a rejection is answered with 488. */
  onReoffer(handler: (sdp: string) => Promise<string>): void
  /** Told once, whoever ended it. */
  onEnd(handler: (because: CallEnd, status?: number) => void): void
  /** BYE, CANCEL or a refusal, whatever it takes now. */
  hangUp(because?: 'hung-up' | 'stopped'): void
}

/** A call that we placed. */
export type SipCall = CallParts & {
  onRinging(handler: () => void): void
  /** Sound before the answer: their ringing tone or a spoken notice. */
  onEarly(handler: (sdp: string) => void): void
  onAnswered(handler: (sdp: string) => void): void
}

/** A call that came. It rings for three minutes at most and is then refused. */
export type IncomingCall = CallParts & {
  peer: string
  /** It is an alarm device of ours that calls. */
  deviceId?: string | undefined
  caller: Caller
  /** The number or name that was dialled. */
  called: string
  sdp: string
  ring(): void
  answer(sdp: string): void
  refuse(status: number): void
}

/** An event that is told once, also to who asks for it after it was. */
export type Once<T extends unknown[]> = {
  tell(...what: T): void
  on(handler: (...what: T) => void): void
  done(): boolean
}

export function once<T extends unknown[]>(): Once<T> {
  let what: T | undefined
  let handlers: ((...what: T) => void)[] = []
  return {
    tell(...given) {
      if (what) return
      what = given
      const waiting = handlers
      handlers = []
      for (const handler of waiting) handler(...given)
    },
    on(handler) {
      if (what) handler(...what)
      else handlers.push(handler)
    },
    done: () => what !== undefined,
  }
}
