import { v7 } from 'uuid'
import type { AlarmReceipt, AlarmSignal, DeviceSignal } from '../contracts/alarms.ts'
import type { AlarmType } from '../contracts/vocabulary.ts'
import type { Stored } from '../incidents/store.ts'
import { allowancesSeconds, escalationStepsMs, reopenedWithinMs, unitCallsWithinMs } from '../incidents/timers.ts'
import { pushOf, rowView } from '../incidents/view.ts'
import { after, minutes, seconds } from '../platform/clock.ts'
import { groupCommit, ofOneRow } from '../platform/group-commit.ts'
import type { Parts } from '../platform/parts.ts'
import { isNowhere } from '../platform/place.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { openFromAlarmSql } from './open-from-alarm-sql.ts'

/** The class of a signal by its type; the resident's line class may raise it. Technical ones are never raised by it. */
const classes: Record<AlarmType, number> = {
  button: 2,
  fall: 1,
  smoke: 1,
  gas: 1,
  flood: 2,
  inactivity: 2,
  unknown: 2,
  'low-battery': 4,
  mains: 4,
  line: 4,
  fault: 4,
  tamper: 4,
  test: 5,
}
/** Whoever is in need does not wait behind batteries and lines, however many come at once. */
const needsSomebody = (signal: Signal) => (signal.class ?? classes[signal.type]) <= 2
const clockAdriftMs = minutes(5)
const lateMs = minutes(2)
// A device that kept a press for longer than a day has more likely lost its clock.
const lateMaxMs = minutes(24 * 60)
const lowBattery = 0.2
// A device that got no answer tries again for hours; the same number later than that is a counter that was reset.
const sentAgainWithinMs = minutes(24 * 60)
const batchMax = 256
const waitingMax = 20_000
// Two scrapes of whoever watches.
const refusedCountsMs = seconds(30)

/** From whom: whoever shows this key, or the device that its protocol has made sure of. */
type From = { keyHash: Buffer } | { deviceId: string }
export type Signal = AlarmSignal &
  From & {
    receivedAt: Date
    warnings?: AlarmReceipt['notes']
    /** What the device said in its own words, for the operator. */
    said?: string
    /** Which part of the device a fault is about. */
    part?: string
    /** Within this time the same sequence is the same press; a protocol whose numbers soon come again has a shorter one. */
    sentAgainWithinMs?: number
    /** Only of our supervision, with a sequence below zero: how grave the silence is. */
    class?: 3 | 4
    voice?: DeviceSignal['voice']
    ownNumber?: string
  }
type Result = { receipt: AlarmReceipt; created: boolean } | Refusal

/** Since when the same sequence is the same press. Pure. */
export const sentAgainAfter = (signal: Signal, now: Date): Date =>
  new Date(now.getTime() - (signal.sentAgainWithinMs ?? sentAgainWithinMs))

/** What is odd about a signal, for the operator to see; none of it costs the alarm. Pure. */
export function notesOn(signal: AlarmSignal, receivedAt: Date): AlarmReceipt['notes'] {
  const notes: AlarmReceipt['notes'] = []
  const agoMs = signal.pressedAt ? receivedAt.getTime() - new Date(signal.pressedAt).getTime() : 0
  if (agoMs < -clockAdriftMs || agoMs > lateMaxMs) notes.push('clock-adrift')
  else if (agoMs > lateMs) notes.push('late')
  if (signal.battery !== undefined && signal.battery < lowBattery) notes.push('low-battery')
  if (signal.position && isNowhere(signal.position)) notes.push('position-none')
  return notes
}

type Answered = Stored & {
  n: number
  alarmId: string | null
  incidentId: string | null
  duplicate: boolean
  handling: string
  deviceNotes: string[]
  opened: boolean | null
  pushed: boolean
}

/**
 * Takes signals in: alarm, incident (opened, or the open one attached to), timeline fact, device status and the outbox are
 * one statement for a whole batch of signals, committed before any of the senders gets its answer.
 */
export function alarmIntake(parts: Parts, { watched = true } = {}) {
  /** When a press could last not be stored, unless one was stored since. */
  let refusedAt: Date | undefined
  // One commit after the other: two at once would share out what one stores in half the time, and a device that presses
  // twice would meet itself. The floor of it is one flush of the disk.
  const line = groupCommit<Signal, Result>(
    async (batch) => {
      try {
        const results = await commit(parts, batch)
        refusedAt = undefined
        return results
      } catch (error) {
        // A press that met another, or that waits for a row, is no outage of the line.
        if (!ofOneRow(error)) {
          refusedAt = parts.clock.now()
          parts.metrics.alarmsRefused.inc(batch.length)
        }
        throw error
      }
    },
    { batchMax, waitingMax, lanes: 1 },
  )
  if (watched) parts.metrics.watchIntake(line.waiting)
  return {
    /** The receipt after commit; `unknown-key` stores nothing. Throws an outage when the database does not take it. */
    receive: (signal: Signal): Promise<Result> => line.submit(signal, needsSomebody(signal)),
    waiting: line.waiting,
    /** Was one not stored a moment ago, and none since? A full disk can be read, and takes a word here and there. */
    refusedLately: (): boolean => refusedAt !== undefined && parts.clock.now() < after(refusedAt, refusedCountsMs),
  }
}
export type AlarmIntake = ReturnType<typeof alarmIntake>

async function commit(parts: Parts, batch: Signal[], tries = 3): Promise<Result[]> {
  const column = <T>(of: (signal: Signal, n: number) => T) => batch.map(of)
  const now = parts.clock.now()
  const notes = batch.map((signal) => [...notesOn(signal, signal.receivedAt), ...(signal.warnings ?? [])])
  const places = batch.map(({ position }) => (position && !isNowhere(position) ? position : undefined))
  let rows: Answered[]
  try {
    rows = await parts.db.prepared<Answered>('open-from-alarm', openFromAlarmSql, [
      column((_, n) => n),
      column((s) => ('keyHash' in s ? s.keyHash : null)),
      column(() => v7()),
      column(() => v7()),
      column((s) => s.sequence),
      column((s) => s.type),
      column((s) => s.class ?? classes[s.type]),
      column((s) => (s.pressedAt ? new Date(s.pressedAt) : s.receivedAt)),
      column((s) => s.receivedAt),
      // Kept in four bytes: a fraction too small for them would make PostgreSQL refuse the whole press.
      column((s) => (s.battery === undefined ? null : Math.fround(s.battery))),
      column((_, n) => places[n]?.lat ?? null),
      column((_, n) => places[n]?.lon ?? null),
      column((_, n) => (notes[n] ?? []).join(',')),
      now,
      allowancesSeconds,
      new Date(now.getTime() - reopenedWithinMs),
      new Date(now.getTime() + (escalationStepsMs[0] ?? seconds(10))),
      column(() => v7()),
      column(() => v7()),
      column((s) => s.pressedAt !== undefined),
      column((s) => sentAgainAfter(s, now)),
      column((s) => ('deviceId' in s ? s.deviceId : null)),
      column((s) => s.said ?? ''),
      column((s) => s.voice ?? null),
      column(() => v7()),
      column((s) => s.ownNumber ?? null),
      after(now, unitCallsWithinMs),
    ])
  } catch (error) {
    // Unique violation or deadlock: the same press came through another process at the same moment. It is there now.
    const code = (error as { code?: string }).code
    if (batch.length === 1 && tries > 1 && (code === '23505' || code === '40P01'))
      return commit(parts, batch, tries - 1)
    throw error
  }
  parts.metrics.alarmBatch.observe(batch.length)
  const committed = parts.clock.now()
  const results = new Array<Result>(batch.length).fill(
    refuse('unknown-key', 'This device key is not known. Enrol the device again.'),
  )
  for (const row of rows) {
    const receipt = {
      alarmId: row.alarmId as string,
      incidentId: row.incidentId,
      duplicate: row.duplicate,
      notes: [...(notes[row.n] ?? []), ...(row.deviceNotes as AlarmReceipt['notes'])],
    }
    results[row.n] = { receipt, created: !row.duplicate }
    if (!row.duplicate) parts.metrics.alarms.inc({ handling: row.handling })
    if (row.pushed && row.id) {
      const from = (batch[row.n] as Signal).receivedAt
      parts.trace.station(row.id, { name: 'press', from, to: committed, opens: row.opened === true })
      parts.trace.station(row.id, { name: 'commit', from: now, to: committed, about: { signals: batch.length } })
    }
    if (row.pushed && row.id) parts.realtime.toArea(row.areaPath, 'incident.changed', pushOf(rowView(row)))
  }
  if (rows.some((row) => row.opened || row.pushed || row.handling === 'test')) parts.outbox.kick()
  return results
}
