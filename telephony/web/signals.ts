import type { Party, PromptLocale, VoiceAnswer } from '../../server/contracts/voice.ts'

/** Which page speaks: whose telephone it is (see keyOf) and by which connection. */
export type From = { party: Party; key: string; socketId: string }

export type Signal =
  | { do: 'open'; sdp: string }
  | { do: 'echo'; on: boolean }
  | { do: 'dial'; sdp: string; locale: PromptLocale; line: string }
  | { do: 'answer' | 'redial'; legId: string; sdp: string }
  | { do: 'hang-up'; legId: string }

/** What every switchboard is told of a page: it is there, it has gone, or its line is at that switchboard now. */
export type Heard =
  | { from: From; told: 'here' }
  | { from: From; told: 'gone' }
  | { from: From; told: 'moved'; hostId: string }

export type Answer = VoiceAnswer | { ok: true } | { refused: string }
