// Until the server has said it, this machine's own: nothing dated is shown before that.
let zone: string | undefined

/** The centre's zone, as the server tells it: a desk elsewhere shows the hours that the messages name. */
export function learnZone(name: string): void {
  zone = name
}

/** How a time is written here. The only place that writes one. */
export const clockIn = (language: string, how: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(language, { ...how, ...(zone && { timeZone: zone }) })
