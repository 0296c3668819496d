import { toMuLaw } from '../../telephony/media/g711.ts'
import { rtpTelephone } from './rtp-telephone.ts'
import { loudness, power, tone } from './tones.ts'

const lows = [697, 770, 852, 941]
const highs = [1_209, 1_336, 1_477, 1_633]
const pad = ['123A', '456B', '789C', '*0#D']
const frame = 160

/** The two tones of a key, and the pause after it. */
export function keyTone(key: string, ms: number, pauseMs: number): Int16Array {
  const row = pad.findIndex((keys) => keys.includes(key))
  const low = tone(lows[row] as number, ms, 6_000)
  const high = tone(highs[pad[row]?.indexOf(key) as number] as number, ms, 6_000)
  return Int16Array.from([...low.map((one, i) => one + (high[i] as number)), ...new Array(8 * pauseMs).fill(0)])
}

/** An alarm panel on a telephone line: it hears tones, and presses its message as tones within its sound. */
export async function panel(address = '127.0.0.2') {
  const telephone = await rtpTelephone({ hz: 0, address })
  const silence = new Int16Array(frame)
  let waiting: Int16Array[] = []
  let stamp = 0
  let since = performance.now()
  const timer = setInterval(() => {
    // Not answered yet.
    if (telephone.far().port === 0) {
      since = performance.now()
      return
    }
    for (; (stamp / frame) * 20 < performance.now() - since; stamp += frame)
      telephone.send(telephone.soundType, toMuLaw(waiting.shift() ?? silence), stamp === 0, stamp)
  }, 5)
  /** Everything that it heard, 20 ms each: which of these tones, if any. */
  const tones = () =>
    telephone.heard
      .filter(({ payloadType }) => payloadType === telephone.soundType)
      .map((_, i, all) => telephone.recent((all.length - i) * 20).subarray(0, frame))
      .map((piece) => (loudness(piece) < 500 ? 0 : [1_400, 2_300].find((hz) => power(piece, hz) > 0.8)))
  return {
    telephone,
    /** Its message, and the pause in which it waits for the kissoff. */
    press(keys: string): void {
      const samples = Int16Array.from([
        ...[...keys].flatMap((key) => [...keyTone(key, 60, 60)]),
        ...new Array(12_000).fill(0),
      ])
      for (let at = 0; at < samples.length; at += frame) waiting.push(samples.slice(at, at + frame))
    },
    /** How often a run of this tone was heard that lasted as long. */
    heard(hz: number, ms: { from: number; to: number }): number {
      const runs: number[] = []
      let run = 0
      for (const one of [...tones(), undefined]) {
        if (one === hz) run += 20
        else {
          if (run > 0) runs.push(run)
          run = 0
        }
      }
      return runs.filter((one) => one >= ms.from && one <= ms.to).length
    },
    async close(): Promise<void> {
      clearInterval(timer)
      waiting = []
      await telephone.close()
    },
  }
}
