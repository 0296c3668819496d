import { z } from 'zod'
import { versioned } from './access.ts'
import { day, idParams, page, pageQuery, route, searchWords } from './route.ts'
import { typed } from './text.ts'
import { contactResults, hearings, languages, mobilities, risks, sexes, speeches } from './vocabulary.ts'

const phone = typed().min(3).max(30)

export const householdForm = z.object({
  areaId: z.uuid(),
  address: typed().min(1).max(120),
  building: typed().max(40),
  entrance: typed().max(40),
  floor: z.number().int().min(-5).max(120).nullable(),
  room: typed().max(40),
  lift: z.boolean(),
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  /** Door code, key safe. Write-only: null leaves it as it is, '' removes it; read it by `revealAccess`, which is audited. */
  access: z.string().max(300).nullable(),
})
export const householdView = householdForm.omit({ access: true }).extend({
  id: z.uuid(),
  hasAccess: z.boolean(),
  residents: z.number().int(),
  version: z.number().int(),
})
export type HouseholdForm = z.infer<typeof householdForm>
export type HouseholdView = z.infer<typeof householdView>

export const contactForm = z.object({
  name: typed().min(1).max(60),
  relation: typed().min(1).max(40),
  phone,
  keyholder: z.boolean(),
  hours: typed().max(60),
  minutesAway: z.number().int().min(0).max(1440).nullable(),
})
export const contactView = contactForm.extend({
  id: z.uuid(),
  position: z.number().int(),
  lastReachedAt: z.iso.datetime().nullable(),
  lastResult: z.enum(contactResults).nullable(),
})
export type ContactView = z.infer<typeof contactView>

export const residentForm = z.object({
  householdId: z.uuid(),
  name: typed().min(1).max(60),
  nameToUse: typed().max(60),
  sex: z.enum(sexes),
  birthDate: day.nullable(),
  phone: phone.nullable(),
  languages: z.array(z.enum(languages)).min(1),
  hearing: z.enum(hearings),
  speech: z.enum(speeches),
  mobility: z.enum(mobilities),
  risks: z.array(z.enum(risks)),
  standingInstruction: typed().max(500),
  /** Null leaves the notes as they are (a form opened without them); '' removes them. */
  healthNotes: z.string().max(2000).nullable(),
  /** The class below which no signal from this resident is ranked; 1 = life. */
  lineClass: z.number().int().min(1).max(3),
  familyConsent: z.boolean(),
  reviewDue: day.nullable(),
  active: z.boolean(),
  /** In the order they are to be called. */
  contacts: z.array(contactForm).max(12),
})
export type ResidentForm = z.infer<typeof residentForm>

/** A row of a search; enough to find, not to know. */
export const residentRow = z.object({
  id: z.uuid(),
  name: z.string(),
  birthDate: day.nullable(),
  areaId: z.uuid(),
  address: z.string(),
  phone: z.string().nullable(),
  risks: z.array(z.enum(risks)),
  devices: z.number().int(),
  reviewDue: day.nullable(),
  active: z.boolean(),
})
export type ResidentRow = z.infer<typeof residentRow>

export const residentDevice = z.object({
  id: z.uuid(),
  kind: z.string(),
  room: z.string(),
  state: z.string(),
  battery: z.number().nullable(),
  lastHeardAt: z.iso.datetime().nullable(),
  lastGoodTestAt: z.iso.datetime().nullable(),
})
export const residentView = residentForm.omit({ contacts: true }).extend({
  id: z.uuid(),
  areaId: z.uuid(),
  household: householdView,
  contacts: z.array(contactView),
  devices: z.array(residentDevice),
  version: z.number().int(),
})
export type ResidentView = z.infer<typeof residentView>

export const residentRoutes = {
  residents: route({
    method: 'GET',
    path: '/residents',
    slow: true,
    permission: 'read-file',
    summary: 'Search residents by name, pinyin, initials, number or address',
    query: pageQuery.extend({ q: searchWords.optional(), areaId: z.uuid().optional() }),
    reply: page(residentRow),
  }),
  resident: route({
    method: 'GET',
    path: '/residents/:id',
    permission: 'read-file',
    summary: 'One file; the look is audited',
    params: idParams,
    reply: residentView,
  }),
  createResident: route({
    method: 'POST',
    path: '/residents',
    permission: 'write-file',
    summary: 'Add a resident',
    body: residentForm,
    reply: residentView,
  }),
  updateResident: route({
    method: 'PUT',
    path: '/residents/:id',
    permission: 'write-file',
    summary: 'Change a resident',
    params: idParams,
    body: versioned(residentForm),
    reply: residentView,
  }),
  households: route({
    method: 'GET',
    path: '/households',
    slow: true,
    permission: 'read-file',
    summary: 'Search households by address',
    query: pageQuery.extend({ q: searchWords.optional(), areaId: z.uuid().optional() }),
    reply: page(householdView),
  }),
  household: route({
    method: 'GET',
    path: '/households/:id',
    permission: 'read-file',
    summary: 'One household',
    params: idParams,
    reply: householdView,
  }),
  createHousehold: route({
    method: 'POST',
    path: '/households',
    permission: 'write-file',
    summary: 'Add a household',
    body: householdForm,
    reply: householdView,
  }),
  updateHousehold: route({
    method: 'PUT',
    path: '/households/:id',
    permission: 'write-file',
    summary: 'Change a household',
    params: idParams,
    body: versioned(householdForm),
    reply: householdView,
  }),
  revealAccess: route({
    method: 'POST',
    path: '/households/:id/reveal-access',
    permission: 'reveal-access',
    summary: 'Show the door code; audited',
    params: idParams,
    body: z.object({ incidentId: z.uuid().nullable(), reason: typed().max(200).default('') }),
    reply: z.object({ access: z.string() }),
  }),
  recordContactResult: route({
    method: 'POST',
    path: '/contacts/:id/result',
    permission: 'handle-incident',
    summary: 'Result of calling a contact, in one key',
    params: idParams,
    body: z.object({ result: z.enum(contactResults), incidentId: z.uuid().nullable() }),
    reply: contactView,
  }),
}
