import type { LegId } from '../../server/contracts/voice.ts'
import { createPlayer } from './player.ts'
import { createPrompts } from './prompts.ts'
import type { MediaAnswer, MediaCommand, MediaEvent } from './protocol.ts'
import { type Recorder, startRecorder } from './recorder.ts'
import type { Rooms } from './rooms.ts'
import { createEcho, type Slot } from './slot.ts'
import { makeTones } from './tones.ts'

type Order<Do extends MediaCommand['do']> = MediaCommand & { do: Do }

export type Sounds = {
  bridge(order: Order<'bridge'>): MediaAnswer
  play(order: Order<'play'>): Promise<MediaAnswer>
  tones(order: Order<'tones'>): MediaAnswer
  echo(order: Order<'echo'>): MediaAnswer
  record(order: Order<'record'>): MediaAnswer
  /** Those that are being written, also after their room has ended. */
  readonly recorders: Map<string, Recorder>
}

/** What each place is to hear, and what is written down of it. */
export function createSounds(parts: {
  slots: Map<LegId, Slot>
  rooms: Rooms
  emit(event: MediaEvent): void
  fault(what: string, error: unknown): void
  now(): number
}): Sounds {
  const { slots, rooms, emit, fault, now } = parts
  const prompts = createPrompts()
  const recorders = new Map<string, Recorder>()

  return {
    recorders,
    bridge({ roomId, legIds, only }) {
      if (legIds.length === 0) {
        rooms.end(roomId)
        return { ok: true }
      }
      rooms.settle(roomId, legIds, now(), only)
      for (const legId of legIds) {
        const slot = slots.get(legId)
        if (!slot) continue
        slot.order++
        if (slot.player || slot.echo) slot.leg?.flush()
        slot.player = undefined
        slot.echo = undefined
      }
      return { ok: true }
    },
    async play({ legId, token, files, after, tailMs }) {
      const slot = slots.get(legId)
      if (!slot) return { refused: 'no-such-leg' }
      if (slot.player?.token === token) {
        // Ordered twice: it goes on. Who asks again after its end may have missed that it was said.
        if (slot.player.finished) emit({ event: 'played', legId, token })
        return { ok: true }
      }
      const order = ++slot.order
      const sounds = await Promise.all(files.map((file) => prompts.load(file)))
      if (sounds.includes(undefined)) return { refused: 'no-such-file' }
      if (slot.order !== order) return { ok: true }
      rooms.leave(legId, now())
      slot.leg?.flush()
      slot.player = createPlayer({
        sounds: sounds.filter((sound) => sound !== undefined),
        after,
        tailMs,
        token,
        music: slot.music,
        onPlayed: () => emit({ event: 'played', legId, token }),
      })
      return { ok: true }
    },
    tones({ legId, tones, token }) {
      const slot = slots.get(legId)
      if (!slot) return { refused: 'no-such-leg' }
      slot.order++
      rooms.leave(legId, now())
      slot.player = createPlayer({
        sounds: [makeTones(tones)],
        after: 'silence',
        token,
        music: slot.music,
        onPlayed: () => emit({ event: 'played', legId, token }),
      })
      return { ok: true }
    },
    echo({ legId, on }) {
      const slot = slots.get(legId)
      if (!slot) return { refused: 'no-such-leg' }
      slot.echo = on ? (slot.echo ?? createEcho()) : undefined
      return { ok: true }
    },
    record({ roomId, to }) {
      const room = to ? rooms.open(roomId, now()) : rooms.all.get(roomId)
      if (!room) return { ok: true }
      if (to && room.recorder?.recordingId === to.recordingId) {
        room.recorder.endAfterSilence(to.silentMsMax)
        return { ok: true }
      }
      void room.recorder?.end()
      room.recorder = undefined
      if (!to) return { ok: true }
      const { recordingId } = to
      const recorder: Recorder = startRecorder({
        recordingId,
        file: to.file,
        key: Buffer.from(to.keyHex, 'hex'),
        left: to.left,
        after: recorders.get(recordingId)?.end(),
        onEnd(durationMs, bytes) {
          if (recorders.get(recordingId) === recorder) recorders.delete(recordingId)
          emit({ event: 'recorded', recordingId, durationMs, bytes })
        },
        onFault: (what) => fault('recording broke off', what),
      })
      recorder.endAfterSilence(to.silentMsMax)
      recorders.set(recordingId, recorder)
      room.recorder = recorder
      return { ok: true }
    },
  }
}
