import { hashingLine, type Place, type Rank } from './hashing.ts'

// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

const line = hashingLine()

/** A place in line; throws, answered as 429, when as many of this rank wait as can be answered in time. */
export const admitPassword = (rank: Rank): Promise<Place> => line.admit(rank)
export const hashPassword = (password: string): Promise<string> => line.ask({ password, cost }, 'known')
export const passwordFits = (hashed: string, password: string, place: Place): Promise<boolean> =>
  place.ask({ password, hashed })

let decoy: Promise<string> | undefined
/** An unknown name costs as much time as a wrong password, so that neither tells which it was. */
export async function spendTheSameTime(password: string, place: Place): Promise<void> {
  decoy ??= hashPassword('nobody has this password')
  await passwordFits(await decoy, password, place)
}
