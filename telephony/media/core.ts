import type { ExpectLeg, OpenLeg, RtpLegs } from './leg.ts'
import type { MediaAnswer, MediaCommand, MediaEvent, MediaSettings, MediaStats } from './protocol.ts'
import { createRooms } from './rooms.ts'
import { createSlots } from './slots.ts'
import { createSounds } from './sounds.ts'
import { createTick } from './tick.ts'
import { createTickWork } from './tick-work.ts'

export type Core = {
  /** Carries out one command. Never rejects for anything that a command can say. */
  carryOut(command: MediaCommand): Promise<MediaAnswer>
  /** To be asked every second: sweeps up, and tells the figures since the last time. */
  everySecond(): MediaStats
  /** Closes all legs and completes the recordings. */
  stop(): Promise<void>
}

/** What carries a leg; from its opening on they cannot be told apart. */
export type Ways = { web: OpenLeg; rtp: RtpLegs; stream: { expect: ExpectLeg } }

// Above this the gaps are heard. One slow second is a handshake; three in a row is a machine that has enough.
const lagMsMax = 60
const lagSeconds = 3

/** Legs, rooms and sound; no call, no person and no rule. */
export function createCore(parts: {
  settings: MediaSettings
  emit(event: MediaEvent): void
  ways: Ways
  fault(what: string, error: unknown): void
  now?: () => number
}): Core {
  const { settings, emit, ways, fault } = parts
  const now = parts.now ?? Date.now
  const recentLagMs: number[] = []
  const overloaded = () => recentLagMs.length === lagSeconds && recentLagMs.every((lag) => lag > lagMsMax)
  const slots = createSlots({
    full: (legs) => legs >= settings.legsMax || overloaded(),
    emit,
    fault,
    onBusy(busy) {
      if (busy) return tick.start()
      tick.stop()
      recentLagMs.length = 0
    },
  })
  const rooms = createRooms()
  const sounds = createSounds({ slots: slots.all, rooms, emit, fault, now })
  const tick = createTick({
    run: createTickWork({ slots, rooms, fault }),
    skipped(ticks) {
      for (const { leg } of slots.all.values()) leg?.pause(ticks)
    },
  })

  return {
    async carryOut(command) {
      switch (command.do) {
        case 'open-web':
          return slots.open(command.legId, (events) => ways.web(command.sdp, events))
        case 'open-rtp':
          return slots.openAgain(command.legId, command.sdp, (events) => ways.rtp.answer(command, events))
        case 'offer-rtp':
          return slots.open(command.legId, (events) => ways.rtp.offer(command, events))
        case 'accept-rtp':
          return slots.accept(command.legId, command.sdp)
        case 'expect-stream':
          return slots.open(command.legId, (events) => ways.stream.expect(command.token, events))
        case 'keys':
          return slots.press(command.legId, command.keys, command.pressMs)
        case 'close-leg': {
          const slot = slots.all.get(command.legId)
          if (slot) slots.remove(slot)
          return { ok: true }
        }
        case 'bridge':
          return sounds.bridge(command)
        case 'play':
          return sounds.play(command)
        case 'tones':
          return sounds.tones(command)
        case 'record':
          return sounds.record(command)
        case 'echo':
          return sounds.echo(command)
      }
    },
    everySecond() {
      rooms.sweep((legId) => slots.all.has(legId), now())
      const tickLagMs = tick.takeLagMs()
      if (slots.all.size > 0) recentLagMs.push(tickLagMs)
      if (recentLagMs.length > lagSeconds) recentLagMs.shift()
      const counts = [...slots.all.values()].flatMap(({ leg }) => leg?.receiver.takeCounts() ?? [])
      const sum = (of: keyof (typeof counts)[number]) => counts.reduce((all, one) => all + one[of], 0)
      return {
        legs: slots.all.size,
        rooms: rooms.all.size,
        recordings: sounds.recorders.size,
        tickLagMs,
        underruns: sum('underruns'),
        packetsLost: sum('lost'),
        packetsRefused: sum('refused'),
        residentBytes: process.memoryUsage.rss(),
      }
    },
    async stop() {
      tick.stop()
      for (const slot of [...slots.all.values()]) slots.remove(slot)
      await Promise.all([...sounds.recorders.values()].map((recorder) => recorder.end()))
    },
  }
}
