import { muLawSilence } from './g711.ts'

/** The measure of everything here: 20 ms at 8 kHz, the packet length that every telephone accepts. */
export const sampleRateHz = 8_000
export const frameMs = 20
export const frameSamples = (sampleRateHz * frameMs) / 1_000
export const framesPerSecond = 1_000 / frameMs

/** Mu-law silence of one frame. Shared: nobody writes into a frame that they were given. */
export const silentFrame: Uint8Array = new Uint8Array(frameSamples).fill(muLawSilence)
/** The same as linear samples. */
export const silentSamples: Int16Array = new Int16Array(frameSamples)

/** The nth frame of a sound, filled up with silence at its end. */
export function frameAt(sound: Uint8Array, index: number): Uint8Array {
  const piece = sound.subarray(index * frameSamples, (index + 1) * frameSamples)
  if (piece.length === frameSamples) return piece
  const frame = silentFrame.slice()
  frame.set(piece)
  return frame
}
