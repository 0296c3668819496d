import { centreZone } from '../contracts/days.ts'
import type { OpeningHours } from '../contracts/hotlines.ts'

export type OpenState = {
  open: boolean
  /** When that changes; null: not within the days that are looked at. */
  until: Date | null
}

// Longer than any week of holidays; a number that is closed for longer should be switched off instead.
const lookAheadDays = 15

type Span = { from: number; to: number }

/**
 * Is the number open now, and until when? Without hours it always is, so that nothing closes by accident. A single date
 * takes the place of the week's hours that begin on that day; what began the evening before runs to its end. Pure.
 */
export function stateAt(hours: OpeningHours, now: Date, zone = centreZone): OpenState {
  if (hours.week.length === 0 && hours.dates.length === 0) return { open: true, until: null }
  const today = dayOf(now.getTime(), zone)
  const days = Array.from({ length: lookAheadDays + 1 }, (_, i) => dayAfter(today, i - 1))
  const spans = joined(days.flatMap((day) => spansOf(hours, day, zone)))
  const at = now.getTime()
  const current = spans.find((span) => span.from <= at && at < span.to)
  const horizon = instant(days.at(-1) as string, '00:00', zone)
  if (current) return { open: true, until: current.to >= horizon ? null : new Date(current.to) }
  const next = spans.find((span) => span.from > at)
  return { open: false, until: next ? new Date(next.from) : null }
}

const roundTheClock = { from: '00:00', to: '00:00' }

/** The hours that begin on this day; an end that is not later than its beginning lies on the next one. */
function spansOf({ week, dates }: OpeningHours, day: string, zone: string): Span[] {
  const single = dates.find(({ date }) => date === day)
  const ofWeek = week.length === 0 ? [roundTheClock] : week.filter((one) => one.day === weekdayOf(day))
  const hours = single ? (single.open ? [single.open] : []) : ofWeek
  return hours.map(({ from, to }) => ({
    from: instant(day, from, zone),
    to: instant(to > from ? day : dayAfter(day, 1), to, zone),
  }))
}

/** In order, those that touch each other as one: nobody is told that we close at midnight and open again at midnight. */
function joined(spans: Span[]): Span[] {
  const whole: Span[] = []
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else whole.push({ ...span })
  }
  return whole
}

const dayMs = 86_400_000
const utc = (day: string) => Date.parse(`${day}T00:00:00Z`)
const dayAfter = (day: string, days: number) => new Date(utc(day) + days * dayMs).toISOString().slice(0, 10)
/** Monday is 1. */
const weekdayOf = (day: string) => ((new Date(utc(day)).getUTCDay() + 6) % 7) + 1

const clocks = new Map<string, Intl.DateTimeFormat>()

/** What the clock on the wall says there, written as if it were UTC. */
function wallAt(at: number, zone: string): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' })
  clocks.set(zone, clock)
  return Date.parse(`${clock.format(at).replace(' ', 'T')}Z`)
}

const dayOf = (at: number, zone: string) => new Date(wallAt(at, zone)).toISOString().slice(0, 10)

/** When the clock there says so. Asked twice, since the first guess may lie on the other side of a change to summer time. */
function instant(day: string, time: string, zone: string): number {
  const wall = Date.parse(`${day}T${time}:00Z`)
  const guess = wall - (wallAt(wall, zone) - wall)
  return wall - (wallAt(guess, zone) - guess)
}
