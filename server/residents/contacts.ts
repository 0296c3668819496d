import type { Contact } from '../../prisma/generated/client.ts'
import type { ContactView } from '../contracts/residents.ts'

type Given = Pick<ContactView, 'name' | 'relation' | 'phone' | 'keyholder' | 'hours' | 'minutesAway'>

/**
 * The contacts of a form in their order. Who keeps their number keeps the history of being reached; where two share one
 * (a couple's landline), the name tells them apart, and nobody's history is given out twice.
 */
export function contactRows(residentId: string, given: Given[], before: Contact[], newId: () => string): Contact[] {
  const left = [...before]
  const take = (fits: (old: Contact) => boolean) => {
    const i = left.findIndex(fits)
    return i < 0 ? undefined : left.splice(i, 1)[0]
  }
  const exact = given.map(({ name, phone }) => take((old) => old.phone === phone && old.name === name))
  return given.map((contact, i) => {
    const same = exact[i] ?? take((old) => old.phone === contact.phone)
    return {
      ...contact,
      id: same?.id ?? newId(),
      residentId,
      position: i + 1,
      lastReachedAt: same?.lastReachedAt ?? null,
      lastResult: same?.lastResult ?? null,
    }
  })
}
