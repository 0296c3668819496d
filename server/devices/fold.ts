import { minutes } from '../platform/clock.ts'

/** So many of one gateway or building, and this share of all there: it is the gateway and not the devices. */
const outageFrom = 5
const outageShare = 0.6
const togetherMs = minutes(5)

/** A device that is lost and of which nobody has been told. `fold` is what it hangs on; `others` are all devices there, it among them. */
export type Lost = {
  id: string
  residentId: string | null
  class: 3 | 4
  fold: string | null
  others: number
  silentSince: Date
}
export type Told = { alone: Lost[]; outages: { fold: string; devices: Lost[] }[] }

/**
 * Whom to tell a person of now, and in which form. Heartbeats are spread over their interval, so those of a dead gateway get
 * lost one after the other: where there are enough to fold, each waits for the others of its five minutes. What hangs on
 * something that is known to be out is folded at once. Pure.
 */
export function foldLost(lost: Lost[], out: ReadonlySet<string>, now: Date): Told {
  const told: Told = { alone: [], outages: [] }
  const groups = new Map<string, Lost[]>()
  for (const one of lost) {
    if (one.fold === null || (one.others < outageFrom && !out.has(one.fold))) told.alone.push(one)
    else groups.set(one.fold, [...(groups.get(one.fold) ?? []), one])
  }
  for (const [fold, devices] of groups) {
    const newest = Math.max(...devices.map((one) => one.silentSince.getTime()))
    const together = devices.filter((one) => newest - one.silentSince.getTime() <= togetherMs).length
    const many = together >= outageFrom && together >= outageShare * (devices[0] as Lost).others
    if (many || out.has(fold)) told.outages.push({ fold, devices })
    else told.alone.push(...devices.filter((one) => now.getTime() - one.silentSince.getTime() >= togetherMs))
  }
  return told
}
