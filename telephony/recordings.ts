import { access, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recordings } from '../server/contracts/voice.ts'
import { fromMuLaw } from './media/g711.ts'
import { measure, peaksOf, readRecording } from './media/recording.ts'
import { stereoPcmHeader } from './media/wav.ts'

// A mu-law byte is played as two of PCM.
const pcmPerMuLaw = 2

/** The sealed recordings of a folder; `keyOf` gives each its own 32-byte key as hex. Reading throws when one is not there. */
export function openRecordings(folder: string, keyOf: (recordingId: string) => string): Recordings {
  const target = (recordingId: string) => ({ file: join(folder, `${recordingId}.rec`), keyHex: keyOf(recordingId) })
  const chunksOf = (recordingId: string) => {
    const { file, keyHex } = target(recordingId)
    return readRecording(file, Buffer.from(keyHex, 'hex'))
  }
  return {
    target,
    async *wav(recordingId) {
      const handle = await open(target(recordingId).file, 'r')
      const { plainBytes } = await measure(handle).finally(() => handle.close())
      yield stereoPcmHeader(plainBytes * pcmPerMuLaw)
      for await (const chunk of chunksOf(recordingId)) {
        const samples = fromMuLaw(chunk)
        yield new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
      }
    },
    async peaks(recordingId, buckets) {
      const peaks = await peaksOf(chunksOf(recordingId), buckets)
      return { left: peaks.map(([left]) => left), right: peaks.map(([, right]) => right) }
    },
    isThere: (recordingId) =>
      access(target(recordingId).file).then(
        () => true,
        () => false,
      ),
    remove: (recordingId) => rm(target(recordingId).file, { force: true }),
  }
}
