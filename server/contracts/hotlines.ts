import { z } from 'zod'
import { versioned } from './access.ts'
import { route } from './route.ts'
import { typed } from './text.ts'
import { promptLocales } from './voice.ts'

/** HH:MM on the clock of the centre. */
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)
/** An end that is not later than its beginning lies on the next day; the same twice is round the clock. */
const hoursOfDay = z.object({ from: clockTime, to: clockTime })
/** Monday is 1. A single date takes the place of its weekday; null: closed. Without a week it is open on all other days. */
export const openingHours = z.object({
  week: z.array(hoursOfDay.extend({ day: z.number().int().min(1).max(7) })).max(21),
  dates: z.array(z.object({ date: z.iso.date(), open: hoursOfDay.nullable() })).max(60),
})
export type OpeningHours = z.infer<typeof openingHours>

/** Free beside the keys that everybody has while waiting (calls/keypad). */
export const menuKeys = ['3', '4', '6'] as const
export const menuChoice = z.object({ key: z.enum(menuKeys), catalogueCode: z.string().min(1).max(60) })
export type MenuChoice = z.infer<typeof menuChoice>

/** A number that people dial. What is dialled and stands in no row is answered all the same, as the district's. */
export const hotlineForm = z.object({
  /** As the carrier says it was dialled: digits, with + when it is a whole number. */
  number: z
    .string()
    .trim()
    .regex(/^\+?\d{3,15}$/),
  name: typed().min(1).max(60),
  nameEn: typed().min(1).max(80),
  /** Where callers belong of whom nothing is known. */
  areaId: z.uuid(),
  /** In which language they are greeted. */
  locale: z.enum(promptLocales),
  active: z.boolean(),
  /** Left empty: always open. */
  hours: openingHours.default({ week: [], dates: [] }),
  /** What callers can say by a key that they need; announced once its words are recorded (prompt `menu@number`). */
  menu: z
    .array(menuChoice)
    .max(menuKeys.length)
    .refine((choices) => new Set(choices.map(({ key }) => key)).size === choices.length, 'each key once')
    .default([]),
  /** Rung into a call that nobody answers. */
  overflowNumber: typed().max(30).nullable().default(null),
  /** After how long, while somebody is on duty; when nobody is, at once. */
  overflowMinutes: z.number().int().min(1).max(60).default(5),
})
export const hotlineView = hotlineForm.extend({
  id: z.uuid(),
  version: z.number().int(),
  /** Now, and until when; null: for as long as the hours say anything. */
  state: z.object({ open: z.boolean(), until: z.iso.datetime().nullable() }),
})
export type HotlineForm = z.infer<typeof hotlineForm>
export type HotlineView = z.infer<typeof hotlineView>

/** A number from which nothing but nuisance came: its calls come after all others, for a time, and are never refused. */
export const nuisanceForm = z.object({
  reason: typed().min(3).max(200),
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
