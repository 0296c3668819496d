import { centreZone } from '../contracts/days.ts'
import type { PressHistory } from '../contracts/incidents.ts'
import type { Disposition } from '../contracts/vocabulary.ts'
import { minutes } from '../platform/clock.ts'

/** One press of a button; `closedAs` when its incident is closed. */
export type Press = { at: Date; closedAs: Disposition | null }

/** From how many presses on the care team looks into it, by the hours of the centre's clock. */
export const patternFrom = { pressesANight: 5, pressesIn7Days: 10, nightFromHour: 22, nightToHour: 7 }
export const historyDays = 30
const patternDays = 7
const timesMax = 50
const dayMs = minutes(24 * 60)
const halfDayMs = minutes(12 * 60)

/** Nobody was in need, as whoever spoke with them has found. */
const falsely: readonly (Disposition | null)[] = ['accidental-press', 'no-help-needed', 'equipment-fault']

const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: centreZone,
  dateStyle: 'short',
  timeStyle: 'short',
  hourCycle: 'h23',
})
const wall = (at: Date) => {
  const [day = '', time = ''] = clock.format(at).split(' ')
  return { day, hour: Number(time.slice(0, 2)) }
}

/** The night that a press falls into, by the day on which it began; undefined by day. */
function nightOf(at: Date): string | undefined {
  const { hour } = wall(at)
  const night = hour >= patternFrom.nightFromHour || hour < patternFrom.nightToHour
  return night ? wall(new Date(at.getTime() - halfDayMs)).day : undefined
}

/** Often in one night, or in a week? Pure. */
export function patternOf(presses: readonly Press[], now: Date): PressHistory['pattern'] {
  const recent = presses.filter(({ at }) => now.getTime() - at.getTime() < patternDays * dayMs)
  const nights = new Map<string, number>()
  for (const { at } of recent) {
    const night = nightOf(at)
    if (night) nights.set(night, (nights.get(night) ?? 0) + 1)
  }
  if (Math.max(0, ...nights.values()) >= patternFrom.pressesANight) return 'night'
  return recent.length >= patternFrom.pressesIn7Days ? 'week' : null
}

/** What the operator is told of the presses of somebody, oldest first as given. It says nothing of how grave the next one is. Pure. */
export function historyOf(presses: readonly Press[], now: Date): PressHistory {
  const within = (days: number) => presses.filter(({ at }) => now.getTime() - at.getTime() < days * dayMs)
  const count = (some: readonly Press[]) => ({
    count: some.length,
    falsely: some.filter(({ closedAs }) => falsely.includes(closedAs)).length,
  })
  const lastDay = within(1)
  return {
    times: lastDay.slice(-timesMax).map(({ at }) => at.toISOString()),
    lastDay: count(lastDay),
    last30Days: count(within(historyDays)),
    pattern: patternOf(presses, now),
  }
}
