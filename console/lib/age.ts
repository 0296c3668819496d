import { ageOn, dayAt } from '../../server/contracts/days.ts'
import { serverNow } from './clock.ts'

/** Today in the centre, YYYY-MM-DD, by the server's clock: a desk may stand in another zone, and its clock may be wrong. */
export const today = (): string => dayAt(new Date(serverNow()))

/** Whole years since a birth date, written YYYY-MM-DD. */
export const ageOf = (birthDate: string): number => ageOn(birthDate, today())
