import { type Refusal, refuse } from './refusal.ts'

export type Place = { lat: number; lon: number }

/** A receiver without a fix says 0,0; nobody of ours lives in the sea off Africa. About a kilometre around it. */
const nowhereDegrees = 0.01
export const isNowhere = ({ lat, lon }: Place): boolean =>
  Math.abs(lat) < nowhereDegrees && Math.abs(lon) < nowhereDegrees

/** Where a home is, in a statement: one that the books have in the sea stands at the centre of its area until somebody knows better. */
export const homeSql = (axis: 'lat' | 'lon', home: string, area: string): string =>
  `CASE WHEN abs(${home}.lat) < ${nowhereDegrees} AND abs(${home}.lon) < ${nowhereDegrees} THEN ${area}.${axis} ELSE ${home}.${axis} END`

/**
 * Farther than this from their home a told position decides nothing: a receiver that jumps is likelier than a journey, and no
 * helper of a district is there within any time that is promised. It is shown with a warning, and a person decides. The same
 * for a helper: nobody is asked by themselves to come from farther.
 */
export const farAwayM = 50_000

const earthRadiusM = 6_371_000
const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Along the great circle. */
export function metresBetween(a: Place, b: Place): number {
  const half = (from: number, to: number) => Math.sin(radians(to - from) / 2) ** 2
  const h = half(a.lat, b.lat) + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * half(a.lon, b.lon)
  return 2 * earthRadiusM * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** A place of a form: somewhere, and near the area in which it is said to lie. The refusal says what to do. */
export function placeField(form: Place, near: Place | null, path = 'form.lat'): Refusal | undefined {
  if (isNowhere(form))
    return refuse('invalid', 'Choose the place on the map: 0, 0 lies in the sea and is no home.', [
      { path, message: 'no-place' },
    ])
  if (near && !isNowhere(near) && metresBetween(form, near) > farAwayM)
    return refuse('invalid', 'This place is more than 50 km from the area. Are latitude and longitude exchanged?', [
      { path, message: 'far-from-area' },
    ])
  return undefined
}
