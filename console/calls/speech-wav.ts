/** Prompts are for the telephone: 8 kHz, one channel. */
export const promptHz = 8_000

// As loud as the shipped ones, with room for the peaks that a narrower line makes.
const peakWanted = 0.7
// Softer than this is breath and room; a little of it stays at both ends, so that no sound begins abruptly.
const silentShare = 0.02
const keptMs = 120
// Nothing was said at all: it is not made loud.
const nothingBelow = 0.005

/** A recorded voice without the silence around it, as loud as the others, as a WAV file (PCM 16 bit). Pure. */
export function speechWav(samples: Float32Array): Uint8Array {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  const spoken = peak < nothingBelow ? samples : trimmed(samples, peak * silentShare)
  const gain = peak < nothingBelow ? 1 : peakWanted / peak
  const view = new DataView(new ArrayBuffer(44 + spoken.length * 2))
  const words = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i))
  }
  words(0, 'RIFF')
  view.setUint32(4, 36 + spoken.length * 2, true)
  words(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true) // PCM
  view.setUint16(22, 1, true) // one channel
  view.setUint32(24, promptHz, true)
  view.setUint32(28, promptHz * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  words(36, 'data')
  view.setUint32(40, spoken.length * 2, true)
  for (const [i, sample] of spoken.entries()) view.setInt16(44 + i * 2, Math.round(sample * gain * 32_767), true)
  return new Uint8Array(view.buffer)
}

function trimmed(samples: Float32Array, threshold: number): Float32Array {
  const loud = (sample: number) => Math.abs(sample) > threshold
  const kept = (keptMs * promptHz) / 1000
  const first = samples.findIndex(loud)
  const last = samples.findLastIndex(loud)
  return samples.slice(Math.max(0, first - kept), Math.min(samples.length, last + 1 + kept))
}

/** For a JSON body; String.fromCharCode takes only so many at once. Pure. */
export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}
