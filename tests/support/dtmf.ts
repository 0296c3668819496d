const rows = ['123A', '456B', '789C', '*0#D']
const low = [697, 770, 852, 941]
const high = [1_209, 1_336, 1_477, 1_633]
const frame = 160

/** Keys as two tones each, `onMs` long with as long a pause, cut into frames of 20 ms; ends with a pause. */
export function dtmfFrames(keys: string, { onMs = 80, peak = 6_000, twistDb = 0 } = {}): Int16Array[] {
  const samples: number[] = []
  for (const key of keys) {
    const row = rows.findIndex((one) => one.includes(key))
    const column = (rows[row] as string).indexOf(key)
    const louder = 10 ** (twistDb / 20)
    for (let i = 0; i < onMs * 8; i++)
      samples.push(
        Math.round(
          peak * Math.sin((2 * Math.PI * (low[row] as number) * i) / 8_000) +
            peak * louder * Math.sin((2 * Math.PI * (high[column] as number) * i) / 8_000),
        ),
      )
    for (let i = 0; i < onMs * 8; i++) samples.push(0)
  }
  return Array.from({ length: Math.ceil(samples.length / frame) }, (_, at) => {
    const piece = new Int16Array(frame)
    piece.set(samples.slice(at * frame, (at + 1) * frame))
    return piece
  })
}
