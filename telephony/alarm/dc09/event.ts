/** What stands in the data block: whose, what, and when by the panel's clock. */
export type Event = {
  account: string
  /** `ADM-CID`: `1101 01 015`. `SIA-DCS`: `Nri01/MA015`. Empty in a NULL. */
  data: string
  at: Date | undefined
  position: { lat: number; lon: number } | undefined
}

const time = /^_(\d\d):(\d\d):(\d\d),(\d\d)-(\d\d)-(\d{4})$/

/** Reads `#1234|1101 01 015][Xlon][Ylat]_08:29:58,03-15-2026`, the clear text behind the account's `[`; undefined when it is not that. */
export function readEvent(body: string): Event | undefined {
  const end = body.indexOf(']')
  if (end < 0) return undefined
  const inside = body.slice(0, end)
  const found = inside === '' ? ['', '', ''] : /^#([0-9A-F]{3,16})(?:\|(.*))?$/s.exec(inside)
  if (!found) return undefined
  const behind = /^((?:\[[^[\]]*\])*)(_.*)?$/s.exec(body.slice(end + 1))
  if (!behind) return undefined
  const [, extensions = '', stamp] = behind
  const at = stamp === undefined ? undefined : readTime(stamp)
  if (stamp !== undefined && !at) return undefined
  return { account: found[1] ?? '', data: found[2] ?? '', at, position: readPosition(extensions) }
}

function readTime(stamp: string): Date | undefined {
  const [, hour, minute, second, month, day, year] = (time.exec(stamp) ?? []).map(Number)
  if (year === undefined) return undefined
  const at = new Date(Date.UTC(year, (month ?? 0) - 1, day, hour, minute, second))
  // 31 February and 25 o'clock come out as another day.
  const same = at.getUTCDate() === day && at.getUTCHours() === hour && at.getUTCMinutes() === minute
  return same ? at : undefined
}

/** `[X119.98W]`-like extensions are written with a direction letter or a sign; what cannot be read is left out. */
function readPosition(extensions: string): Event['position'] {
  const part = (letter: string) => {
    const [, degrees, way] = new RegExp(`\\[${letter}(-?\\d{1,3}(?:\\.\\d+)?)([NSEW])?\\]`).exec(extensions) ?? []
    return degrees === undefined ? undefined : Number(degrees) * (way === 'S' || way === 'W' ? -1 : 1)
  }
  const [lon, lat] = [part('X'), part('Y')]
  return lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180 ? undefined : { lat, lon }
}

/** `_08:30:00,03-15-2026`, UTC. */
export function writeTime(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':')
  return `_${clock},${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}-${at.getUTCFullYear()}`
}
