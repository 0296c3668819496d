import { v7 } from 'uuid'
import { audit } from '../access/audit.ts'
import type { HouseholdForm, HouseholdView, ResidentForm, ResidentView } from '../contracts/residents.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { searchText } from '../platform/search-text.ts'
import { phoneField } from './phone.ts'
import { loadHousehold, loadResidentView } from './queries.ts'
import { addressLine, householdView } from './view.ts'

export const stale = (): Refusal =>
  refuse('stale-version', 'Somebody has changed it meanwhile. Look again and enter your change anew.')
const toDate = (day: string | null) => (day ? new Date(`${day}T00:00:00Z`) : null)

/** The text a resident is found by; the household's address is part of it and is kept in step by `saveHousehold`. */
export const residentSearch = (
  resident: { name: string; nameToUse: string; phone: string | null },
  address: string,
): string => searchText([resident.name, resident.nameToUse, address], [resident.phone])

/** All numbers of the form in E.164, or the refusal that names the first one that is none. */
function normalise(form: ResidentForm): ResidentForm | Refusal {
  const own = phoneField(form.phone, 'form.phone')
  if (isRefusal(own)) return own
  const contacts: ResidentForm['contacts'] = []
  for (const [i, contact] of form.contacts.entries()) {
    const its = phoneField(contact.phone, `form.contacts.${i}.phone`)
    if (isRefusal(its)) return its
    contacts.push({ ...contact, phone: its.phone ?? '' })
  }
  return { ...form, phone: own.phone, contacts }
}

/** Adds or changes a resident and their contacts in one transaction; the audit says who. */
export async function saveResident(
  parts: Parts,
  caller: Caller,
  given: ResidentForm,
  existing?: { id: string; version: number },
): Promise<ResidentView | Refusal> {
  const { prisma, seal } = parts
  const form = normalise(given)
  if (isRefusal(form)) return form
  const household = await loadHousehold(parts, form.householdId, caller.pathsFor('write-file'))
  if (!household)
    return refuse('invalid', 'Choose a household of your area.', [
      { path: 'form.householdId', message: 'not found in your area' },
    ])
  if (existing && !(await loadResidentView(parts, existing.id, caller.pathsFor('write-file'))))
    return refuse('not-found')
  const { contacts, healthNotes, householdId, birthDate, reviewDue, ...plain } = form
  const data = {
    ...plain,
    householdId,
    areaId: household.areaId,
    birthDate: toDate(birthDate),
    reviewDue: toDate(reviewDue),
    search: residentSearch(form, addressLine(household)),
    ...(healthNotes !== null && { healthSealed: healthNotes ? new Uint8Array(seal.seal(healthNotes)) : null }),
  }
  const id = existing?.id ?? v7()
  const saved = await prisma.$transaction(async (tx) => {
    if (existing) {
      const { count } = await tx.resident.updateMany({
        where: { id, version: existing.version },
        data: { ...data, version: { increment: 1 } },
      })
      if (count === 0) return false
    } else await tx.resident.create({ data: { id, ...data } })
    const before = await tx.contact.findMany({ where: { residentId: id } })
    await tx.contact.deleteMany({ where: { residentId: id } })
    await tx.contact.createMany({
      data: contacts.map((contact, i) => {
        // Who keeps their number keeps the history of being reached.
        const same = before.find((old) => old.phone === contact.phone)
        return {
          id: same?.id ?? v7(),
          residentId: id,
          position: i + 1,
          ...contact,
          lastReachedAt: same?.lastReachedAt ?? null,
          lastResult: same?.lastResult ?? null,
        }
      }),
    })
    return true
  })
  if (!saved) return stale()
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'resident',
    subjectId: id,
  })
  return (await loadResidentView(parts, id)) ?? refuse('not-found')
}

export async function saveHousehold(
  parts: Parts,
  caller: Caller,
  form: HouseholdForm,
  existing?: { id: string; version: number },
): Promise<HouseholdView | Refusal> {
  const { prisma, seal } = parts
  const paths = caller.pathsFor('write-file')
  const area = await prisma.area.findUnique({ where: { id: form.areaId } })
  if (!area || !paths.some((path) => area.path.startsWith(path)))
    return refuse('invalid', 'Choose an area of your own.', [{ path: 'form.areaId', message: 'not in your area' }])
  if (existing && !(await loadHousehold(parts, existing.id, paths))) return refuse('not-found')
  const { access, ...plain } = form
  const data = {
    ...plain,
    search: searchText([addressLine(form)]),
    ...(access !== null && { accessSealed: access ? new Uint8Array(seal.seal(access)) : null }),
  }
  const id = existing?.id ?? v7()
  const saved = await prisma.$transaction(async (tx) => {
    if (!existing) {
      await tx.household.create({ data: { id, ...data } })
      return true
    }
    const { count } = await tx.household.updateMany({
      where: { id, version: existing.version },
      data: { ...data, version: { increment: 1 } },
    })
    if (count === 0) return false
    // Who lives there is found by the new address and lies in its area.
    for (const resident of await tx.resident.findMany({ where: { householdId: id } })) {
      await tx.resident.update({
        where: { id: resident.id },
        data: { areaId: form.areaId, search: residentSearch(resident, addressLine(form)) },
      })
    }
    return true
  })
  if (!saved) return stale()
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'household',
    subjectId: id,
  })
  const row = await loadHousehold(parts, id, paths)
  return row ? householdView(row) : refuse('not-found')
}

/** The door code, on a click that is written down first. */
export async function revealAccess(
  parts: Parts,
  caller: Caller,
  householdId: string,
  reason: string,
): Promise<{ access: string } | Refusal> {
  const household = await loadHousehold(parts, householdId, caller.pathsFor('reveal-access'))
  if (!household) return refuse('not-found')
  await audit(parts, {
    accountId: caller.id,
    action: 'reveal-access',
    subjectKind: 'household',
    subjectId: householdId,
    reason,
  })
  return { access: household.accessSealed ? parts.seal.open(household.accessSealed) : '' }
}
