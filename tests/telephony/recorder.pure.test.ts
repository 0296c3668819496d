import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toMuLaw } from '../../telephony/media/g711.ts'
import { startRecorder } from '../../telephony/media/recorder.ts'
import { peaksOf, readRecording } from '../../telephony/media/recording.ts'
import { tone } from '../support/tones.ts'

const key = randomBytes(32)
let dir = ''
let file = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'yihu-recording-'))
  file = join(dir, 'calls/one.rec')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function recorder(to = file, silentMsMax?: number) {
  const told = { ends: [] as { durationMs: number; bytes: number }[], faults: [] as string[] }
  const started = startRecorder({
    recordingId: 'r',
    file: to,
    key,
    left: ['caller'],
    onEnd: (durationMs, bytes) => told.ends.push({ durationMs, bytes }),
    onFault: (fault) => told.faults.push(fault),
  })
  started.endAfterSilence(silentMsMax)
  return { ...started, told }
}
const left = toMuLaw(tone(440, 20))
const right = toMuLaw(tone(1_000, 20, 4_000))
function write(to: { write(l: Uint8Array, r: Uint8Array): void }, frames: number) {
  for (let i = 0; i < frames; i++) to.write(left, right)
}
async function read(from = file, withKey: Uint8Array = key): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readRecording(from, withKey)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const side = (sound: Buffer, which: 0 | 1) => sound.filter((_, i) => (i & 1) === which)
const repeated = (frame: Uint8Array, times: number) =>
  new Uint8Array(Array.from({ length: times }, () => [...frame]).flat())

test('what was said comes back, the caller left and the operator right, and its length is told', async () => {
  const recording = recorder()
  write(recording, 120)
  await recording.end()
  expect(recording.told.ends).toEqual([{ durationMs: 2_400, bytes: statSync(file).size }])
  const sound = await read()
  expect(new Uint8Array(side(sound, 0))).toEqual(repeated(left, 120))
  expect(new Uint8Array(side(sound, 1))).toEqual(repeated(right, 120))
})

test('a message ends by itself when nobody speaks any more; that silence is no part of its length', async () => {
  const recording = recorder(file, 10_000)
  write(recording, 150)
  const quiet = toMuLaw(tone(50, 20, 30))
  for (let i = 0; i < 499; i++) recording.write(quiet, right)
  expect(recording.told.ends).toEqual([])
  recording.write(quiet, right)
  await recording.end()
  expect(recording.told.ends).toMatchObject([{ durationMs: 3_000 }])
  write(recording, 10) // too late
  expect(side(await read(), 0).length).toBe(650 * 160)
})

test('whoever said nothing at all left no message', async () => {
  const recording = recorder(file, 1_000)
  for (let i = 0; i < 60; i++) recording.write(new Uint8Array(160).fill(0xff), right)
  await recording.end()
  expect(recording.told.ends).toMatchObject([{ durationMs: 0 }])
})

test('nothing of the voices can be read in the file, and only its owner may open it', async () => {
  const recording = recorder()
  write(recording, 50)
  await recording.end()
  const bytes = readFileSync(file)
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('YIHUREC1')
  expect(bytes.includes(Buffer.from(left.subarray(0, 16)))).toBe(false)
  expect(statSync(file).mode & 0o077).toBe(0)
})

test('a power failure costs the second that was being written, not the recording', async () => {
  const recording = recorder()
  write(recording, 150)
  await recording.end()
  truncateSync(file, statSync(file).size - 5)
  expect(await read()).toHaveLength(2 * 16_000)
  truncateSync(file, 3)
  expect(await read()).toHaveLength(0)
})

test('a wrong key, a changed byte and chunks that changed places are all noticed', async () => {
  const recording = recorder()
  write(recording, 100)
  await recording.end()
  await expect(read(file, randomBytes(32))).rejects.toThrow()
  const bytes = readFileSync(file)
  const changed = Buffer.from(bytes)
  changed[100] = (changed[100] as number) ^ 1
  writeFileSync(file, changed)
  await expect(read()).rejects.toThrow()
  const sealed = (bytes.length - 8) / 2
  writeFileSync(file, Buffer.concat([bytes.subarray(0, 8), bytes.subarray(8 + sealed), bytes.subarray(8, 8 + sealed)]))
  await expect(read()).rejects.toThrow()
  writeFileSync(file, 'something else entirely')
  await expect(read()).rejects.toThrow('not a recording')
})

test('a recording that is begun again goes on after its last whole second', async () => {
  const first = recorder()
  write(first, 75)
  await first.end()
  truncateSync(file, statSync(file).size - 5)
  const second = recorder()
  write(second, 50)
  await second.end()
  expect(second.told.ends).toEqual([{ durationMs: 2_000, bytes: statSync(file).size }])
  expect(await read()).toHaveLength(2 * 16_000)
})

test.runIf(existsSync('/dev/full'))('a full disk ends the recording once, and writing on does no harm', async () => {
  const recording = recorder('/dev/full')
  write(recording, 200)
  await recording.end()
  write(recording, 200)
  await recording.end()
  expect(recording.told).toEqual({ ends: [{ durationMs: 0, bytes: 0 }], faults: ['ENOSPC'] })
})

test('a file that cannot be opened ends the recording and is told', async () => {
  writeFileSync(join(dir, 'calls'), 'a file where the folder should be')
  const recording = recorder()
  await recording.end()
  expect(recording.told.ends).toEqual([{ durationMs: 0, bytes: 0 }])
  expect(recording.told.faults).toHaveLength(1)
})

test('the waveform shows how loud each side was, and when', async () => {
  const recording = recorder()
  const silent = new Uint8Array(160).fill(0xff)
  for (let i = 0; i < 50; i++) recording.write(left, silent)
  for (let i = 0; i < 50; i++) recording.write(silent, right)
  await recording.end()
  const peaks = await peaksOf(readRecording(file, key), 4)
  expect(peaks.map(([l, r]) => [Math.round(l * 20), Math.round(r * 20)])).toEqual([
    [5, 0],
    [5, 0],
    [0, 2],
    [0, 2],
  ])
  expect(await peaksOf(readRecording(file, key), 3)).toHaveLength(3)
  expect(
    await peaksOf(
      (async function* () {
        yield* []
      })(),
      2,
    ),
  ).toEqual([
    [0, 0],
    [0, 0],
  ])
})
