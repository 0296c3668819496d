import { frameAt, frameSamples, sampleRateHz } from './frame.ts'
import { toMuLaw } from './g711.ts'

// Sixteen seconds: eight broken chords of two seconds, slow enough to be calm for somebody who is frightened.
const noteSamples = sampleRateHz / 4
const notesPerChord = 8
// Semitones above C4, inside the telephone band. C, a minor, F, G, e minor, a minor, d minor, G.
const chords = [
  [0, 4, 7, 12],
  [-3, 4, 9, 12],
  [0, 5, 9, 12],
  [-1, 5, 7, 14],
  [-1, 4, 7, 11],
  [0, 4, 9, 16],
  [2, 5, 9, 14],
  [-1, 2, 7, 11],
] as const
const order = [0, 1, 2, 3, 2, 1, 2, 3] as const
// About -20 dB of full scale: below the prompts, so that a voice after it does not sound faint.
const peak = 3_200
const attackSamples = sampleRateHz * 0.02
const decaySamples = sampleRateHz * 0.55
const ringSamples = sampleRateHz * 3

/** Our own queue music, as linear samples. The tail of the last notes rings into the beginning, so the loop has no seam. */
export function makeMusic(): Int16Array {
  const sum = new Float64Array(chords.length * notesPerChord * noteSamples)
  chords.forEach((chord, bar) => {
    order.forEach((step, note) => {
      const hz = 261.63 * 2 ** (chord[step] / 12)
      const accent = note === 0 ? 1 : 0.7
      addNote(sum, (bar * notesPerChord + note) * noteSamples, hz, accent)
    })
  })
  const loudest = sum.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return Int16Array.from(sum, (value) => Math.round((value / loudest) * peak))
}

function addNote(sum: Float64Array, at: number, hz: number, accent: number): void {
  const turn = (2 * Math.PI * hz) / sampleRateHz
  for (let i = 0; i < ringSamples; i++) {
    const envelope = Math.min(1, i / attackSamples) * Math.exp(-i / decaySamples)
    const place = (at + i) % sum.length
    sum[place] = (sum[place] as number) + accent * envelope * (Math.sin(turn * i) + 0.25 * Math.sin(2 * turn * i))
  }
}

let loop: Uint8Array[] | undefined

/** The music as mu-law frames, made once. */
export function musicFrames(): Uint8Array[] {
  if (!loop) {
    const sound = toMuLaw(makeMusic())
    loop = Array.from({ length: sound.length / frameSamples }, (_, index) => frameAt(sound, index))
  }
  return loop
}
