import type { LegEnd, LegId } from '../../server/contracts/voice.ts'
import { createFloor } from './floor.ts'
import type { Leg, LegEvents, Opening, OpenLeg } from './leg.ts'
import { createPlayer } from './player.ts'
import { createPrompts } from './prompts.ts'
import type { MediaAnswer, MediaCommand, MediaEvent, MediaSettings, MediaStats } from './protocol.ts'
import { type Recorder, startRecorder } from './recorder.ts'
import { createRooms } from './rooms.ts'
import { createEcho, newSeat, type Seat } from './seat.ts'
import { createTick } from './tick.ts'

export type Core = {
  /** Carries out one command. Never rejects for anything that a command can say. */
  carryOut(command: MediaCommand): Promise<MediaAnswer>
  /** To be asked every second: sweeps up, and tells the figures since the last time. */
  everySecond(): MediaStats
  /** Closes all legs and completes the recordings. */
  stop(): Promise<void>
}

// Above this the gaps are heard. One slow second is a handshake; three in a row is a machine that has enough.
const lagMsMax = 60
const lagSeconds = 3

/** Legs, rooms and sound; no call, no person and no rule. */
export function createCore(parts: {
  settings: MediaSettings
  emit(event: MediaEvent): void
  openWeb: OpenLeg
  openRtp(how: { offer: string } | { secure: boolean }, events: LegEvents): Opening
  expectStream(token: string, events: LegEvents): Opening
  fault(what: string, error: unknown): void
  now?: () => number
}): Core {
  const { settings, emit, fault } = parts
  const now = parts.now ?? Date.now
  const seats = new Map<LegId, Seat>()
  const rooms = createRooms()
  const prompts = createPrompts()
  const recentLagMs: number[] = []
  /** Those that are being written, also after their room has ended. */
  const recorders = new Map<string, Recorder>()
  const floor = createFloor({ seats, rooms, lose, forget: remove, hangUp, fault })
  const tick = createTick({
    run: floor,
    skipped(ticks) {
      for (const { leg } of seats.values()) leg?.pause(ticks)
    },
  })

  const overloaded = () => recentLagMs.length === lagSeconds && recentLagMs.every((lag) => lag > lagMsMax)

  function turn(seat: Seat, state: Seat['state']): void {
    seat.state = state
    seat.ticksInState = 0
  }

  function lose(seat: Seat, because: LegEnd): void {
    seat.leg?.close()
    seat.leg = undefined
    turn(seat, 'lost')
    emit({ event: 'leg-down', legId: seat.legId, because })
  }

  function remove(seat: Seat): void {
    seat.leg?.close()
    seat.leg = undefined
    seat.order++
    seats.delete(seat.legId)
    if (seats.size > 0) return
    tick.stop()
    recentLagMs.length = 0
  }

  function hangUp(seat: Seat): void {
    remove(seat)
    emit({ event: 'leg-down', legId: seat.legId, because: 'hung-up' })
  }

  async function openLeg(legId: LegId, open: OpenLeg, offer: string): Promise<MediaAnswer> {
    const known = seats.get(legId)
    // Who was here before comes back in any case: they may be in the middle of a call.
    if (!known && (seats.size >= settings.legsMax || overloaded())) return { refused: 'overloaded' }
    const seat = known ?? newSeat(legId)
    const opening = ++seat.openings
    let leg: Leg | undefined
    const current = () => seat.leg === leg && seats.get(legId) === seat
    const { leg: opened, answer } = open(offer, {
      up() {
        if (!current()) return
        turn(seat, 'up')
        emit({ event: 'leg-up', legId })
      },
      down: (because) => current() && lose(seat, because),
      key: (key) => current() && emit({ event: 'dtmf', legId, key }),
    })
    leg = opened
    seats.set(legId, seat)
    tick.start()
    try {
      const sdp = await answer
      if (seat.openings !== opening || seats.get(legId) !== seat) {
        leg.close() // a later offer overtook this one, or the leg was closed meanwhile
        return { refused: 'no-such-leg' }
      }
      // Only now: an offer that we do not understand must not cost a line that works.
      seat.leg?.close()
      seat.leg = leg
      turn(seat, 'connecting')
      return { ok: true, sdp }
    } catch (error) {
      fault('offer not understood', error)
      if (!known && seat.openings === opening && seats.get(legId) === seat) remove(seat)
      return { refused: 'bad-sdp' }
    }
  }

  /** A description that we cannot follow leaves the leg as it was. */
  function understood(take: () => string | undefined): MediaAnswer {
    try {
      const sdp = take()
      return { ok: true, ...(sdp !== undefined && { sdp }) }
    } catch (error) {
      fault('offer not understood', error)
      return { refused: 'bad-sdp' }
    }
  }

  function bridge(roomId: string, legIds: LegId[]): MediaAnswer {
    if (legIds.length === 0) {
      rooms.end(roomId)
      return { ok: true }
    }
    rooms.settle(roomId, legIds, now())
    for (const legId of legIds) {
      const seat = seats.get(legId)
      if (!seat) continue
      seat.order++
      seat.player = undefined
      seat.echo = undefined
    }
    return { ok: true }
  }

  async function play(command: MediaCommand & { do: 'play' }): Promise<MediaAnswer> {
    const { legId, token } = command
    const seat = seats.get(legId)
    if (!seat) return { refused: 'no-such-leg' }
    if (seat.player?.token === token) {
      // Ordered twice: it goes on. Who asks again after its end may have missed that it was said.
      if (seat.player.finished) emit({ event: 'played', legId, token })
      return { ok: true }
    }
    const order = ++seat.order
    const sounds = await Promise.all(command.files.map((file) => prompts.load(file)))
    if (sounds.includes(undefined)) return { refused: 'no-such-file' }
    if (seat.order !== order) return { ok: true }
    rooms.leave(legId, now())
    seat.player = createPlayer({
      sounds: sounds.filter((sound) => sound !== undefined),
      after: command.after,
      token,
      music: seat.music,
      onPlayed: () => emit({ event: 'played', legId, token }),
    })
    return { ok: true }
  }

  function record({ roomId, to }: MediaCommand & { do: 'record' }): MediaAnswer {
    const room = to ? rooms.open(roomId, now()) : rooms.all.get(roomId)
    if (!room || (to && room.recorder?.recordingId === to.recordingId)) return { ok: true }
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
    recorders.set(recordingId, recorder)
    room.recorder = recorder
    return { ok: true }
  }

  return {
    async carryOut(command) {
      switch (command.do) {
        case 'open-web':
          return openLeg(command.legId, parts.openWeb, command.sdp)
        case 'open-rtp': {
          const { legId, sdp } = command
          const again = seats.get(legId)?.leg?.renegotiate
          if (again) return understood(() => again(sdp))
          return openLeg(legId, (offer, events) => parts.openRtp({ offer }, events), sdp)
        }
        case 'offer-rtp':
          return openLeg(command.legId, (_, events) => parts.openRtp({ secure: command.secure }, events), '')
        case 'accept-rtp': {
          const accept = seats.get(command.legId)?.leg?.accept
          if (!accept) return { refused: 'no-such-leg' }
          return understood(() => {
            accept(command.sdp)
            return undefined
          })
        }
        case 'expect-stream':
          return openLeg(command.legId, (token, events) => parts.expectStream(token, events), command.token)
        case 'keys': {
          const seat = seats.get(command.legId)
          seat?.leg?.press?.(command.keys)
          return seat ? { ok: true } : { refused: 'no-such-leg' }
        }
        case 'close-leg': {
          const seat = seats.get(command.legId)
          if (seat) remove(seat)
          return { ok: true }
        }
        case 'bridge':
          return bridge(command.roomId, command.legIds)
        case 'play':
          return play(command)
        case 'record':
          return record(command)
        case 'echo': {
          const seat = seats.get(command.legId)
          if (!seat) return { refused: 'no-such-leg' }
          seat.echo = command.on ? (seat.echo ?? createEcho()) : undefined
          return { ok: true }
        }
      }
    },
    everySecond() {
      rooms.sweep((legId) => seats.has(legId), now())
      const tickLagMs = tick.takeLagMs()
      if (seats.size > 0) recentLagMs.push(tickLagMs)
      if (recentLagMs.length > lagSeconds) recentLagMs.shift()
      let underruns = 0
      let packetsLost = 0
      for (const { leg } of seats.values()) {
        const counts = leg?.receiver.takeCounts()
        underruns += counts?.underruns ?? 0
        packetsLost += counts?.lost ?? 0
      }
      return {
        legs: seats.size,
        rooms: rooms.all.size,
        recordings: recorders.size,
        tickLagMs,
        underruns,
        packetsLost,
        residentBytes: process.memoryUsage.rss(),
      }
    },
    async stop() {
      tick.stop()
      for (const seat of [...seats.values()]) remove(seat)
      await Promise.all([...recorders.values()].map((recorder) => recorder.end()))
    },
  }
}
