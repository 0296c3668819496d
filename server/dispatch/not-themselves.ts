import type { Tx } from '../platform/db.ts'
import { readPhone } from '../platform/phone.ts'
import type { Candidate } from './model.ts'

/** Whose telephone it is does not depend on how it was written. */
const same = (number: string): string => readPhone(number)?.number ?? number.replace(/[^\d+]/g, '')

/** The telephones of whoever is to be helped, and of their family. */
export async function phonesOf(
  db: Pick<Tx, 'query'>,
  residentId: string | null,
): Promise<{ own: Set<string>; family: Set<string> }> {
  const rows = await db.query<{ phone: string; own: boolean }>(
    `SELECT phone, true AS own FROM resident WHERE id = $1 AND phone IS NOT NULL
     UNION ALL SELECT own_number, true FROM device WHERE resident_id = $1 AND own_number IS NOT NULL
     UNION ALL SELECT phone, false FROM contact WHERE resident_id = $1`,
    [residentId],
  )
  const of = (own: boolean) => new Set(rows.filter((row) => row.own === own).map((row) => same(row.phone)))
  return { own: of(true), family: of(false) }
}

/** Nobody is asked to help themselves; one of the family is asked like anybody, and it is said that they are family. Pure. */
export function notThemselves<C extends Pick<Candidate, 'phone'>>(
  candidates: C[],
  phones: { own: Set<string>; family: Set<string> },
): (C & { family: boolean })[] {
  return candidates
    .filter(({ phone }) => !phones.own.has(same(phone)))
    .map((candidate) => ({ ...candidate, family: phones.family.has(same(candidate.phone)) }))
}
