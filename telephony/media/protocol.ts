import type { IceServer, LegEnd, LegId } from '../../server/contracts/voice.ts'

/**
 * Between the server and the media process: commands go down, each is answered once by its number; events come up. The
 * media process knows legs, rooms and sound; it knows no call, no person and no rule.
 */
export type MediaCommand =
  /** A browser offers; answered with the SDP answer, all candidates in it. An open leg of that name is replaced. */
  | { do: 'open-web'; legId: LegId; sdp: string }
  /** A SIP telephone offers; answered with the SDP answer. Of an open leg it is a new offer over the same connection. */
  | { do: 'open-rtp'; legId: LegId; sdp: string }
  /** Our offer to a SIP telephone that is being rung; `secure` offers SRTP and nothing else. */
  | { do: 'offer-rtp'; legId: LegId; secure: boolean }
  /** Its answer; null: it has heard ours, and is spoken to even if it is silent. */
  | { do: 'accept-rtp'; legId: LegId; sdp: string | null }
  /** Presses keys towards the other side. */
  | { do: 'keys'; legId: LegId; keys: string }
  /** A media stream will come that shows this token; its socket is handed down by `take-socket`. */
  | { do: 'expect-stream'; legId: LegId; token: string }
  | { do: 'close-leg'; legId: LegId }
  /** The room holds exactly these legs (by that they hear each other); an empty list ends the room and its recording. */
  | { do: 'bridge'; roomId: string; legIds: LegId[] }
  /** The leg leaves its room and hears these files (8 kHz mono mu-law WAV), one after the other, then `after`. */
  | { do: 'play'; legId: LegId; files: string[]; after: 'music' | 'silence' | 'hang-up'; token: string }
  /** Stereo mu-law of the room, left these legs, right the others, sealed chunk by chunk with the key; null ends it. */
  | { do: 'record'; roomId: string; to: { recordingId: string; file: string; keyHex: string; left: LegId[] } | null }
  /** The leg hears itself a second later: the self-test before a shift. */
  | { do: 'echo'; legId: LegId; on: boolean }

export type MediaAnswer =
  | { ok: true; sdp?: string }
  | { refused: 'overloaded' | 'bad-sdp' | 'no-such-leg' | 'no-such-file' }

export type MediaEvent =
  | { event: 'leg-up'; legId: LegId }
  | { event: 'leg-down'; legId: LegId; because: LegEnd }
  | { event: 'dtmf'; legId: LegId; key: string }
  | { event: 'played'; legId: LegId; token: string }
  | { event: 'recorded'; recordingId: string; durationMs: number; bytes: number }
  | { event: 'stats'; stats: MediaStats }

/** Since the last ones, a second ago; gauges where a number can fall. */
export type MediaStats = {
  legs: number
  rooms: number
  recordings: number
  /** Worst lateness of the 20 ms tick, ms. */
  tickLagMs: number
  underruns: number
  packetsLost: number
  residentBytes: number
}

/** First message to the process, before any command. */
export type MediaSettings = {
  legsMax: number
  iceServers: IceServer[]
  /** Own public addresses to offer as candidates, behind NAT or in a container. */
  publicAddresses: string[]
  portRange: [number, number] | null
  /** Where plain RTP is bound; the first public address is told to others, or this one. */
  rtpAddress: string
}

/** Down and up the wire. */
export type Down =
  | { settings: MediaSettings }
  | { n: number; command: MediaCommand }
  /** The head of an upgrade; the socket comes with it as a handle. */
  | {
      upgrade: { method: string; url: string; headers: Record<string, string | string[] | undefined> }
      first: Uint8Array
    }
export type Up = { ready: true } | { n: number; answer: MediaAnswer } | MediaEvent
