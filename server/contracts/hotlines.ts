import { z } from 'zod'
import { versioned } from './access.ts'
import { route } from './route.ts'
import { promptLocales } from './voice.ts'

/** A number that people dial. What is dialled and stands in no row is answered all the same, as the district's. */
export const hotlineForm = z.object({
  /** As the carrier says it was dialled: digits, with + when it is a whole number. */
  number: z
    .string()
    .trim()
    .regex(/^\+?\d{3,15}$/),
  name: z.string().trim().min(1).max(60),
  nameEn: z.string().trim().min(1).max(80),
  /** Where callers belong of whom nothing is known. */
  areaId: z.uuid(),
  /** In which language they are greeted. */
  locale: z.enum(promptLocales),
  active: z.boolean(),
})
export const hotlineView = hotlineForm.extend({ id: z.uuid(), version: z.number().int() })
export type HotlineForm = z.infer<typeof hotlineForm>
export type HotlineView = z.infer<typeof hotlineView>

/** A number from which nothing but nuisance came: its calls come after all others, for a time, and are never refused. */
export const nuisanceForm = z.object({
  reason: z.string().trim().min(3).max(200),
  hours: z.number().int().min(1).max(168),
})
export const nuisanceView = z.object({
  id: z.uuid(),
  number: z.string(),
  reason: z.string(),
  byName: z.string(),
  since: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type NuisanceView = z.infer<typeof nuisanceView>

export const hotlineRoutes = {
  hotlines: route({
    method: 'GET',
    path: '/hotlines',
    permission: 'signed-in',
    summary: 'The numbers that people dial',
    reply: z.object({ items: z.array(hotlineView), next: z.null() }),
  }),
  createHotline: route({
    method: 'POST',
    path: '/hotlines',
    permission: 'administer',
    summary: 'Add a number',
    body: hotlineForm,
    reply: hotlineView,
  }),
  updateHotline: route({
    method: 'PUT',
    path: '/hotlines/:id',
    permission: 'administer',
    summary: 'Change a number',
    params: z.object({ id: z.uuid() }),
    body: versioned(hotlineForm),
    reply: hotlineView,
  }),
  nuisances: route({
    method: 'GET',
    path: '/nuisances',
    permission: 'supervise',
    summary: 'Numbers that are marked as nuisance now',
    reply: z.object({ items: z.array(nuisanceView), next: z.null() }),
  }),
  markNuisance: route({
    method: 'POST',
    path: '/calls/:id/nuisance',
    permission: 'supervise',
    summary: 'Mark the number of this call as nuisance, with a reason and for so many hours; never one of a life line',
    params: z.object({ id: z.uuid() }),
    body: nuisanceForm,
    reply: nuisanceView,
  }),
  endNuisance: route({
    method: 'DELETE',
    path: '/nuisances/:id',
    permission: 'supervise',
    summary: 'The number is an ordinary one again',
    params: z.object({ id: z.uuid() }),
    reply: z.object({}),
  }),
}
