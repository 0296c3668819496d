import { hash, verify } from '@node-rs/argon2'

// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(password, cost)
export const passwordFits = (hashed: string, password: string): Promise<boolean> => verify(hashed, password)

let decoy: Promise<string> | undefined
/** An unknown name costs as much time as a wrong password, so that neither tells which it was. */
export async function spendTheSameTime(password: string): Promise<void> {
  decoy ??= hashPassword('nobody has this password')
  await passwordFits(await decoy, password)
}
