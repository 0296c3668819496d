import { type Refusal, refuse } from '../../platform/refusal.ts'

const rate = 8000
const shortestMs = 100
const formats: Record<number, { bits: number }> = { 1: { bits: 16 }, 7: { bits: 8 } } // PCM, mu-law
const no = refuse('not-speech', 'Send a WAV file: 8 kHz, one channel, PCM 16 bit or mu-law.')

/** Is this a prompt that the media process can play, and how long is it? WAV, 8 kHz, mono, PCM 16 bit or mu-law. Pure. */
export function readSpeech(file: Buffer): { durationMs: number } | Refusal {
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    return no
  let bytesPerSecond: number | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4)
    const size = Math.min(file.readUInt32LE(at + 4), file.length - at - 8)
    if (name === 'fmt ' && size >= 16) {
      const format = formats[file.readUInt16LE(at + 8)]
      const fits = file.readUInt16LE(at + 10) === 1 && file.readUInt32LE(at + 12) === rate
      if (!format || !fits || file.readUInt16LE(at + 22) !== format.bits) return no
      bytesPerSecond = (rate * format.bits) / 8
    }
    if (name === 'data') {
      const durationMs = bytesPerSecond ? Math.round((size / bytesPerSecond) * 1000) : 0
      return durationMs >= shortestMs ? { durationMs } : no
    }
    at += 8 + size + (size % 2)
  }
  return no
}
