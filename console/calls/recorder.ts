import { openMicrophone } from '../lib/microphone.ts'
import { promptHz, speechWav } from './speech-wav.ts'

export type Recorder = {
  /** Loudness now, 0 … 1. */
  level(): number
  /** What was said, as a prompt file. */
  stop(): Promise<Uint8Array>
  cancel(): void
}

/** Records one's voice until it is stopped. Throws the reason why it cannot. */
export async function startRecorder(): Promise<Recorder> {
  const microphone = await openMicrophone()
  const context = new AudioContext()
  const meter = context.createAnalyser()
  context.createMediaStreamSource(microphone).connect(meter)
  const now = new Float32Array(meter.fftSize)
  const recorder = new MediaRecorder(microphone)
  const pieces: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data))
  const stopped = new Promise<void>((resolve) => recorder.addEventListener('stop', () => resolve()))
  recorder.start()
  function end(): void {
    if (recorder.state !== 'inactive') recorder.stop()
    for (const track of microphone.getTracks()) track.stop()
    void context.close()
  }
  return {
    level() {
      meter.getFloatTimeDomainData(now)
      return now.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    },
    async stop() {
      end()
      await stopped
      return speechWav(await toTelephoneRate(await new Blob(pieces).arrayBuffer()))
    },
    cancel: end,
  }
}

/** One channel at 8 kHz: the browser resamples, and filters what would fold back. */
async function toTelephoneRate(file: ArrayBuffer): Promise<Float32Array> {
  const recorded = await new OfflineAudioContext(1, 1, promptHz).decodeAudioData(file)
  const render = new OfflineAudioContext(1, Math.max(1, Math.ceil(recorded.duration * promptHz)), promptHz)
  const source = render.createBufferSource()
  source.buffer = recorded
  source.connect(render.destination)
  source.start()
  return (await render.startRendering()).getChannelData(0)
}
