import type { IceServer, VoiceAnswer } from '../../server/contracts/voice.ts'
import { soundChoice } from './microphone.ts'
import { ask } from './socket.ts'

/** One connection of this page to the media process. */
export type Line = {
  legId: string
  callId: string | undefined
  /** Nothing of the microphone leaves the page while muted: silence is sent, which keeps the line up. */
  mute(muted: boolean): void
  /** Loudness of what is heard, 0 … 1. */
  heard(): number
  spoken(): number
  volume(value: number): void
  /** A key of the telephone, as a tone of 100 ms [RFC 4733]. */
  press(key: string): void
  close(): void
}

// Candidates of the own machine come at once; a STUN server that does not answer is not waited for.
const gatheringMaxMs = 1_500

/**
 * Offers a connection and waits for the answer; `offer` sends it as what it is (open, dial, answer, redial). The refusal of
 * the server comes back as it is. `failed` is told once when the connection breaks later.
 */
export async function openLine(
  microphone: MediaStream,
  offer: (sdp: string) => Promise<VoiceAnswer | { refused: string }>,
  failed: () => void,
): Promise<Line | { refused: string }> {
  const settings = await ask<{ iceServers: IceServer[] }>('voice.settings')
  const pc = new RTCPeerConnection({ iceServers: 'iceServers' in settings ? settings.iceServers : [] })
  const [track] = microphone.getAudioTracks()
  if (!track) return { refused: 'no-microphone' }
  const { sender } = pc.addTransceiver(track, { direction: 'sendrecv', streams: [microphone] })
  const speaker = playRemote(pc)
  const answered = await negotiate(pc, offer).catch(() => ({ refused: 'outage' }))
  if ('refused' in answered) {
    pc.close()
    speaker.close()
    return answered
  }
  let open = true
  pc.addEventListener('connectionstatechange', () => {
    if (!open || (pc.connectionState !== 'failed' && pc.connectionState !== 'closed')) return
    open = false
    failed()
  })
  const own = levelOf(microphone)
  return {
    legId: answered.legId,
    callId: answered.callId,
    mute: (muted) => {
      track.enabled = !muted
    },
    heard: speaker.level,
    spoken: own.level,
    volume: speaker.volume,
    press: (key) => sender.dtmf?.insertDTMF(key, 100),
    close() {
      open = false
      pc.close()
      speaker.close()
      own.close()
    },
  }
}

type Answered = Extract<VoiceAnswer, { sdp: string }>

async function negotiate(
  pc: RTCPeerConnection,
  offer: (sdp: string) => Promise<VoiceAnswer | { refused: string }>,
): Promise<Answered | { refused: string }> {
  await pc.setLocalDescription(await pc.createOffer())
  await gathered(pc)
  const answer = await offer(pc.localDescription?.sdp ?? '')
  if ('refused' in answer) return answer
  await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
  return answer
}

function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, gatheringMaxMs)
    pc.addEventListener('icegatheringstatechange', () => {
      if (pc.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Plays what comes in at the chosen loudspeaker. */
function playRemote(pc: RTCPeerConnection) {
  const audio = new Audio()
  const { output, volume } = soundChoice()
  audio.autoplay = true
  audio.volume = volume
  if (output && 'setSinkId' in audio) void audio.setSinkId(output).catch(() => {})
  let meter: ReturnType<typeof levelOf> | undefined
  pc.addEventListener('track', ({ track, streams }) => {
    const stream = streams[0] ?? new MediaStream([track])
    audio.srcObject = stream
    void audio.play().catch(() => {})
    meter?.close()
    meter = levelOf(stream)
  })
  return {
    level: () => meter?.level() ?? 0,
    volume: (value: number) => {
      audio.volume = value
    },
    close() {
      audio.srcObject = null
      meter?.close()
    },
  }
}

let context: AudioContext | undefined

/** How loud a stream is now, 0 … 1. */
function levelOf(stream: MediaStream) {
  context ??= new AudioContext()
  const source = context.createMediaStreamSource(stream)
  const meter = context.createAnalyser()
  meter.fftSize = 2048
  source.connect(meter)
  void context.resume().catch(() => {})
  const samples = new Uint8Array(meter.fftSize)
  return {
    level() {
      meter.getByteTimeDomainData(samples)
      return Math.max(...samples.map((sample) => Math.abs(sample - 128))) / 128
    },
    close() {
      source.disconnect()
    },
  }
}
