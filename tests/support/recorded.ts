import { openRecordings } from '../../telephony/recordings.ts'
import type { startHere } from './product.ts'

/** A recording as anybody plays it, apart by channel. */
export async function samplesOf(
  product: Pick<Awaited<ReturnType<typeof startHere>>, 'parts'>,
  id: string,
): Promise<{ left: Int16Array; right: Int16Array }> {
  const recordings = openRecordings(`${product.parts.env.dataDir}/recordings`, (one) =>
    product.parts.seal.keyFor(`recording:${one}`),
  )
  const bytes: Buffer[] = []
  for await (const chunk of recordings.wav(id)) bytes.push(Buffer.from(chunk))
  const whole = Buffer.concat(bytes).subarray(44)
  const samples = new Int16Array(whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length))
  return { left: samples.filter((_, i) => i % 2 === 0), right: samples.filter((_, i) => i % 2 === 1) }
}

/** The half second in which most is said. */
export function loudest(samples: Int16Array): Int16Array {
  const half = 4_000
  let best = samples.subarray(0, half)
  let most = -1
  for (let at = 0; at + half <= samples.length; at += half) {
    const part = samples.subarray(at, at + half)
    const sum = part.reduce((loud, sample) => loud + Math.abs(sample), 0)
    if (sum > most) [best, most] = [part, sum]
  }
  return best
}
