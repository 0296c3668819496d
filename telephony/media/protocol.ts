import type { IceServer, LegEnd, LegId } from '../../server/contracts/voice.ts'

/**
 * Between the server and the media process: commands go down, each is answered once by its number; events come up. The
 * media process knows legs, rooms and sound; it knows no call, no person and no rule.
 */
export type MediaCommand =
  /** A browser offers; answered with the SDP answer, all candidates in it. An open leg of that name is replaced. */
  | { do: 'open-web'; legId: LegId; sdp: string }
  /**
   * A SIP telephone offers; answered with our answer. An open leg of that name keeps its socket and gets a new answer. `at`:
   * our own address as the signalling knows it, where it knows better than the routing table. `asTones`: their keys shall come as
   * tones within the sound, for they are a panel's and not pressed by anybody.
   */
  | { do: 'open-rtp'; legId: LegId; sdp: string; at?: string; asTones?: boolean }
  /** We offer; answered with our offer. The leg waits for their answer; ordered again, another one takes its place. */
  | { do: 'offer-rtp'; legId: LegId; secure: boolean; at?: string }
  /** Their answer to our offer. The leg comes up with their first packet, or a moment later without. */
  | { do: 'accept-rtp'; legId: LegId; sdp: string }
  /** Presses keys at the far end: for an extension, another machine's menu, or what a device is to do. */
  | { do: 'keys'; legId: LegId; keys: string; pressMs?: number }
  /** A media stream will come and bring this token, within half a minute and once. */
  | { do: 'expect-stream'; legId: LegId; token: string }
  | { do: 'close-leg'; legId: LegId }
  /**
   * The room holds exactly these legs (by that they hear each other); an empty list ends the room and its recording. Who is
   * in `only` is heard by those alone, and not recorded: nobody ([]) hears who listens, the operator alone who coaches.
   */
  | { do: 'bridge'; roomId: string; legIds: LegId[]; only?: Record<LegId, LegId[]> }
  /** The leg leaves its room and hears these files (8 kHz mono mu-law WAV), one after the other, then `after`; `tailMs` of silence before a hang-up. */
  | {
      do: 'play'
      legId: LegId
      files: string[]
      after: 'music' | 'silence' | 'hang-up'
      tailMs?: number | undefined
      token: string
    }
  /** The leg leaves its room and hears these tones, 0 Hz for silence; `played` follows. */
  | { do: 'tones'; legId: LegId; tones: { hz: number; ms: number }[]; token: string }
  /** Stereo mu-law of the room, left these legs, right the others, sealed chunk by chunk with the key; null ends it. */
  | {
      do: 'record'
      roomId: string
      /** With `silentMsMax` it ends by itself when the left was not heard for so long; ordered again, as the newest order says. */
      to: { recordingId: string; file: string; keyHex: string; left: LegId[]; silentMsMax?: number } | null
    }
  /** The leg hears itself a second later: the self-test before a shift. */
  | { do: 'echo'; legId: LegId; on: boolean }

export type MediaAnswer =
  | { ok: true; sdp?: string }
  | { refused: 'overloaded' | 'bad-sdp' | 'no-such-leg' | 'no-such-file' | 'no-keys' }

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
  /** Came from a stranger, with the wrong key, or were no RTP. */
  packetsRefused: number
  residentBytes: number
}

/** First message to the process, before any command. */
export type MediaSettings = {
  legsMax: number
  iceServers: IceServer[]
  /** Own public addresses to offer as candidates, behind NAT or in a container. */
  publicAddresses: string[]
  portRange: [number, number] | null
}

/** Down and up the wire. */
export type Down = { settings: MediaSettings } | { n: number; command: MediaCommand } | { stream: StreamHead }
/** The request by which a carrier asks for a WebSocket; its socket comes with it as a handle. */
export type StreamHead = { headers: Record<string, string>; first: Uint8Array }
export type Up = { ready: true } | { n: number; answer: MediaAnswer } | MediaEvent
