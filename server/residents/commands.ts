import { v7 } from 'uuid'
import type { Prisma } from '../../prisma/generated/client.ts'
import { audit } from '../access/audit.ts'
import type { ContactView, HouseholdForm, HouseholdView, ResidentForm, ResidentView } from '../contracts/residents.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField } from '../platform/phone.ts'
import { placeField } from '../platform/place.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { searchText } from '../platform/search-text.ts'
import { contactRows } from './contacts.ts'
import { inScope, loadHousehold, loadResidentView } from './queries.ts'
import { addressLine, contactView, householdView } from './view.ts'

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

/** Devices go where their residents live: a press is routed by the area of the device. */
async function moveDevices(tx: Prisma.TransactionClient, residents: string[], areaId: string): Promise<void> {
  await tx.device.updateMany({
    where: { residentId: { in: residents }, areaId: { not: areaId } },
    data: { areaId, version: { increment: 1 } },
  })
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
      { path: 'form.householdId', message: 'not-in-your-area' },
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
    ...(healthNotes !== null && { healthSealed: healthNotes ? new Uint8Array(seal.seal(healthNotes)) : null }),
  }
  const id = existing?.id ?? v7()
  const saved = await prisma.$transaction(async (tx) => {
    // The address stays as it is until the search text that repeats it is committed.
    await tx.$queryRaw`SELECT 1 FROM household WHERE id = ${householdId}::uuid FOR SHARE`
    const home = await tx.household.findUniqueOrThrow({ where: { id: householdId } })
    if (home.areaId !== household.areaId) return false
    const full = { ...data, search: residentSearch(form, addressLine(home)) }
    if (existing) {
      const { count } = await tx.resident.updateMany({
        where: { id, version: existing.version },
        data: { ...full, version: { increment: 1 } },
      })
      if (count === 0) return false
      await moveDevices(tx, [id], home.areaId)
    } else await tx.resident.create({ data: { id, ...full } })
    const before = await tx.contact.findMany({ where: { residentId: id }, orderBy: { position: 'asc' } })
    await tx.contact.deleteMany({ where: { residentId: id } })
    await tx.contact.createMany({ data: contactRows(id, contacts, before, v7) })
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
    return refuse('invalid', 'Choose an area of your own.', [{ path: 'form.areaId', message: 'not-in-your-area' }])
  if (existing && !(await loadHousehold(parts, existing.id, paths))) return refuse('not-found')
  // At the centre of its area it stands until somebody knows better.
  const inMiddle = form.lat === area.lat && form.lon === area.lon
  const misplaced = inMiddle ? undefined : placeField(form, area)
  if (misplaced) return misplaced
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
    // Who lives there is found by the new address and lies in its area, and so do their devices.
    const residents = await tx.resident.findMany({ where: { householdId: id } })
    for (const resident of residents) {
      await tx.resident.updateMany({
        where: { id: resident.id, householdId: id }, // not one who has moved out meanwhile
        data: { areaId: form.areaId, search: residentSearch(resident, addressLine(form)) },
      })
    }
    const still = await tx.resident.findMany({ where: { householdId: id }, select: { id: true } })
    await moveDevices(
      tx,
      still.map((resident) => resident.id),
      form.areaId,
    )
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

/** What came of calling a contact. The audit names the resident, whose matter it is, and the incident as the reason. */
export async function recordContactResult(
  parts: Parts,
  caller: Caller,
  id: string,
  { result, incidentId }: { result: NonNullable<ContactView['lastResult']>; incidentId: string | null },
): Promise<ContactView | Refusal> {
  const { prisma, clock } = parts
  const contact = await prisma.contact.findFirst({
    where: { id, resident: inScope(caller.pathsFor('handle-incident')) },
  })
  if (!contact) return refuse('not-found')
  const reached = result === 'reached' ? { lastReachedAt: clock.now() } : {}
  const row = await prisma.contact.update({ where: { id }, data: { lastResult: result, ...reached } })
  await audit(parts, {
    accountId: caller.id,
    action: `contact-${result}`,
    subjectKind: 'resident',
    subjectId: contact.residentId,
    reason: incidentId && `incident ${incidentId}`,
  })
  return contactView(row)
}
