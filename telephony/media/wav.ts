import { sampleRateHz } from './frame.ts'
import { toMuLaw } from './g711.ts'

export type WavRead = { ok: true; sound: Uint8Array } | { ok: false; reason: 'not-wav' | 'wrong-format' | 'no-data' }

const formatPcm = 1
const formatMuLaw = 7
const formatExtensible = 0xfffe // says its real format twenty-four bytes into the chunk

/** A prompt file as mu-law samples: 8 kHz mono, mu-law or PCM16. Other files are refused by name rather than played wrongly. */
export function readWav(file: Uint8Array): WavRead {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const name = (at: number) => String.fromCharCode(...file.subarray(at, at + 4))
  if (file.length < 12 || name(0) !== 'RIFF' || name(8) !== 'WAVE') return { ok: false, reason: 'not-wav' }
  let format: number | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    // Recorders that stream write 0 or 0xffffffff as length: what is there counts.
    const length = Math.min(view.getUint32(at + 4, true), file.length - at - 8)
    const body = at + 8
    if (name(at) === 'fmt ' && length >= 16) {
      format = formatOf(view, body, length)
      if (format === undefined) return { ok: false, reason: 'wrong-format' }
    }
    if (name(at) === 'data') {
      if (format === undefined) return { ok: false, reason: 'wrong-format' }
      const end = length === 0 ? file.length : body + length
      if (end === body) return { ok: false, reason: 'no-data' }
      return { ok: true, sound: format === formatMuLaw ? file.slice(body, end) : pcmToMuLaw(view, body, end) }
    }
    at = body + length + (length & 1) // chunks begin at even places
  }
  return { ok: false, reason: 'no-data' }
}

function formatOf(view: DataView, at: number, length: number): number | undefined {
  const said = view.getUint16(at, true)
  const format = said === formatExtensible && length >= 26 ? view.getUint16(at + 24, true) : said
  const bits = view.getUint16(at + 14, true)
  const mono8k = view.getUint16(at + 2, true) === 1 && view.getUint32(at + 4, true) === sampleRateHz
  const known = (format === formatMuLaw && bits === 8) || (format === formatPcm && bits === 16)
  return mono8k && known ? format : undefined
}

function pcmToMuLaw(view: DataView, from: number, end: number): Uint8Array {
  const samples = new Int16Array((end - from) >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(from + i * 2, true)
  return toMuLaw(samples)
}

/** The 44 bytes before `dataBytes` of interleaved stereo PCM16 at 8 kHz: a recording that any browser plays. */
export function stereoPcmHeader(dataBytes: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(44))
  const write = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) header.setUint8(at + i, text.charCodeAt(i))
  }
  write(0, 'RIFF')
  header.setUint32(4, 36 + dataBytes, true)
  write(8, 'WAVEfmt ')
  header.setUint32(16, 16, true)
  header.setUint16(20, formatPcm, true)
  header.setUint16(22, 2, true)
  header.setUint32(24, sampleRateHz, true)
  header.setUint32(28, sampleRateHz * 4, true)
  header.setUint16(32, 4, true)
  header.setUint16(34, 16, true)
  write(36, 'data')
  header.setUint32(40, dataBytes, true)
  return new Uint8Array(header.buffer)
}
