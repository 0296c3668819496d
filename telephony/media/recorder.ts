import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { frameSamples } from './frame.ts'
import { fromMuLaw } from './g711.ts'
import { magic, measure, sealChunk, stereoBytesPerMs } from './recording.ts'

export type Recorder = {
  readonly recordingId: string
  readonly left: ReadonlySet<string>
  /**
   * It ends by itself when the left is not heard for so long, and that silence does not count to its duration; undefined: it
   * does not. It may change while it runs: an operator comes to somebody who is leaving a message.
   */
  endAfterSilence(ms: number | undefined): void
  /** 20 ms of mu-law of each side. Never waits and never throws. */
  write(left: Uint8Array, right: Uint8Array): void
  /** Writes what is left and closes; `onEnd` has been called when it resolves. */
  end(): Promise<void>
}

// One second: what a power failure can cost, and small against a chunk's 32 bytes of sealing.
const chunkMs = 1_000
const frameMs = 20
// -45 dB: above the noise of a line, below a voice that is far from the telephone.
const voiceLevel = 180
// Half a minute that the disk has not taken is a disk that will not take it; memory is for the calls.
const waitingChunksMax = 30

/** Does somebody speak in these 20 ms? */
function isVoice(frame: Uint8Array): boolean {
  let all = 0
  for (const sample of fromMuLaw(frame)) all += sample * sample
  return Math.sqrt(all / frame.length) > voiceLevel
}

/**
 * Streams a recording to disk. A full or broken disk ends the recording, never the call: `onEnd` then tells what is there.
 * A file that is already there is continued after its last whole chunk, for the process may have died in between.
 */
export function startRecorder(to: {
  recordingId: string
  file: string
  key: Uint8Array
  left: Iterable<string>
  /** The end of an earlier recording into the same file, to be waited for. */
  after?: Promise<void> | undefined
  onEnd(durationMs: number, bytes: number): void
  onFault(fault: string): void
}): Recorder {
  let handle: FileHandle | undefined
  let chunk = Buffer.alloc(chunkMs * stereoBytesPerMs)
  let filled = 0
  let waiting = 0
  let broken = false
  let closing: Promise<void> | undefined
  let silentMsMax: number | undefined
  let silentMs = 0
  let number = 0
  let plainBytes = 0
  let bytes = 0
  let disk: Promise<void> = begin()
    .catch(breakOff)
    .finally(() => {
      if (broken) void end()
    })

  async function begin(): Promise<void> {
    await to.after
    await mkdir(dirname(to.file), { recursive: true, mode: 0o700 })
    handle = await open(to.file, 'wx+', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return open(to.file, 'r+')
    })
    if ((await handle.stat()).size > 0) {
      const before = await measure(handle)
      number = before.chunks
      plainBytes = before.plainBytes
      bytes = before.end
    }
    if (bytes === 0) await put(magic)
  }

  /** Writes at the end of what is whole; a write that was cut short is taken back, so that the file stays readable. */
  async function put(data: Uint8Array): Promise<void> {
    const file = handle as FileHandle
    let done = 0
    try {
      while (done < data.length) {
        done += (await file.write(data, done, data.length - done, bytes + done)).bytesWritten
      }
    } catch (error) {
      await file.truncate(bytes).catch(() => {})
      throw error
    }
    bytes += data.length
  }

  function breakOff(error: Error): void {
    broken = true
    to.onFault((error as NodeJS.ErrnoException).code ?? error.message)
  }

  function hand(plain: Uint8Array): void {
    waiting++
    disk = disk
      .then(async () => {
        if (broken) return
        await put(sealChunk(to.key, number, plain))
        number++
        plainBytes += plain.length
      })
      .catch(breakOff)
      .finally(() => {
        waiting--
        if (broken) void end()
      })
  }

  async function finish(): Promise<void> {
    if (filled > 0 && !broken) hand(chunk.subarray(0, filled))
    await disk
    await handle?.datasync().catch(() => {})
    await handle?.close().catch(() => {})
    to.onEnd(Math.max(0, Math.round(plainBytes / stereoBytesPerMs) - silentMs), bytes)
  }

  function end(): Promise<void> {
    closing ??= finish()
    return closing
  }

  return {
    recordingId: to.recordingId,
    left: new Set(to.left),
    endAfterSilence(ms) {
      if (ms === silentMsMax) return
      silentMsMax = ms
      silentMs = 0
    },
    write(left, right) {
      if (closing) return
      for (let i = 0; i < frameSamples; i++) {
        chunk[filled++] = left[i] as number
        chunk[filled++] = right[i] as number
      }
      if (silentMsMax) {
        silentMs = isVoice(left) ? 0 : silentMs + frameMs
        if (silentMs >= silentMsMax) return void end()
      }
      if (filled < chunk.length) return
      if (waiting >= waitingChunksMax) breakOff(new Error('disk too slow'))
      if (broken) return void end()
      hand(chunk)
      chunk = Buffer.alloc(chunkMs * stereoBytesPerMs)
      filled = 0
    },
    end,
  }
}
