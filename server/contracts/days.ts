/** The clock by which a centre's people live: hours of opening, days of a life and of a statistic. All of China has one, without summer time. */
export const centreZone = 'Asia/Shanghai'

const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone: centreZone, dateStyle: 'short' })

/** The day in the centre at this moment, YYYY-MM-DD. Days are compared as such texts, never as moments. Pure. */
export const dayAt = (time: Date): string => calendar.format(time)

/**
 * Whole years of somebody born on that day, on another day; both YYYY-MM-DD. By the calendar: a year is full on the birthday, and who was
 * born on 29 February is a year older on 1 March where there is none.
 */
export function ageOn(birthDate: string, day: string): number {
  const [year = 0, ...rest] = birthDate.split('-').map(Number)
  const [nowYear = 0, ...nowRest] = day.split('-').map(Number)
  const [month = 0, date = 0] = rest
  const [nowMonth = 0, nowDate = 0] = nowRest
  const hadBirthday = nowMonth > month || (nowMonth === month && nowDate >= date)
  return nowYear - year - (hadBirthday ? 0 : 1)
}
